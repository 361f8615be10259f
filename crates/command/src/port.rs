//! What commands ask of others.

use async_trait::async_trait;

/// Says which devices there are.
pub trait Things: Send + Sync + std::fmt::Debug {
    /// Whether there is a device of this name. Called within a change, so it must be fast.
    fn is_there(&self, name: &str) -> bool;
}

/// A message to a device, at QoS 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Where it is published.
    pub topic: String,
    /// The command's payload as JSON; empty where it has none.
    pub payload: Vec<u8>,
    /// Where the device answers.
    pub response_topic: String,
    /// What the device sends back with its answer, which is the command's id.
    pub correlation: String,
    /// After how many seconds the broker no longer holds it for the device.
    pub expires_seconds: u32,
}

/// Why the broker did not take a message, with a reason for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotDelivered {
    /// It takes no message now. This one is handed over again for as long as the command has time.
    #[error("{0}")]
    Later(String),
    /// It does not take this message, whatever it does with others.
    #[error("{0}")]
    Never(String),
}

/// Hands messages to the broker.
#[async_trait]
pub trait Deliver: Send + Sync + std::fmt::Debug {
    /// Whether the broker serves devices now. Where it does not, no command is taken on. Asked for each command, so it must be fast.
    fn serves(&self) -> bool;

    /// Returns once the broker holds the message. It may come again, under the same id.
    ///
    /// # Errors
    /// [`NotDelivered`] where the broker did not take it.
    async fn deliver(&self, delivery: Delivery) -> Result<(), NotDelivered>;
}
