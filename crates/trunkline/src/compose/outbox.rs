//! The way of the control state's events into the log.

use async_trait::async_trait;
use trunkline_ingest::Ingest;
use trunkline_model::Event;
use trunkline_store::outbox::{EventSink, SinkError};

/// Takes events from the outbox to the door of the log.
#[derive(Debug)]
pub(super) struct IntoLog(pub(super) Ingest);

#[async_trait]
impl EventSink for IntoLog {
    async fn send(&self, event: &Event) -> Result<(), SinkError> {
        self.0.append_events(std::slice::from_ref(event)).await?;
        Ok(())
    }
}
