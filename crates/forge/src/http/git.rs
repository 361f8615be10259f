//! Git's smart protocol over HTTP, below `/git/{repository}`.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use futures::{StreamExt as _, TryStreamExt as _};
use serde::Deserialize;
use tokio::sync::mpsc;
use tokio_util::io::{ReaderStream, StreamReader};
use tower_http::decompression::RequestDecompressionLayer;
use trunkline_model::{action, code};
use trunkline_repository::{Fetched, Protocol, Push, Service};
use trunkline_web::{Caller, Path, Problem, Query, Reply};

use crate::forge::Hosted;
use crate::{Forge, ForgeError};

/// Pieces of an answer that a slow client may lag behind.
const PIECES: usize = 64;

#[derive(Deserialize)]
struct Wanted {
    service: Option<String>,
}

/// The name of a repository in an address, with or without its ending.
fn repository(forge: &Forge, name: &str) -> Reply<Arc<Hosted>> {
    Ok(forge.hosted(name.strip_suffix(".git").unwrap_or(name))?)
}

fn protocol(headers: &HeaderMap) -> Protocol {
    let header = headers.get("git-protocol");
    Protocol::asked(header.and_then(|value| value.to_str().ok()))
}

/// An answer that no one on the way keeps.
fn answer(service: Service, kind: &str, body: Body) -> Reply<Response> {
    let kind = format!("application/x-{}-{kind}", service.name());
    let mut response = body.into_response();
    let kind = HeaderValue::from_str(&kind);
    let kind = kind.map_err(|error| Problem::new(&code::WEB_INTERNAL, error.to_string()))?;
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    Ok(response)
}

/// What there is: the first request of each fetch and push.
async fn advertise(
    State(forge): State<Arc<Forge>>,
    caller: Caller,
    Path(name): Path<String>,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
) -> Reply<Response> {
    let service = wanted.service.as_deref().and_then(Service::named);
    let service = service.ok_or_else(|| {
        ForgeError::Invalid("only git's smart protocol is spoken: use git 1.6.6 or newer".into())
    })?;
    let plain = name.strip_suffix(".git").unwrap_or(&name);
    caller.require(&action::REPOSITORY_READ, plain)?;
    if service == Service::Push {
        caller.require(&action::CHANGE_PUSH, plain)?;
    }
    let hosted = repository(&forge, &name)?;
    let told = hosted.bare.advertise(service, protocol(&headers)).await;
    answer(
        service,
        "advertisement",
        told.map_err(ForgeError::from)?.into(),
    )
}

/// Objects to a client.
async fn fetch(
    State(forge): State<Arc<Forge>>,
    caller: Caller,
    Path(name): Path<String>,
    request: Request,
) -> Reply<Response> {
    caller.require(
        &action::REPOSITORY_READ,
        name.strip_suffix(".git").unwrap_or(&name),
    )?;
    let hosted = repository(&forge, &name)?;
    let place = Arc::clone(&forge.fetches).try_acquire_owned();
    let place = place.map_err(|_| ForgeError::Limit("too many fetches are under way".into()))?;
    let protocol = protocol(request.headers());
    let most = hosted.bare.limits().request_bytes;
    let body = to_bytes(request.into_body(), most).await.map_err(|_| {
        Problem::new(
            &code::WEB_BODY_TOO_LARGE,
            format!("a request for objects has at most {most} bytes"),
        )
    })?;
    let fetched = hosted.bare.fetch(body, protocol).await;
    let body = match fetched.map_err(ForgeError::from)? {
        Fetched::Whole(bytes) => bytes.into(),
        Fetched::Stream { output, mut git } => {
            let pieces = ReaderStream::new(output);
            // git goes away with the answer, whether it was read to its end or not.
            let ended = futures::stream::once(async move {
                let _waited = git.wait().await;
                drop(place);
                Ok::<_, std::io::Error>(bytes::Bytes::new())
            });
            Body::from_stream(pieces.chain(ended))
        }
    };
    answer(Service::Fetch, "result", body)
}

/// Objects from a client.
async fn push(
    State(forge): State<Arc<Forge>>,
    caller: Caller,
    Path(name): Path<String>,
    request: Request,
) -> Reply<Response> {
    caller.require(
        &action::CHANGE_PUSH,
        name.strip_suffix(".git").unwrap_or(&name),
    )?;
    let hosted = repository(&forge, &name)?;
    let place = Arc::clone(&forge.pushes).try_acquire_owned();
    let place = place.map_err(|_| ForgeError::Limit("too many pushes are under way".into()))?;
    let stream = request.into_body().into_data_stream();
    let mut input = StreamReader::new(stream.map_err(std::io::Error::other));
    let read = Push::read(&hosted.bare, &mut input).await;
    let Some(push) = read.map_err(ForgeError::from)? else {
        return answer(Service::Push, "result", Body::empty());
    };
    let admitted = forge.admit(&hosted, push, &caller)?;
    let (to, mut from) = mpsc::channel(PIECES);
    // A push that began is done, whoever listens.
    tokio::spawn(async move {
        forge.carry_out(admitted, input, to).await;
        drop(place);
    });
    let pieces = futures::stream::poll_fn(move |context| from.poll_recv(context));
    let pieces = pieces.map(Ok::<_, std::io::Error>);
    answer(Service::Push, "result", Body::from_stream(pieces))
}

pub(super) fn routes() -> Router<Arc<Forge>> {
    Router::new()
        .route("/git/{repository}/info/refs", get(advertise))
        .route("/git/{repository}/git-upload-pack", post(fetch))
        .route("/git/{repository}/git-receive-pack", post(push))
        .layer(RequestDecompressionLayer::new())
}
