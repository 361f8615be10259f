//! The broker, as this room asks for it.

use std::error::Error;
use std::fmt;

use async_trait::async_trait;
use trunkline_model::{Principal, Timestamp};

/// A message that is to be published.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outgoing {
    /// What it is about: no wildcards, at most 256 bytes.
    pub topic: String,
    /// What it says, at most 128 KiB.
    pub payload: Vec<u8>,
    /// Whether it is delivered at least once (1) rather than at most once (0).
    pub at_least_once: bool,
    /// Whether it is kept for those who come later; an empty one then takes away what is kept.
    pub retain: bool,
    /// What MQTT 5 adds.
    pub properties: Properties,
}

/// What MQTT 5 adds to a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Properties {
    /// Whether the payload is text in UTF-8.
    pub utf8: bool,
    /// The media type of the payload.
    pub content_type: Option<String>,
    /// Where an answer goes.
    pub response_topic: Option<String>,
    /// What tells the sender which request an answer is for.
    pub correlation: Option<Vec<u8>>,
    /// Seconds until nobody wants it any more.
    pub expiry: Option<u32>,
    /// Further names and values.
    pub user: Vec<(String, String)>,
}

/// A message that is kept on its topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retained {
    /// What it says.
    pub payload: Vec<u8>,
    /// 0 or 1.
    pub qos: u8,
    /// When it was published.
    pub modified: Timestamp,
}

/// A topic that has a message which is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetainedTopic {
    /// The topic.
    pub topic: String,
    /// Bytes of the message.
    pub bytes: u64,
    /// 0 or 1.
    pub qos: u8,
    /// When it was published.
    pub modified: Timestamp,
}

/// Why a message was not published, or what is kept not found out.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The message breaks a rule of the broker.
    #[error("{0}")]
    Invalid(String),
    /// The broker cannot keep it now.
    #[error("the broker cannot be asked")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
}

/// Publishes messages, and knows which are kept.
#[async_trait]
pub trait Publish: Send + Sync + fmt::Debug {
    /// Publishes a message in the name of `by`, who may; it is durable when this returns. Topics that the platform answers itself are
    /// worked off as if they had come over MQTT.
    ///
    /// # Errors
    /// [`PublishError`] where it was not published.
    async fn publish(&self, message: Outgoing, by: &Principal) -> Result<(), PublishError>;

    /// The message that is kept on a topic.
    ///
    /// # Errors
    /// [`PublishError::Unavailable`] where it cannot be said.
    async fn retained(&self, topic: &str) -> Result<Option<Retained>, PublishError>;

    /// Topics with a message that is kept, in the order of their names, after `after`, at most `count`.
    ///
    /// # Errors
    /// [`PublishError::Unavailable`] where it cannot be said.
    async fn retained_topics(
        &self,
        after: &str,
        count: usize,
    ) -> Result<Vec<RetainedTopic>, PublishError>;
}
