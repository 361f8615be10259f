//! A message inside the broker.

use std::sync::Arc;

use bytes::Bytes;
use tokio::time::Instant;

use crate::codec::{Properties, Publish, Qos};

/// A message that was taken. It owns its bytes, so that no message that is kept holds a connection's read buffer.
#[derive(Clone, Debug)]
pub struct Message {
    /// What it is about.
    pub topic: Box<str>,
    /// What it says.
    pub payload: Bytes,
    /// The client that sent it; nothing where the platform did.
    pub sender: Option<Arc<str>>,
    pub(crate) qos: Qos,
    pub(crate) retain: bool,
    pub(crate) properties: Option<Box<Properties>>,
    /// When nobody wants it any more.
    pub(crate) expires: Option<Instant>,
}

impl Message {
    pub(crate) fn new(publish: &Publish, sender: Option<Arc<str>>, now: Instant) -> Self {
        let properties = Properties {
            topic_alias: None,
            ..publish.properties.clone()
        };
        Self {
            topic: Box::from(&*publish.topic),
            payload: Bytes::copy_from_slice(&publish.payload),
            sender,
            qos: publish.qos,
            retain: publish.retain,
            expires: properties
                .expiry
                .map(|seconds| now + std::time::Duration::from_secs(seconds.into())),
            properties: (!properties.is_empty()).then(|| Box::new(properties)),
        }
    }

    /// A message of the platform itself, delivered at least once.
    #[must_use]
    pub fn own(topic: impl Into<Box<str>>, payload: Bytes) -> Self {
        Self {
            topic: topic.into(),
            payload,
            sender: None,
            qos: Qos::AtLeastOnce,
            retain: false,
            properties: None,
            expires: None,
        }
    }

    /// Whether it asked to be kept for those who come later.
    #[must_use]
    pub const fn is_retained(&self) -> bool {
        self.retain
    }

    /// 0, 1 or 2.
    #[must_use]
    pub const fn quality(&self) -> u8 {
        self.qos as u8
    }

    /// The type of its payload, where the sender says it.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.properties.as_ref()?.content_type.as_deref()
    }

    pub(crate) fn is_expired(&self, now: Instant) -> bool {
        self.expires.is_some_and(|expires| expires <= now)
    }

    /// About how much memory it takes.
    pub(crate) fn bytes(&self) -> usize {
        self.topic.len() + self.payload.len() + 96
    }
}
