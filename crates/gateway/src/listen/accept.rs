//! Takes connections.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::connection::run;
use crate::worker::Worker;
use trunkline_scrutiny::StreamLimits;
use trunkline_web::{Seat, Seats};

/// What all listeners share.
#[derive(Debug)]
pub(crate) struct Door {
    pub(crate) seats: Arc<Seats>,
    pub(crate) limits: StreamLimits,
    pub(crate) drain: Duration,
    /// Cancelled when no more connections are taken.
    pub(crate) closing: CancellationToken,
    pub(crate) tls: ArcSwapOption<ServerConfig>,
}

/// Listens at `address` beside other listeners of this process at the same one, so that each worker has its own queue.
pub(crate) fn bind(address: SocketAddr) -> io::Result<std::net::TcpListener> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    socket.set_reuseaddr(true)?;
    socket.set_reuseport(true)?;
    socket.bind(address)?;
    socket.listen(1024)?.into_std()
}

/// Takes connections until the door closes, then waits for those under way.
pub(crate) async fn serve(
    door: Arc<Door>,
    worker: Arc<Worker>,
    listener: std::net::TcpListener,
    tls: bool,
) -> io::Result<()> {
    let listener = TcpListener::from_std(listener)?;
    let tasks = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            () = door.closing.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file descriptors, most of the time: others have to end first.
                tracing::warn!(%error, "the gateway cannot take a connection");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        // Without a place the connection is closed without a word; a word would cost what the limit saves.
        let Some(seat) = door.seats.take(peer.ip().to_canonical()) else {
            continue;
        };
        tasks.spawn(enter(
            Arc::clone(&door),
            Arc::clone(&worker),
            stream,
            peer,
            tls,
            seat,
        ));
    }
    drop(listener);
    tasks.close();
    drop(tokio::time::timeout(door.drain + Duration::from_secs(1), tasks.wait()).await);
    Ok(())
}

async fn enter(
    door: Arc<Door>,
    worker: Arc<Worker>,
    stream: TcpStream,
    peer: SocketAddr,
    tls: bool,
    seat: Seat,
) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection went away");
        return;
    }
    if !tls {
        run(door, worker, stream, peer.ip(), false).await;
        drop(seat);
        return;
    }
    let Some(config) = door.tls.load_full() else {
        return;
    };
    let handshake = TlsAcceptor::from(config).accept(stream);
    if let Ok(Ok(stream)) = tokio::time::timeout(door.limits.head, handshake).await {
        run(door, worker, stream, peer.ip(), true).await;
    }
    drop(seat);
}
