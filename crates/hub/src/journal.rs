//! The way of messages into the log.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use trunkline_log::{Batch, EventLog};
use trunkline_mqtt::{Journal, NotKept, Received};

use crate::frame::{self, MESSAGE};

/// Writes messages to the log.
#[derive(Debug)]
pub(crate) struct IntoLog(pub(crate) Arc<dyn EventLog>);

#[async_trait]
impl Journal for IntoLog {
    async fn keep(&self, messages: &[Received]) -> Result<(), NotKept> {
        let mut body = Vec::with_capacity(messages.len() * 256);
        let mut ends = Vec::with_capacity(messages.len());
        for received in messages {
            frame::write(received, &mut body);
            ends.push(u32::try_from(body.len()).map_err(|_| NotKept)?);
        }
        let batch = Batch {
            kind: MESSAGE,
            header: Bytes::new(),
            body: body.into(),
            ends,
            keys: Vec::new(),
        };
        match self.0.append(batch).await {
            Ok(_) => Ok(()),
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "the log took no messages"
                );
                Err(NotKept)
            }
        }
    }
}
