//! A door in a directory of its own, at a time that the test sets.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Request, StatusCode};
use axum::middleware::from_fn_with_state;
use serde_json::{Value, json};
use tower::ServiceExt;
use trunkline_access::{
    Access, AccessConfig, AccessError, CreatedToken, NewSession, NewToken, open_routes, routes,
};
use trunkline_model::{Event, ManualClock, Principal, Scope, SeededIds, Timestamp};
use trunkline_store::outbox::{EventSink, Relay, SinkError};
use trunkline_store::{Store, StoreConfig};
use trunkline_web::{
    ClientAddress, Gate, Kit, Origins, ScopesAlone, WebConfig, fallbacks, require_credential,
};

/// Microseconds of a day.
pub(crate) const DAY: i64 = 86_400_000_000;

/// The address that most requests of a test come from.
pub(crate) const HERE: ClientAddress = ClientAddress::UNKNOWN;

/// An address in the network that is kept for examples.
pub(crate) fn elsewhere(last: u8) -> ClientAddress {
    ClientAddress([192, 0, 2, last].into())
}

/// A directory that goes away with its test.
pub(crate) struct Home {
    directory: tempfile::TempDir,
    pub(crate) clock: Arc<ManualClock>,
}

impl Home {
    pub(crate) fn new() -> Self {
        Self {
            directory: tempfile::tempdir().unwrap(),
            clock: Arc::new(ManualClock::new(Timestamp::from_millis(1_790_000_000_000))),
        }
    }

    fn file(&self) -> PathBuf {
        self.directory.path().join("control.db")
    }

    /// The file itself.
    pub(crate) async fn store(&self) -> Store {
        Store::open(&self.file(), &StoreConfig::default())
            .await
            .unwrap()
    }

    /// Opens the door as a process whose chance begins at `seed` would. Failed attempts are never forgiven, so that no test depends on
    /// how long it takes.
    pub(crate) async fn process(&self, seed: u64) -> Arc<Access> {
        self.configured(seed, |_| {}).await.unwrap()
    }

    /// As [`Self::process`], with a configuration that the test changes.
    pub(crate) async fn configured(
        &self,
        seed: u64,
        change: impl FnOnce(&mut AccessConfig),
    ) -> Result<Arc<Access>, AccessError> {
        let mut config = AccessConfig {
            failures_per_minute: 0,
            ..AccessConfig::default()
        };
        change(&mut config);
        let ids = Arc::new(SeededIds::new(seed));
        let clock = Arc::<ManualClock>::clone(&self.clock);
        Access::open(self.store().await, clock, ids, &config).await
    }

    pub(crate) async fn door(&self) -> Arc<Access> {
        self.process(1).await
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn pass_seconds(&self, seconds: i64) {
        self.clock.advance_micros(seconds * 1_000_000);
    }

    pub(crate) fn pass_days(&self, days: i64) {
        self.clock.advance_micros(days * DAY);
    }

    /// The data of the events of one type that were written by now.
    pub(crate) async fn events_of(&self, kind: &str) -> Vec<Value> {
        let kind = format!("trunkline.access.{kind}.v1");
        let mut events = self.events().await;
        events.retain(|event| event["type"] == kind.as_str());
        events.iter().map(|event| event["data"].clone()).collect()
    }

    /// The events that were written since they were last asked for, as JSON.
    pub(crate) async fn events(&self) -> Vec<Value> {
        let kept = Arc::new(Kept::default());
        let relay = Relay::new(self.store().await, Arc::<Kept>::clone(&kept));
        relay.drain().await.unwrap();
        let events = kept.0.lock().unwrap();
        events
            .iter()
            .map(|event| serde_json::to_value(event).unwrap())
            .collect()
    }
}

#[derive(Debug, Default)]
struct Kept(Mutex<Vec<Event>>);

#[async_trait::async_trait]
impl EventSink for Kept {
    async fn send(&self, event: &Event) -> Result<(), SinkError> {
        self.0.lock().unwrap().push(event.clone());
        Ok(())
    }
}

/// A token with `scopes`.
pub(crate) async fn token(door: &Access, name: &str, scopes: &[Scope]) -> CreatedToken {
    let mut wanted = NewToken::new(name);
    wanted.scopes = scopes.to_vec();
    door.create_token(&wanted, &Principal::platform())
        .await
        .unwrap()
}

/// The owner, signed in by the first start's link.
pub(crate) async fn owner_session(door: &Access) -> NewSession {
    let created = door.ensure_owner().await.unwrap().unwrap();
    door.sign_in_with_link(created.link.code.reveal(), HERE)
        .await
        .unwrap()
}

/// An answer, read to its end.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {}", self.text))
    }

    /// The cookie that the answer sets.
    pub(crate) fn cookie(&self) -> String {
        self.headers["set-cookie"].to_str().unwrap().to_owned()
    }
}

