//! Where the outbox carries its events.

use std::error::Error;
use std::fmt;

use async_trait::async_trait;
use trunkline_model::Event;

/// Why an event was not taken; the relay tries the same one again.
pub type SinkError = Box<dyn Error + Send + Sync>;

/// The port to the log.
#[async_trait]
pub trait EventSink: Send + Sync + fmt::Debug {
    /// Takes `event` and returns once it is durable. The same event may come again; its id and source tell.
    ///
    /// # Errors
    /// Whatever kept the event from becoming durable.
    async fn send(&self, event: &Event) -> Result<(), SinkError>;
}
