//! The shared cache for tools that people have already: Turborepo's `/v8/artifacts` and Nx's `/v1/cache`.
//!
//! What a caller puts in is the caller's own, and seen by nobody else. Whoever may `cache.trust`, such as the account of a build server, puts
//! it where everybody sees it. Contents are never changed: the first under a name stays.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use serde::{Deserialize, Serialize};
use serde_json::json;
use trunkline_model::{Coded as _, action, code};
use trunkline_task::{Blob, Namespace, Store, TaskError};
use trunkline_web::{Caller, Path, Problem, Reply};

/// Bytes of one content.
const MOST: usize = 512 << 20;
/// Letters of a name.
const NAME: usize = 128;
/// What Turborepo says beside a content.
const TAG: HeaderName = HeaderName::from_static("x-artifact-tag");
/// How long the task took that made it, in milliseconds.
const DURATION: HeaderName = HeaderName::from_static("x-artifact-duration");

/// What is kept beside a content.
#[derive(Default, Serialize, Deserialize)]
struct Beside {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tag: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    duration: Option<String>,
}

/// The routes of both tools, which must stand behind [`trunkline_web::require_credential`].
pub fn routes(store: Store) -> Router {
    Router::new()
        .route("/v8/artifacts/status", get(status))
        .route("/v8/artifacts/events", post(events))
        .route("/v8/artifacts/{hash}", get(turbo_get).put(turbo_put))
        .route("/v1/cache/{hash}", get(nx_get).put(nx_put))
        .with_state(Arc::new(store))
}

fn failed(error: &TaskError) -> Problem {
    Problem::new(error.code(), error.to_string())
}

/// Whose contents the caller writes.
fn own(caller: &Caller) -> Namespace {
    if caller.decide(&action::CACHE_TRUST, "").is_allowed() {
        Namespace::Trusted
    } else {
        Namespace::User(caller.id.clone())
    }
}

/// The name that a tool's key has here; those of two tools are never the same.
fn name(tool: &str, hash: &str) -> Reply<String> {
    let fits = !hash.is_empty()
        && hash.len() <= NAME
        && hash
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if fits {
        return Ok(format!("{tool}:{hash}"));
    }
    Err(Problem::new(
        &code::TASK_UNKNOWN,
        "a key has letters, digits, `-` and `_`, at most 128",
    ))
}

/// Turborepo asks whether there is a cache at all.
async fn status(caller: Caller) -> Reply<Response> {
    caller.require(&action::CACHE_READ, "")?;
    Ok(axum::Json(json!({"status": "enabled"})).into_response())
}

/// Turborepo tells what it found; the gateway's own figures say more.
async fn events(caller: Caller) -> Reply<StatusCode> {
    caller.require(&action::CACHE_READ, "")?;
    Ok(StatusCode::OK)
}

async fn find(store: &Arc<Store>, caller: &Caller, name: String) -> Reply<Option<Blob>> {
    caller.require(&action::CACHE_READ, "")?;
    let (store, reader) = (Arc::clone(store), Namespace::User(caller.id.clone()));
    let found = tokio::task::spawn_blocking(move || store.blob(&reader, &name)).await;
    let found = found.map_err(|error| Problem::new(&code::WEB_INTERNAL, error.to_string()))?;
    found.map_err(|error| failed(&error))
}

async fn content(store: &Arc<Store>, blob: &Blob) -> Reply<Option<Vec<u8>>> {
    let (store, blob) = (Arc::clone(store), blob.clone());
    let read = tokio::task::spawn_blocking(move || store.blob_bytes(&blob)).await;
    read.map_err(|error| Problem::new(&code::WEB_INTERNAL, error.to_string()))
}

async fn keep(
    store: &Arc<Store>,
    caller: &Caller,
    name: String,
    beside: &Beside,
    body: Body,
) -> Reply<bool> {
    caller.require(&action::CACHE_WRITE, "")?;
    let bytes = to_bytes(body, MOST).await.map_err(|_| {
        Problem::new(
            &code::WEB_BODY_TOO_LARGE,
            format!("a result has at most {MOST} bytes"),
        )
    })?;
    let tag = serde_json::to_string(beside).unwrap_or_default();
    let (store, of) = (Arc::clone(store), own(caller));
    let kept = tokio::task::spawn_blocking(move || {
        if store.blob(&of, &name)?.is_some() {
            return Ok(false);
        }
        store.put_blob(&of, &name, &tag, &bytes[..])?;
        Ok(true)
    });
    let kept = kept
        .await
        .map_err(|error| Problem::new(&code::WEB_INTERNAL, error.to_string()))?;
    kept.map_err(|error: TaskError| failed(&error))
}

fn missing() -> Response {
    StatusCode::NOT_FOUND.into_response()
}

async fn turbo_get(
    State(store): State<Arc<Store>>,
    caller: Caller,
    Path(hash): Path<String>,
    method: Method,
) -> Reply<Response> {
    let Some(blob) = find(&store, &caller, name("turbo", &hash)?).await? else {
        return Ok(missing());
    };
    let beside: Beside = serde_json::from_str(&blob.tag).unwrap_or_default();
    let mut response = if method == Method::HEAD {
        StatusCode::OK.into_response()
    } else {
        match content(&store, &blob).await? {
            Some(bytes) => bytes.into_response(),
            None => return Ok(missing()),
        }
    };
    let headers = response.headers_mut();
    for (header, value) in [(TAG, beside.tag), (DURATION, beside.duration)] {
        if let Some(value) = value.and_then(|value| value.parse().ok()) {
            headers.insert(header, value);
        }
    }
    Ok(response)
}

async fn turbo_put(
    State(store): State<Arc<Store>>,
    caller: Caller,
    Path(hash): Path<String>,
    headers: HeaderMap,
    request: Request,
) -> Reply<Response> {
    let text = |name: &HeaderName| {
        let value = headers.get(name)?.to_str().ok()?;
        Some(value.chars().take(1_000).collect())
    };
    let beside = Beside {
        tag: text(&TAG),
        duration: text(&DURATION),
    };
    keep(
        &store,
        &caller,
        name("turbo", &hash)?,
        &beside,
        request.into_body(),
    )
    .await?;
    let told = json!({"urls": [format!("/v8/artifacts/{hash}")]});
    Ok((StatusCode::ACCEPTED, axum::Json(told)).into_response())
}

async fn nx_get(
    State(store): State<Arc<Store>>,
    caller: Caller,
    Path(hash): Path<String>,
) -> Reply<Response> {
    let Some(blob) = find(&store, &caller, name("nx", &hash)?).await? else {
        return Ok(missing());
    };
    Ok(match content(&store, &blob).await? {
        Some(bytes) => {
            ([(header::CONTENT_TYPE, "application/octet-stream")], bytes).into_response()
        }
        None => missing(),
    })
}

async fn nx_put(
    State(store): State<Arc<Store>>,
    caller: Caller,
    Path(hash): Path<String>,
    request: Request,
) -> Reply<StatusCode> {
    let new = keep(
        &store,
        &caller,
        name("nx", &hash)?,
        &Beside::default(),
        request.into_body(),
    )
    .await?;
    // Nx wants to be told that the first one stays.
    Ok(if new {
        StatusCode::OK
    } else {
        StatusCode::CONFLICT
    })
}