/// Sends a request to the routes as the platform composes them.
pub(crate) async fn send(
    door: &Arc<Access>,
    line: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Answer {
    send_from(door, None, 1024, line, headers, body).await
}

/// Sends a request from an address in the network that is kept for examples, with a larger body than [`send`] may.
pub(crate) async fn send_at(
    door: &Arc<Access>,
    last: u8,
    line: &str,
    headers: &[(&str, &str)],
    body: &Value,
) -> Answer {
    let mut headers = headers.to_vec();
    headers.push(("content-type", "application/json"));
    send_from(door, Some(last), 65_536, line, &headers, &body.to_string()).await
}

async fn send_from(
    door: &Arc<Access>,
    client: Option<u8>,
    max_body_bytes: usize,
    line: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Answer {
    let config = WebConfig {
        max_body_bytes,
        ..WebConfig::default()
    };
    let origins = Origins::new(&config);
    let gate = Gate::new(
        Arc::<Access>::clone(door),
        Arc::new(ScopesAlone),
        origins.clone(),
    );
    let guarded =
        routes(Arc::clone(door)).route_layer(from_fn_with_state(gate, require_credential));
    let (router, _) = open_routes(Arc::clone(door), origins)
        .merge(guarded)
        .split_for_parts();
    let clock = Arc::new(ManualClock::new(Timestamp::from_millis(1)));
    let kit = Kit::new(clock, Arc::new(SeededIds::new(9)), &config);
    let (method, path) = line.split_once(' ').unwrap();
    let mut request = Request::builder().method(method).uri(path);
    if !headers.iter().any(|(name, _)| *name == "host") {
        request = request.header("host", "localhost:7070");
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut request = request.body(Body::from(body.to_owned())).unwrap();
    if let Some(last) = client {
        let address = SocketAddr::from(([192, 0, 2, last], 40_000));
        request.extensions_mut().insert(ConnectInfo(address));
    }
    let response = kit
        .wrap(fallbacks(router, None))
        .oneshot(request)
        .await
        .unwrap();
    let (parts, body) = response.into_parts();
    let text = to_bytes(body, usize::MAX).await.unwrap();
    Answer {
        status: parts.status,
        headers: parts.headers,
        text: String::from_utf8(text.to_vec()).unwrap(),
    }
}

/// A browser that is signed in: it sends its cookie and its origin.
pub(crate) struct Browser {
    pub(crate) cookie: String,
    pub(crate) last: u8,
}

impl Browser {
    /// The browser that got this answer from a sign-in.
    pub(crate) fn of(answer: &Answer, last: u8) -> Self {
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        let cookie = answer.cookie();
        Self {
            cookie: cookie.split(';').next().unwrap().to_owned(),
            last,
        }
    }

    /// The owner, signed in by the first start's link.
    pub(crate) async fn owner(door: &Access) -> Self {
        let session = owner_session(door).await;
        Self {
            cookie: format!("trunkline_session={}", session.secret.reveal()),
            last: 1,
        }
    }

    pub(crate) async fn send(&self, door: &Arc<Access>, line: &str, body: &Value) -> Answer {
        let headers = [
            ("cookie", self.cookie.as_str()),
            ("origin", "http://localhost:7070"),
        ];
        send_at(door, self.last, line, &headers, body).await
    }

    /// Whether it is still signed in.
    pub(crate) async fn is_in(&self, door: &Arc<Access>) -> bool {
        let answer = self.send(door, "GET /v1/session", &Value::Null).await;
        answer.status == StatusCode::OK
    }

    /// What this browser's account is.
    pub(crate) async fn id(&self, door: &Arc<Access>) -> String {
        let answer = self.send(door, "GET /v1/session", &Value::Null).await;
        answer.json()["principal"]["id"]
            .as_str()
            .unwrap()
            .to_owned()
    }
}

/// A password that nobody guesses.
pub(crate) const PASSWORD: &str = "seven purple kettles hum";

/// Invites somebody as `role`, who joins with [`PASSWORD`] as `{name}@example.com`.
pub(crate) async fn join(door: &Arc<Access>, owner: &Browser, name: &str, role: &str) -> Browser {
    let email = format!("{name}@example.com");
    let wanted = json!({"email": email, "role": role});
    let made = owner.send(door, "POST /v1/invitations", &wanted).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let body = json!({"code": code_of(&made), "name": name, "password": PASSWORD});
    let joined = send_at(door, 2, "POST /v1/invitations/accept", &[], &body).await;
    Browser::of(&joined, 2)
}

/// The code behind the `=` of the address in an answer.
pub(crate) fn code_of(answer: &Answer) -> String {
    let url = answer.json()["url"].as_str().unwrap().to_owned();
    url.split_once("#")
        .unwrap()
        .1
        .split_once('=')
        .unwrap()
        .1
        .to_owned()
}

/// Tries to sign in with a password.
pub(crate) async fn sign_in(door: &Arc<Access>, last: u8, body: &Value) -> Answer {
    send_at(door, last, "POST /v1/session", &[], body).await
}

/// `value` with the members of its objects in the order of the alphabet, whatever order `serde_json` was built to keep.
pub(crate) fn sorted(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut members: Vec<(String, Value)> = members.into_iter().collect();
            members.sort_by(|one, other| one.0.cmp(&other.0));
            let members = members.into_iter();
            Value::Object(
                members
                    .map(|(name, member)| (name, sorted(member)))
                    .collect(),
            )
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        other => other,
    }
}
