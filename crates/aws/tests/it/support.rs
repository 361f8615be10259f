//! The APIs over a fleet in a folder, and requests as programs sign them.

use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt as _;
use trunkline_aws::{Aws, Parts, routes};
use trunkline_fleet::{Fleet, MemoryJournal, Tell, Told};
use trunkline_model::{ManualClock, SeededIds, Timestamp};
use trunkline_signature::{Body as Signed, Request as Wire, Signer};
use trunkline_store::{Store, StoreConfig};
use trunkline_web::{Authorize, Decision, Question, ScopesAlone};

use crate::broker::Broker;
use crate::keys::{InMemory, OWNER};

/// The second at which each test begins.
pub(crate) const BEGIN: i64 = 1_780_000_000;

const HOST: &str = "trunkline.example:7070";
pub(crate) const REGION: &str = "eu-central-1";

/// Writes down what is told, and whose connections end.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    told: Mutex<Vec<Told>>,
    ended: Mutex<Vec<String>>,
}

impl Heard {
    /// The topics on which something was told since the last look.
    pub(crate) fn topics(&self) -> Vec<String> {
        let told = std::mem::take(&mut *self.told.lock().unwrap());
        told.into_iter().map(|told| told.topic).collect()
    }

    pub(crate) fn ended(&self) -> Vec<String> {
        std::mem::take(&mut self.ended.lock().unwrap())
    }
}

impl Tell for Heard {
    fn tell(&self, messages: Vec<Told>) {
        self.told.lock().unwrap().extend(messages);
    }

    fn disconnect(&self, credential: &str) {
        self.ended.lock().unwrap().push(credential.to_owned());
    }
}

/// As where no policy was written, but for one that forbids all that is done to the thing `locked`.
#[derive(Debug)]
struct OnePolicy;

impl Authorize for OnePolicy {
    fn judge(&self, question: &Question<'_>) -> Decision {
        match question.resource {
            "locked" => Decision::Deny("it is locked".into()),
            _ => ScopesAlone.judge(question),
        }
    }

    fn teams(&self) -> Vec<String> {
        Vec::new()
    }
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Reply {
    /// What was answered where it was granted.
    pub(crate) fn granted(self) -> Value {
        assert_eq!(self.status, 200, "{self:?}");
        self.body
    }

    /// The status and the exception where it was not.
    pub(crate) fn refused(&self) -> (u16, &str) {
        assert!(self.body["message"].is_string(), "{self:?}");
        let name = self.headers.get("x-amzn-errortype");
        let name = name.unwrap_or_else(|| panic!("{self:?}"));
        (self.status, name.to_str().unwrap())
    }
}

/// A request that can be changed after it was signed.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) service: &'static str,
    pub(crate) method: &'static str,
    /// Path and query.
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) key: (&'static str, &'static str),
}

impl Asked {
    pub(crate) fn new(service: &'static str, method: &'static str, path: &str) -> Self {
        Self {
            service,
            method,
            path: format!("/aws{path}"),
            headers: vec![("host".into(), HOST.into())],
            body: Vec::new(),
            key: OWNER,
        }
    }

    #[expect(
        clippy::needless_pass_by_value,
        reason = "a request reads better without a borrow"
    )]
    pub(crate) fn body(mut self, body: impl ToString) -> Self {
        self.body = body.to_string().into_bytes();
        self
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    pub(crate) fn by(mut self, key: (&'static str, &'static str)) -> Self {
        self.key = key;
        self
    }

    fn with_wire<T>(&self, look: impl FnOnce(&Wire<'_>, &Signer<'_>) -> T) -> T {
        let (path, query) = self.path.split_once('?').unwrap_or((&self.path, ""));
        let headers: Vec<(&str, &[u8])> = self
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_bytes()))
            .collect();
        let wire = Wire {
            method: self.method,
            path,
            query,
            headers: &headers,
        };
        let signer = Signer {
            access_key_id: self.key.0,
            secret: self.key.1,
            region: REGION,
            service: self.service,
        };
        look(&wire, &signer)
    }

    /// The same, signed at `now`.
    pub(crate) fn signed(mut self, now: Timestamp) -> Self {
        let added =
            self.with_wire(|wire, signer| signer.sign(wire, Signed::Bytes(&self.body), now));
        for (name, value) in added.unwrap() {
            self.headers.push((name.into(), value));
        }
        self
    }

    /// The same, with the signature in its address.
    pub(crate) fn presigned(mut self, seconds: u32, now: Timestamp) -> Self {
        let query = self.with_wire(|wire, signer| {
            signer.presign(wire, Signed::Bytes(&self.body), seconds, now)
        });
        let (path, _) = self.path.split_once('?').unwrap_or((&self.path, ""));
        self.path = format!("{path}?{}", query.unwrap());
        self
    }
}

