//! What is sent.

use serde_json::Value;

/// A message to the broker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) topic: String,
    pub(crate) payload: Vec<u8>,
}

impl Message {
    pub(crate) fn new(topic: impl Into<String>, payload: &Value) -> Self {
        Self {
            topic: topic.into(),
            payload: payload.to_string().into_bytes(),
        }
    }

    /// A message that is its topic.
    pub(crate) fn empty(topic: impl Into<String>) -> Self {
        Self {
            topic: topic.into(),
            payload: Vec::new(),
        }
    }
}
