//! A message inside the broker.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;
use trunkline_model::Timestamp;

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
    /// Where it lies in the log.
    pub(crate) place: OnceLock<u64>,
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
                .map(|seconds| now + Duration::from_secs(seconds.into())),
            properties: (!properties.is_empty()).then(|| Box::new(properties)),
            place: OnceLock::new(),
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
            place: OnceLock::new(),
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

    /// The place in the log where it lies, if it does.
    #[must_use]
    pub fn place(&self) -> Option<u64> {
        self.place.get().copied()
    }

    /// Says where it lies; the first word holds.
    pub(crate) fn lies_at(&self, place: u64) {
        self.place.get_or_init(|| place);
    }

    /// About when it was taken, as far as its time to live tells; else `wall`, which is now.
    pub(crate) fn taken_at(&self, now: Instant, wall: Timestamp) -> Timestamp {
        let expiry = self.properties.as_ref().and_then(|all| all.expiry);
        let (Some(expiry), Some(expires)) = (expiry, self.expires) else {
            return wall;
        };
        let left = expires.saturating_duration_since(now);
        let age = Duration::from_secs(expiry.into()).saturating_sub(left);
        let age = i64::try_from(age.as_micros()).unwrap_or(i64::MAX);
        Timestamp::from_micros(wall.as_micros().saturating_sub(age))
    }

    /// A number that is the same for the same topic and payload, and hardly ever for another.
    pub(crate) fn known_by(&self) -> u64 {
        Self::known_as(&self.topic, &self.payload)
    }

    pub(crate) fn known_as(topic: &str, payload: &[u8]) -> u64 {
        let mut hasher = DefaultHasher::new();
        (topic, payload).hash(&mut hasher);
        hasher.finish()
    }

    pub(crate) fn is_expired(&self, now: Instant) -> bool {
        self.expires.is_some_and(|expires| expires <= now)
    }

    /// About how much memory it takes.
    pub(crate) fn bytes(&self) -> usize {
        self.topic.len() + self.payload.len() + 96
    }
}
