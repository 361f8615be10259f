//! One connection from its first byte to its last.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};

use super::accept::Door;
use super::sniff::{Begun, sniff};
use crate::proxy::{Connection, handle};
use crate::worker::Worker;
use trunkline_scrutiny::{ConnectionState, ForwardFor, GuardedStream};

/// The most requests at once on one HTTP/2 connection.
const MOST_STREAMS: u32 = 128;

/// Serves a connection until it ends or the door closes.
pub(super) async fn run<S>(
    door: Arc<Door>,
    worker: Arc<Worker>,
    mut stream: S,
    peer: IpAddr,
    tls: bool,
) where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    // A client that says nothing is not waited for.
    let Ok(Ok((http2, begun))) = tokio::time::timeout(door.limits.head, sniff(&mut stream)).await
    else {
        return;
    };
    if begun.is_empty() {
        return;
    }
    let state = Arc::new(ConnectionState::default());
    let connection = Arc::new(Connection {
        from: ForwardFor::new(peer, tls, &worker.core.trusted_proxies),
        peer: peer.to_canonical(),
        state: Arc::clone(&state),
        protocol: if http2 { "h2" } else { "http/1.1" },
        worker,
    });
    if http2 {
        serve_http2(&door, connection, Begun { begun, stream }).await;
        return;
    }
    let guarded = GuardedStream::new(
        stream,
        begun,
        state,
        connection.worker.core.head,
        door.limits,
    );
    serve_http1(&door, connection, guarded).await;
}

async fn serve_http1<S>(door: &Door, shared: Arc<Connection>, stream: S)
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let service = service_fn(move |request| handle(Arc::clone(&shared), request));
    let connection = http1::Builder::new()
        .max_buf_size(128 * 1024)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        biased;
        ended = connection.as_mut() => ended,
        () = door.closing.cancelled() => {
            connection.as_mut().graceful_shutdown();
            tokio::time::timeout(door.drain, connection).await.unwrap_or(Ok(()))
        }
    };
    log(ended);
}

async fn serve_http2<S>(door: &Door, shared: Arc<Connection>, stream: Begun<S>)
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let service = service_fn(move |request| handle(Arc::clone(&shared), request));
    let connection = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .max_concurrent_streams(MOST_STREAMS)
        // Streams that the client resets before they are taken (rapid reset), and those that it makes us reset.
        .max_pending_accept_reset_streams(20)
        .max_local_error_reset_streams(64)
        // Also bounds what a flood of CONTINUATION frames may hold.
        .max_header_list_size(64 * 1024)
        .max_send_buf_size(256 * 1024)
        .initial_stream_window_size(256 * 1024)
        .initial_connection_window_size(1 << 20)
        .keep_alive_interval(Duration::from_secs(20))
        .keep_alive_timeout(Duration::from_secs(10))
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        biased;
        ended = connection.as_mut() => ended,
        () = door.closing.cancelled() => {
            connection.as_mut().graceful_shutdown();
            tokio::time::timeout(door.drain, connection).await.unwrap_or(Ok(()))
        }
    };
    log(ended);
}

fn log(ended: hyper::Result<()>) {
    if let Err(error) = ended {
        let error: &dyn std::error::Error = &error;
        let cause = error
            .source()
            .and_then(|source| source.downcast_ref::<io::Error>())
            .map(io::Error::kind);
        tracing::debug!(%error, ?cause, "a connection ended");
    }
}
