//! Connections, as many as there may be.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use trunkline_mqtt::{Broker, Peer};
use trunkline_web::Seats;

/// How long connections may take to end when the platform stops.
const DRAIN: Duration = Duration::from_secs(2);

/// Takes connections until `stop`, then waits a moment for their ends.
pub(crate) async fn serve(
    broker: Broker,
    listener: TcpListener,
    seats: Arc<Seats>,
    stop: CancellationToken,
) {
    let tasks = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file descriptors, most of the time: others have to end first.
                tracing::warn!(%error, "the broker cannot take a connection");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let address = peer.ip().to_canonical();
        // Without a place the connection is closed without a word; a word would cost what the limit saves.
        let Some(seat) = seats.take(address) else {
            continue;
        };
        if stream.set_nodelay(true).is_err() {
            continue;
        }
        let broker = broker.clone();
        tasks.spawn(async move {
            broker.serve(stream, Peer { address }).await;
            drop(seat);
        });
    }
    drop(listener);
    tasks.close();
    drop(tokio::time::timeout(DRAIN, tasks.wait()).await);
}
