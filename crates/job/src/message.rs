//! What is told, and where.

use serde_json::{Map, Value};

/// A message for a thing.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// On which topic.
    pub topic: String,
    /// What.
    pub document: Value,
}

/// Puts a document together in the order in which AWS writes it.
#[derive(Debug, Default)]
pub(crate) struct Builder(Map<String, Value>);

impl Builder {
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.insert(name.into(), value.into());
        self
    }

    /// The member, if there is a value.
    pub(crate) fn maybe(self, name: &str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    pub(crate) fn done(self) -> Value {
        Value::Object(self.0)
    }
}
