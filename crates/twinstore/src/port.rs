//! What the twins ask of others.

use async_trait::async_trait;
use trunkline_model::{Event, Timestamp};
use trunkline_twin::Document;

/// A place in the log.
pub type Place = u64;

/// What is known of a thing that may have twins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Registered {
    /// Bytes that one of its documents may have.
    pub document_bytes: usize,
}

/// Knows the things.
pub trait Registry: Send + Sync + std::fmt::Debug {
    /// The thing, if there is one of this name.
    fn thing(&self, name: &str) -> Option<Registered>;

    /// What is to be told of the classic twin of a thing that reported something: nothing where it fits.
    fn look_at(&self, thing: &str, twin: &Document, now: Timestamp) -> Option<Event>;
}

/// The log did not take something, or does not give it.
#[derive(Debug, thiserror::Error)]
#[error("the log cannot be used: {0}")]
pub struct NotKept(pub String);

/// The log, as far as twins are concerned.
#[async_trait]
pub trait Journal: Send + Sync + std::fmt::Debug {
    /// Keeps `events` in their order; they are durable when this returns the place behind them.
    ///
    /// # Errors
    /// [`NotKept`] where none of them is.
    async fn append(&self, events: &[Event]) -> Result<Place, NotKept>;

    /// The place behind all that the log holds.
    fn next(&self) -> Place;

    /// Gives the events about twins from `from` on to `take`, in their order, and returns the place behind the last record.
    ///
    /// # Errors
    /// [`NotKept`] where the log cannot be read.
    async fn replay(
        &self,
        from: Place,
        take: &mut (dyn FnMut(Event) + Send),
    ) -> Result<Place, NotKept>;

    /// The log may forget what lies before `place`, as far as twins are concerned.
    async fn release(&self, place: Place);
}
