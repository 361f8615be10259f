//! Calls of gRPC as routes: reading, answering, who may, and how many at once.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use axum::routing::{MethodRouter, post};
use futures::Stream;
use prost::Message;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tonic::server::Grpc;
use tonic::{Status, Streaming};
use tonic_prost::ProstCodec;
use tower::service_fn;
use tracing::Span;
use trunkline_web::{Caller, Gate};

use crate::Reapi;
use crate::error::{ReapiError, refused};

/// Bytes of a message that comes. Twice what clients take of an answer, since a batch of small contents has longer names than contents.
const MESSAGE: usize = 8 << 20;
/// Bytes of a message that brings a piece of a content.
const WRITTEN: usize = 4 << 20;
/// How long a call may take that is no stream.
const CALL: Duration = Duration::from_secs(60);
/// How long a call waits for its turn.
const TURN: Duration = Duration::from_secs(30);

/// What goes out in pieces.
pub(crate) type Pieces<R> = Pin<Box<dyn Stream<Item = Result<R, Status>> + Send>>;

/// Lets a call through once its credential is known, and gives its handler the caller.
pub(crate) async fn admit(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    match gate.admit(&parts).await {
        Ok(caller) => {
            Span::current().record("principal", caller.id.as_str());
            parts.extensions.insert(caller);
            next.run(Request::from_parts(parts, body)).await
        }
        Err(problem) => refused(&problem).into_http(),
    }
}

/// A turn among those that may be worked on at once.
pub(crate) async fn turn(
    turns: &Arc<Semaphore>,
    what: &'static str,
) -> Result<OwnedSemaphorePermit, ReapiError> {
    match timeout(TURN, Arc::clone(turns).acquire_owned()).await {
        Ok(turn) => turn.map_err(|_| ReapiError::Stopped),
        Err(_) => Err(ReapiError::Busy(what)),
    }
}

/// Lets only so many calls be read and worked on at once, and each only for so long.
pub(crate) async fn seat(
    State(calls): State<Arc<Semaphore>>,
    request: Request,
    next: Next,
) -> Response {
    let _turn = match turn(&calls, "calls").await {
        Ok(turn) => turn,
        Err(error) => return Status::from(error).into_http(),
    };
    match timeout(CALL, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Status::from(ReapiError::Late(CALL.as_secs())).into_http(),
    }
}

fn caller_of<T>(request: &tonic::Request<T>) -> Result<Caller, Status> {
    let caller = request.extensions().get::<Caller>().cloned();
    caller.ok_or_else(|| Status::unauthenticated("the request has no credential"))
}

/// A call with one message and one answer.
pub(crate) fn unary<M, R, F, A>(handle: F) -> MethodRouter<Reapi>
where
    M: Message + Default + 'static,
    R: Message + Default + 'static,
    F: Fn(Reapi, Caller, M) -> A + Copy + Send + Sync + 'static,
    A: Future<Output = Result<R, ReapiError>> + Send + 'static,
{
    post(
        move |State(cache): State<Reapi>, request: Request| async move {
            let call = service_fn(move |request: tonic::Request<M>| {
                let cache = cache.clone();
                async move {
                    let caller = caller_of(&request)?;
                    let answer = handle(cache, caller, request.into_inner()).await?;
                    Ok::<_, Status>(tonic::Response::new(answer))
                }
            });
            let mut grpc = Grpc::new(ProstCodec::<R, M>::default());
            grpc = grpc.max_decoding_message_size(MESSAGE);
            grpc.unary(call, request).await.map(Body::new)
        },
    )
}

/// A call with one message that is answered in pieces.
pub(crate) fn send<M, R, F, A>(handle: F) -> MethodRouter<Reapi>
where
    M: Message + Default + 'static,
    R: Message + Default + 'static,
    F: Fn(Reapi, Caller, M) -> A + Copy + Send + Sync + 'static,
    A: Future<Output = Result<Pieces<R>, ReapiError>> + Send + 'static,
{
    post(
        move |State(cache): State<Reapi>, request: Request| async move {
            let call = service_fn(move |request: tonic::Request<M>| {
                let cache = cache.clone();
                async move {
                    let caller = caller_of(&request)?;
                    let pieces = handle(cache, caller, request.into_inner()).await?;
                    Ok::<_, Status>(tonic::Response::new(pieces))
                }
            });
            let mut grpc = Grpc::new(ProstCodec::<R, M>::default());
            grpc = grpc.max_decoding_message_size(WRITTEN);
            grpc.server_streaming(call, request).await.map(Body::new)
        },
    )
}

/// A call that comes in pieces and has one answer.
pub(crate) fn receive<M, R, F, A>(handle: F) -> MethodRouter<Reapi>
where
    M: Message + Default + 'static,
    R: Message + Default + 'static,
    F: Fn(Reapi, Caller, Streaming<M>) -> A + Copy + Send + Sync + 'static,
    A: Future<Output = Result<R, ReapiError>> + Send + 'static,
{
    post(
        move |State(cache): State<Reapi>, request: Request| async move {
            let call = service_fn(move |request: tonic::Request<Streaming<M>>| {
                let cache = cache.clone();
                async move {
                    let caller = caller_of(&request)?;
                    let answer = handle(cache, caller, request.into_inner()).await?;
                    Ok::<_, Status>(tonic::Response::new(answer))
                }
            });
            let mut grpc = Grpc::new(ProstCodec::<R, M>::default());
            grpc = grpc.max_decoding_message_size(WRITTEN);
            grpc.client_streaming(call, request).await.map(Body::new)
        },
    )
}
