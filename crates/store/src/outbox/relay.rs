//! Carries events from the outbox to the log.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use super::queue::{Waiting, first, remove_up_to};
use super::{EventSink, SinkError};
use crate::{Store, StoreError};

/// Events that are read at once and removed together.
const BATCH: u32 = 64;

/// The first wait after a failure; it doubles up to [`LONGEST_WAIT`].
const SHORTEST_WAIT: Duration = Duration::from_millis(100);

/// The longest wait after a failure.
const LONGEST_WAIT: Duration = Duration::from_secs(15);

/// How long the relay carries on after the platform was told to stop.
const FAREWELL: Duration = Duration::from_secs(5);

/// Why the relay stopped on its way.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    /// The outbox could not be read or emptied.
    #[error("the outbox cannot be read or emptied")]
    Store(#[from] StoreError),
    /// An event was not taken; it stays the first of those that wait.
    #[error("the log did not take event {id}")]
    Sink {
        /// The event.
        id: String,
        /// What the log said.
        source: SinkError,
    },
}

/// Carries events to the log, in order and each at least once. There must be one relay for a file.
#[derive(Debug)]
pub struct Relay {
    store: Store,
    sink: Arc<dyn EventSink>,
}

impl Relay {
    /// A relay from the outbox of `store` to `sink`.
    #[must_use]
    pub fn new(store: Store, sink: Arc<dyn EventSink>) -> Self {
        Self { store, sink }
    }

    /// Carries events until `shutdown` is done, and then for at most 5 s what waits by then.
    ///
    /// A failure is logged and tried again, later each time up to 15 s; no event is skipped.
    pub async fn run(self, shutdown: impl Future<Output = ()> + Send) {
        tokio::select! {
            () = self.carry() => {}
            () = shutdown => {}
        }
        match tokio::time::timeout(FAREWELL, self.drain()).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => report(&error, 1),
            Err(_) => {
                tracing::warn!(
                    "the log did not take the last events; they wait for the next start"
                );
            }
        }
    }

    /// Carries events for ever. It may be dropped at any point: what was sent but not removed is sent again, under the same id.
    async fn carry(&self) {
        let mut failures = 0;
        loop {
            match self.drain().await {
                Ok(_) => {
                    failures = 0;
                    let changed = self.store.committed().notified();
                    // A pause that ends without a change is for the changes of other processes.
                    drop(tokio::time::timeout(self.store.poll(), changed).await);
                }
                Err(error) => {
                    failures += 1;
                    report(&error, failures);
                    tokio::time::sleep(backoff(failures)).await;
                }
            }
        }
    }

    /// Carries everything that waits and says how many events that were.
    ///
    /// # Errors
    /// [`RelayError`] at the first failure; what was carried until then is removed.
    pub async fn drain(&self) -> Result<u64, RelayError> {
        let mut carried = 0;
        loop {
            let waiting = first(&self.store, BATCH).await?;
            if waiting.is_empty() {
                return Ok(carried);
            }
            let (sent, result) = self.send(&waiting).await;
            if let Some(last) = sent.checked_sub(1).and_then(|index| waiting.get(index)) {
                remove_up_to(&self.store, last.seq).await?;
                carried += sent as u64;
            }
            result?;
        }
    }

    /// Sends `waiting` up to the first failure, and says how many were sent.
    async fn send(&self, waiting: &[Waiting]) -> (usize, Result<(), RelayError>) {
        for (index, Waiting { event, .. }) in waiting.iter().enumerate() {
            if let Err(source) = self.sink.send(event).await {
                let id = event.id.clone();
                return (index, Err(RelayError::Sink { id, source }));
            }
        }
        (waiting.len(), Ok(()))
    }
}

fn backoff(failures: u32) -> Duration {
    let doublings = failures.saturating_sub(1).min(16);
    SHORTEST_WAIT
        .saturating_mul(1 << doublings)
        .min(LONGEST_WAIT)
}

fn report(error: &RelayError, failures: u32) {
    let cause = std::error::Error::source(error)
        .map(ToString::to_string)
        .unwrap_or_default();
    tracing::warn!(%error, cause, failures, "events of the platform wait in the outbox");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_up_to_its_limit() {
        assert_eq!(backoff(1), SHORTEST_WAIT);
        assert_eq!(backoff(3), 4 * SHORTEST_WAIT);
        assert_eq!(backoff(u32::MAX), LONGEST_WAIT);
    }
}
