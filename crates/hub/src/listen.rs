//! Connections, as many as there may be.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use trunkline_mqtt::{Broker, Peer};

/// How long connections may take to end when the platform stops.
const DRAIN: Duration = Duration::from_secs(2);

/// Connections for each address.
type Seats = Arc<Mutex<HashMap<IpAddr, usize>>>;

/// How many connections there may be.
#[derive(Clone, Debug)]
pub(crate) struct Room {
    all: Arc<Semaphore>,
    most_each: usize,
    taken: Seats,
}

/// A place at an address, given back when it is dropped.
struct Seat(Seats, IpAddr);

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = taken.get_mut(&self.1) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.1);
            }
        }
    }
}

impl Room {
    pub(crate) fn new(most: usize, most_each: usize) -> Self {
        Self {
            all: Arc::new(Semaphore::new(most.min(Semaphore::MAX_PERMITS))),
            most_each,
            taken: Seats::default(),
        }
    }

    fn take(&self, address: IpAddr) -> Option<Seat> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let count = taken.entry(address).or_default();
        if *count >= self.most_each {
            return None;
        }
        *count += 1;
        Some(Seat(Arc::clone(&self.taken), address))
    }
}

/// Takes connections until `stop`, then waits a moment for their ends.
pub(crate) async fn serve(
    broker: Broker,
    listener: TcpListener,
    room: Room,
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
        let (Ok(place), Some(seat)) = (
            Arc::clone(&room.all).try_acquire_owned(),
            room.take(address),
        ) else {
            continue;
        };
        if stream.set_nodelay(true).is_err() {
            continue;
        }
        let broker = broker.clone();
        tasks.spawn(async move {
            let peer = Peer {
                address,
                certificate: None,
            };
            broker.serve(stream, peer).await;
            drop((place, seat));
        });
    }
    drop(listener);
    tasks.close();
    drop(tokio::time::timeout(DRAIN, tasks.wait()).await);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_number_of_places() {
        let room = Room::new(10, 1);
        let (one, two) = (IpAddr::from([1, 1, 1, 1]), IpAddr::from([2, 2, 2, 2]));
        let seat = room.take(one);
        assert!(seat.is_some() && room.take(one).is_none() && room.take(two).is_some());
        drop(seat);
        assert!(room.take(one).is_some());
    }
}