/// The APIs with all around them.
pub(crate) struct Node {
    _folder: TempDir,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) fleet: Arc<Fleet>,
    pub(crate) heard: Arc<Heard>,
    pub(crate) broker: Arc<Broker>,
    pub(crate) keys: Arc<InMemory>,
    router: axum::Router,
}

impl Node {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::new(Timestamp::from_millis(BEGIN * 1_000)));
        let path = folder.path().join("control.db");
        let store = Store::open(&path, &StoreConfig::default()).await.unwrap();
        let ids = Arc::new(SeededIds::new(7));
        let journal = Arc::new(MemoryJournal::default());
        let opened = Fleet::open(
            store,
            Arc::clone(&clock) as _,
            Arc::clone(&ids) as _,
            journal,
        );
        let fleet = opened.await.unwrap();
        let heard = Arc::new(Heard::default());
        let broker = Arc::new(Broker::new(Arc::clone(&clock) as _));
        let keys = Arc::new(InMemory::new());
        let aws = Aws::new(Parts {
            fleet: Arc::clone(&fleet),
            tell: Arc::clone(&heard) as _,
            keys: Arc::clone(&keys) as _,
            publish: Arc::clone(&broker) as _,
            authorize: Arc::new(OnePolicy),
            clock: Arc::clone(&clock) as _,
            ids,
            endpoint: "trunkline.example".into(),
        });
        Self {
            _folder: folder,
            clock,
            fleet,
            heard,
            broker,
            keys,
            router: routes(Arc::new(aws)),
        }
    }

    /// With things `t1`, `t2` and so on.
    pub(crate) async fn with(things: usize) -> Self {
        let node = Self::new().await;
        for n in 1..=things {
            node.iot("POST", &format!("/things/t{n}"), "")
                .await
                .granted();
        }
        node
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_micros(trunkline_model::Clock::now(&*self.clock).as_micros())
    }

    /// Sends what is signed already.
    pub(crate) async fn send(&self, mut asked: Asked) -> Reply {
        let body = Body::from(std::mem::take(&mut asked.body));
        self.send_with(asked, body).await
    }

    /// The same with another body.
    pub(crate) async fn send_with(&self, asked: Asked, body: Body) -> Reply {
        let mut request = Request::builder().method(asked.method).uri(&asked.path);
        for (name, value) in &asked.headers {
            request = request.header(name, value);
        }
        let request = request.body(body).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        assert!(parts.headers.contains_key("x-amzn-requestid"));
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let body = if bytes.is_empty() {
            assert_eq!(parts.status, StatusCode::OK);
            Value::Null
        } else {
            assert_eq!(parts.headers["content-type"], "application/json");
            serde_json::from_slice(&bytes).unwrap()
        };
        Reply {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body,
        }
    }

    /// Signs and sends.
    pub(crate) async fn ask(&self, asked: Asked) -> Reply {
        self.send(asked.signed(self.now())).await
    }

    pub(crate) async fn iot(&self, method: &'static str, path: &str, body: impl ToString) -> Reply {
        self.ask(Asked::new("iot", method, path).body(body)).await
    }

    pub(crate) async fn data(
        &self,
        method: &'static str,
        path: &str,
        body: impl ToString,
    ) -> Reply {
        self.ask(Asked::new("iotdata", method, path).body(body))
            .await
    }

    pub(crate) async fn jobs(
        &self,
        method: &'static str,
        path: &str,
        body: impl ToString,
    ) -> Reply {
        self.ask(Asked::new("iot-jobs-data", method, path).body(body))
            .await
    }

    /// Lets so many seconds pass, each with a tick.
    pub(crate) async fn run(&self, seconds: usize) {
        for _ in 0..seconds {
            self.clock.advance_micros(1_000_000);
            self.fleet.tick(&*self.heard).await.unwrap();
        }
    }

    /// All entries of a list, a page of two after the other.
    pub(crate) async fn pages(&self, path: &str, member: &str) -> Vec<Value> {
        let (mut all, mut next) = (Vec::new(), None::<String>);
        loop {
            let token = next.as_deref().unwrap_or_default();
            let token = token
                .replace('+', "%2B")
                .replace('/', "%2F")
                .replace('=', "%3D");
            let path = format!("{path}maxResults=2&nextToken={token}");
            let page = self.iot("GET", &path, "");
            let page = page.await.granted();
            let entries = page[member].as_array().unwrap();
            assert!(entries.len() <= 2, "{page}");
            all.extend(entries.iter().cloned());
            match page["nextToken"].as_str() {
                None => return all,
                Some(token) => next = Some(token.to_owned()),
            }
        }
    }
}

/// The whole name of something.
pub(crate) fn arn(what: &str) -> String {
    format!("arn:aws:iot:{REGION}:000000000000:{what}")
}

/// One member of each.
pub(crate) fn each<'a>(all: &'a [Value], member: &str) -> Vec<&'a str> {
    all.iter()
        .map(|one| one[member].as_str().unwrap())
        .collect()
}
