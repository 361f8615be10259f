//! A small platform to send requests to.

use std::sync::Arc;

use axum::body::{Body as HttpBody, to_bytes};
use axum::extract::FromRef;
use axum::http::{HeaderMap, Request, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tower::ServiceExt;
use trunkline_model::{ManualClock, Principal, PrincipalKind, Scope, SeededIds, Timestamp, action};
use trunkline_web::{
    AuthError, Authenticate, Body, Caller, ClientAddress, Credential, Gate, Kit, Origins, Path,
    Query, Reply, ScopesAlone, WebConfig, fallbacks, require_credential,
};

/// Knows one token and one session.
#[derive(Debug)]
struct OneOfEach;

#[async_trait::async_trait]
impl Authenticate for OneOfEach {
    async fn authenticate(
        &self,
        credential: Credential<'_>,
        _client: ClientAddress,
    ) -> Result<Principal, AuthError> {
        match credential {
            Credential::Token("tl_good") | Credential::Session("good") => Ok(Principal::new(
                PrincipalKind::Token,
                "tok_1",
                "ci",
                vec![Scope::Read],
            )),
            Credential::Token("tl_hasty") => Err(AuthError::Limited {
                retry_after: std::time::Duration::from_millis(1_500),
            }),
            _ => Err(AuthError::Invalid),
        }
    }
}

#[derive(Clone)]
struct App(Origins);

impl FromRef<App> for Origins {
    fn from_ref(app: &App) -> Self {
        app.0.clone()
    }
}

#[derive(Serialize, Deserialize)]
struct Thing {
    name: String,
    #[serde(default)]
    size: u32,
}

async fn echo(Body(thing): Body<Thing>) -> Json<Thing> {
    Json(thing)
}

async fn sized(Path(id): Path<u32>, Query(thing): Query<Thing>) -> Json<Value> {
    Json(json!({"id": id, "name": thing.name, "size": thing.size}))
}

async fn secret(caller: Caller) -> String {
    caller.name.clone()
}

async fn owner(caller: Caller) -> Reply<&'static str> {
    caller.require(&action::TABLE_ERASE, "events")?;
    Ok("done")
}

async fn panics() -> &'static str {
    panic!("on purpose")
}

/// The router with every layer around it.
pub(crate) fn platform(config: &WebConfig) -> Router {
    let clock = Arc::new(ManualClock::new(Timestamp::from_millis(1_700_000_000_000)));
    let kit = Kit::new(clock, Arc::new(SeededIds::new(1)), config);
    let origins = Origins::new(config);
    let gate = Gate::new(Arc::new(OneOfEach), Arc::new(ScopesAlone), origins.clone());
    let guarded = Router::new()
        .route("/v1/secret", get(secret).post(secret))
        .route("/v1/owner", post(owner))
        .route_layer(from_fn_with_state(gate, require_credential));
    let slow =
        kit.timed(Router::new().route("/v1/never", get(std::future::pending::<&'static str>)));
    let open = Router::new()
        .route("/v1/things", post(echo))
        .route("/v1/things/{id}", get(sized))
        .route("/v1/panics", get(panics))
        .route("/v1/ungated", get(secret))
        .route(
            "/v1/sign-in",
            post(|_: trunkline_web::SameOrigin| async { "in" }),
        )
        .with_state(App(origins));
    let pages = Router::new().fallback(|| async { "the console" });
    kit.wrap(fallbacks(open.merge(guarded).merge(slow), Some(pages)))
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

    /// One header as text.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }
}

/// Sends `METHOD path` with `headers` and `body` to `router`.
pub(crate) async fn send(
    router: Router,
    line: &str,
    headers: &[(&str, &str)],
    body: impl Into<HttpBody>,
) -> Answer {
    let (method, path) = line.split_once(' ').unwrap();
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", "localhost:7070");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = router
        .oneshot(request.body(body.into()).unwrap())
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
