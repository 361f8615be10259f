//! A door in a directory of its own, at a time that the test sets.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use axum::middleware::from_fn_with_state;
use serde_json::Value;
use tower::ServiceExt;
use trunkline_access::{
    Access, AccessConfig, CreatedToken, NewSession, NewToken, open_routes, routes,
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
        let config = AccessConfig {
            failures_per_minute: 0,
            ..AccessConfig::default()
        };
        let ids = Arc::new(SeededIds::new(seed));
        let clock = Arc::<ManualClock>::clone(&self.clock);
        Access::open(self.store().await, clock, ids, &config)
            .await
            .unwrap()
    }

    pub(crate) async fn door(&self) -> Arc<Access> {
        self.process(1).await
    }

    pub(crate) fn pass_days(&self, days: i64) {
        self.clock.advance_micros(days * DAY);
    }

    /// The events that were written by now, as JSON.
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
    let config = WebConfig {
        max_body_bytes: 1024,
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
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", "localhost:7070");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::from(body.to_owned())).unwrap();
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
