//! What is published for somebody who speaks HTTP, and what is kept for those who come later.

use std::sync::Arc;

use trunkline_log::Offset;
use trunkline_model::Timestamp;
use trunkline_mqtt::{Message, NotPublished, Outgoing};

use crate::Hub;

/// How much of the log is read to know when a message was taken.
const READ: usize = 64 * 1024;

/// A message that is kept on its topic.
#[derive(Clone, Debug)]
pub struct Kept {
    /// The message.
    pub message: Arc<Message>,
    /// When it was taken, as the log says.
    pub at: Timestamp,
}

impl Hub {
    /// Publishes a message in the name of `principal`, who may. It is kept when this returns; on a topic that the platform answers
    /// itself, it was worked off.
    ///
    /// # Errors
    /// [`NotPublished`] where it was not taken, or where the broker does not serve.
    pub async fn publish(&self, outgoing: Outgoing, principal: &str) -> Result<(), NotPublished> {
        let broker = self
            .broker()
            .ok_or(NotPublished::NotKept(trunkline_mqtt::NotKept))?;
        broker.publish(outgoing, principal.into()).await
    }

    /// The message that is kept on `topic`.
    pub async fn retained(&self, topic: &str) -> Option<Kept> {
        let message = self.broker()?.retained(topic)?;
        Some(self.kept(message).await)
    }

    /// The messages that are kept, in the order of their topics, after `after`, at most `count`.
    pub async fn retained_after(&self, after: &str, count: usize) -> Vec<Kept> {
        let found = self
            .broker()
            .map(|broker| broker.retained_after(after, count));
        let mut kept = Vec::new();
        for message in found.unwrap_or_default() {
            kept.push(self.kept(message).await);
        }
        kept
    }

    async fn kept(&self, message: Arc<Message>) -> Kept {
        let mut at = self.clock().now();
        if let Some(place) = message.place()
            && let Ok(records) = self.log().read(Offset(place), READ).await
            && let Some(record) = records.first()
        {
            at = record.appended_at;
        }
        Kept { message, at }
    }
}
