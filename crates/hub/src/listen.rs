//! Connections, as many as there may be.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use trunkline_mqtt::{Arrival, Broker, Peer};
use trunkline_web::Seats;

use crate::lanes::Lanes;
use crate::tls::Tls;

/// How long connections may take to end when the platform stops.
const DRAIN: Duration = Duration::from_secs(2);
/// Handshakes that are worked on at once: each is much work, and a storm of them must not keep the broker from its clients. Those that
/// the broker does not count, which come from the loopback, wait here for their turn.
const HANDSHAKES: usize = 256;

/// A port on which the broker answers.
#[derive(Clone, Debug)]
pub(crate) struct Port {
    broker: Broker,
    seats: Arc<Seats>,
    lanes: Arc<Lanes>,
    /// Nothing where what is said travels as it is.
    tls: Option<Arc<Tls>>,
    handshakes: Arc<Semaphore>,
}

impl Port {
    pub(crate) fn new(
        broker: Broker,
        seats: Arc<Seats>,
        lanes: Arc<Lanes>,
        tls: Option<Arc<Tls>>,
    ) -> Self {
        Self {
            broker,
            seats,
            lanes,
            tls,
            handshakes: Arc::new(Semaphore::new(HANDSHAKES)),
        }
    }

    /// Takes connections until `stop`, then waits a moment for their ends.
    pub(crate) async fn serve(self, listener: TcpListener, stop: CancellationToken) {
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
            let Some(seat) = self.seats.take(address) else {
                continue;
            };
            let Some(arrival) = self.broker.arrive(address) else {
                continue;
            };
            let Ok(stream) = stream.set_nodelay(true).and_then(|()| stream.into_std()) else {
                continue;
            };
            let port = self.clone();
            let life = async move {
                // It belongs to the lane from here on.
                if let Ok(stream) = TcpStream::from_std(stream) {
                    port.connection(stream, address, arrival).await;
                }
                drop(seat);
            };
            tasks.spawn_on(life, self.lanes.next());
        }
        drop(listener);
        tasks.close();
        drop(tokio::time::timeout(DRAIN, tasks.wait()).await);
    }

    async fn connection(self, stream: TcpStream, address: IpAddr, arrival: Arrival) {
        let Some(tls) = &self.tls else {
            let certificate = None;
            let peer = Peer {
                address,
                certificate,
            };
            return self.broker.serve(stream, peer, arrival).await;
        };
        let Ok(turn) = self.handshakes.acquire().await else {
            return;
        };
        let shaken = tls.accept(stream).await;
        drop(turn);
        if let Some((stream, certificate)) = shaken {
            let peer = Peer {
                address,
                certificate,
            };
            self.broker.serve(stream, peer, arrival).await;
        }
    }
}
