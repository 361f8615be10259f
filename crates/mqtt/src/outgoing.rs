//! Messages that the platform publishes for somebody who has no connection.

use std::sync::Arc;

use bytes::Bytes;
use bytestring::ByteString;
use tokio::time::Instant;

use crate::codec::{Properties, Publish, Qos};
use crate::port::{NotKept, Pass, Received};
use crate::{Broker, Message};
use trunkline_topic::is_topic;

/// A message to be published.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outgoing {
    /// What it is about: no wildcards.
    pub topic: String,
    /// What it says.
    pub payload: Bytes,
    /// Whether it is delivered at least once rather than at most once.
    pub at_least_once: bool,
    /// Whether it is kept for those who come later.
    pub retain: bool,
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

/// Why a message was not published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotPublished {
    /// The topic is none that can be published on.
    #[error("this is no topic that can be published on")]
    Topic,
    /// The payload has more bytes than a packet may.
    #[error("the payload is too large")]
    Payload,
    /// It could not be kept.
    #[error(transparent)]
    NotKept(#[from] NotKept),
}

impl Broker {
    /// Publishes a message in the name of `principal`, who may. It is kept when this returns; on a reserved topic, it was worked off.
    ///
    /// # Errors
    /// [`NotPublished`] where it was not taken.
    pub async fn publish(
        &self,
        outgoing: Outgoing,
        principal: Arc<str>,
    ) -> Result<(), NotPublished> {
        let limits = &self.0.limits;
        if !is_topic(&outgoing.topic, limits.topic_bytes, limits.topic_levels) {
            return Err(NotPublished::Topic);
        }
        let most = usize::try_from(limits.packet_bytes).unwrap_or(usize::MAX);
        if outgoing.payload.len() > most {
            return Err(NotPublished::Payload);
        }
        let pass = Pass {
            principal: Arc::clone(&principal),
            credential: principal,
            ..Pass::clone(&self.0.ports.own)
        };
        let message = Message::new(&outgoing.packet(), None, Instant::now());
        let received = [Received {
            message: Arc::new(message),
            pass: Arc::new(pass),
            id: None,
        }];
        if self.0.accept(&received).await == 1 {
            Ok(())
        } else {
            Err(NotKept.into())
        }
    }

    /// The message that is kept on `topic` for those who come later.
    #[must_use]
    pub fn retained(&self, topic: &str) -> Option<Arc<Message>> {
        self.0.retained().get(topic, Instant::now())
    }

    /// The messages that are kept for those who come later, in the order of their topics, after `after`, at most `count`.
    #[must_use]
    pub fn retained_after(&self, after: &str, count: usize) -> Vec<Arc<Message>> {
        self.0.retained().after(after, count, Instant::now())
    }
}

impl Outgoing {
    fn packet(self) -> Publish {
        Publish {
            dup: false,
            retain: self.retain,
            qos: if self.at_least_once {
                Qos::AtLeastOnce
            } else {
                Qos::AtMostOnce
            },
            topic: self.topic.into(),
            id: None,
            payload: self.payload,
            properties: Properties {
                topic_alias: None,
                expiry: self.expiry,
                content_type: self.content_type.map(ByteString::from),
                response_topic: self.response_topic.map(ByteString::from),
                correlation: self.correlation.map(Bytes::from),
                utf8: self.utf8,
                subscription_ids: Vec::new(),
                user: self
                    .user
                    .into_iter()
                    .map(|(name, value)| (name.into(), value.into()))
                    .collect(),
            },
        }
    }
}
