//! `/git/{repository}/info/lfs`, as git-lfs finds it beside a repository.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures::StreamExt as _;
use serde::de::DeserializeOwned;
use serde_json::json;
use trunkline_model::action;
use trunkline_web::{Caller, Path, Problem};

use crate::LfsError;
use crate::batch::{BatchRequest, Named, Operation};
use crate::objects::{LargeFiles, is_oid};
use crate::receive::Announced;

/// The media type of all that LFS says.
const LFS_JSON: HeaderValue = HeaderValue::from_static("application/vnd.git-lfs+json");
/// After how long it makes sense to try again where there are too many.
const AGAIN: Duration = Duration::from_secs(5);
/// Bytes of a question.
const QUESTION: usize = 1 << 20;

/// A refusal in the words that git-lfs shows to its user.
struct Refused(Problem);

impl From<LfsError> for Refused {
    fn from(error: LfsError) -> Self {
        let problem = Problem::from_error(&error);
        Self(match error {
            LfsError::Busy(_) => problem.retry_after(AGAIN),
            _ => problem,
        })
    }
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let message = format!("{} ({})", self.0.detail(), self.0.code());
        let mut response = self.0.with("message", message).into_response();
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, LFS_JSON);
        response
    }
}

type Reply<T> = Result<T, Refused>;

/// The name of a repository in an address, with or without its ending.
fn plain(name: &str) -> &str {
    name.strip_suffix(".git").unwrap_or(name)
}

async fn question<T: DeserializeOwned>(request: Request) -> Reply<T> {
    let body = to_bytes(request.into_body(), QUESTION).await;
    let body =
        body.map_err(|_| LfsError::Invalid(format!("a question has at most {QUESTION} bytes")))?;
    let read = serde_json::from_slice(&body);
    Ok(read.map_err(|error| LfsError::Invalid(format!("the question cannot be read: {error}")))?)
}

fn lfs_json(value: impl IntoResponse) -> Response {
    let mut response = value.into_response();
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, LFS_JSON);
    response
}

/// Which files are to be sent or fetched.
async fn batch(
    State(files): State<Arc<LargeFiles>>,
    caller: Caller,
    Path(name): Path<String>,
    request: Request,
) -> Reply<Response> {
    let name = plain(&name);
    caller.require(&action::REPOSITORY_READ, name)?;
    let headers = request.headers().clone();
    let wanted: BatchRequest = question(request).await?;
    if wanted.operation == Operation::Upload {
        caller.require(&action::CHANGE_PUSH, name)?;
    }
    let answer = files.batch(name, wanted, &headers).await?;
    Ok(lfs_json(Json(answer)))
}

/// Whether a file arrived.
async fn verify(
    State(files): State<Arc<LargeFiles>>,
    caller: Caller,
    Path(name): Path<String>,
    request: Request,
) -> Reply<Response> {
    let name = plain(&name);
    caller.require(&action::CHANGE_PUSH, name)?;
    let named: Named = question(request).await?;
    files.verify(name, &named).await?;
    Ok(lfs_json(Json(json!({}))))
}

/// A file from a client.
async fn upload(
    State(files): State<Arc<LargeFiles>>,
    caller: Caller,
    Path((name, oid)): Path<(String, String)>,
    headers: HeaderMap,
    content: Body,
) -> Reply<Response> {
    let name = plain(&name);
    caller.require(&action::CHANGE_PUSH, name)?;
    let identity = files.identity(name)?;
    require_oid(&oid)?;
    let length = headers.get(header::CONTENT_LENGTH);
    let length = length.and_then(|value| value.to_str().ok()?.parse().ok());
    let bytes = length.ok_or_else(|| LfsError::Invalid("`Content-Length` is missing".into()))?;
    let announced = Announced {
        repository: name.to_owned(),
        identity,
        oid,
        bytes,
    };
    files.put(announced, content, &caller.id).await?;
    Ok(StatusCode::OK.into_response())
}

/// A file to a client, or the rest of one that broke off.
async fn download(
    State(files): State<Arc<LargeFiles>>,
    caller: Caller,
    Path((name, oid)): Path<(String, String)>,
    headers: HeaderMap,
) -> Reply<Response> {
    let name = plain(&name);
    caller.require(&action::REPOSITORY_READ, name)?;
    let identity = files.identity(name)?;
    require_oid(&oid)?;
    let place = Arc::clone(&files.downloads).try_acquire_owned();
    let place = place.map_err(|_| LfsError::Busy("downloads"))?;
    let bytes = files.bytes_of(&identity, &oid).await?;
    let bytes = bytes.ok_or_else(|| LfsError::Unknown(format!("large file `{oid}`")))?;
    let from = first_byte(&headers).filter(|from| *from < bytes);
    let found = files.read(&identity, &oid, from.unwrap_or(0)).await?;
    let length = bytes - from.unwrap_or(0);
    let pieces = found.into_stream().map(move |piece| {
        // The place is given back with the last piece, or when the client goes away.
        let _held = &place;
        piece.map_err(std::io::Error::other)
    });
    let mut response = Body::from_stream(pieces).into_response();
    if let Some(from) = from {
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        let range = format!("bytes {from}-{}/{bytes}", bytes - 1);
        if let Ok(range) = HeaderValue::from_str(&range) {
            response.headers_mut().insert(header::CONTENT_RANGE, range);
        }
    }
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LENGTH, length.into());
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    // What somebody pushed must not be run by a browser at the address of the console.
    let kind = HeaderValue::from_static("application/octet-stream");
    headers.insert(header::CONTENT_TYPE, kind);
    headers.insert(
        header::CONTENT_DISPOSITION,
        HeaderValue::from_static("attachment"),
    );
    Ok(response)
}

/// Where a client goes on: LFS asks for `bytes=17-` and, since it knows the size, for `bytes=17-99`.
fn first_byte(headers: &HeaderMap) -> Option<u64> {
    let range = headers.get(header::RANGE)?.to_str().ok()?;
    let (first, _) = range.strip_prefix("bytes=")?.split_once('-')?;
    first.parse().ok()
}

fn require_oid(oid: &str) -> Result<(), LfsError> {
    if is_oid(oid) {
        return Ok(());
    }
    Err(LfsError::Invalid(
        "a file is named by its SHA-256, in small letters".into(),
    ))
}

/// The routes of this room, which must stand behind [`trunkline_web::require_credential`] and, before that,
/// [`trunkline_web::accept_basic`].
pub fn routes(files: Arc<LargeFiles>) -> Router {
    Router::new()
        .route("/git/{repository}/info/lfs/objects/batch", post(batch))
        .route(
            "/git/{repository}/info/lfs/objects/{oid}",
            get(download).put(upload),
        )
        .route("/git/{repository}/info/lfs/verify", post(verify))
        .with_state(files)
}
