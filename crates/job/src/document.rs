//! What a device is to do.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Limits, Rejected};

/// The document of a job: a JSON object, in words that the devices know. It may be handed in as a text too, as AWS has it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Value", into = "Value")]
pub struct Document(pub Map<String, Value>);

impl Document {
    /// Whether devices can be told it.
    ///
    /// # Errors
    /// [`Rejected`] where it has too many bytes or levels.
    pub fn check(&self, limits: &Limits) -> Result<(), Rejected> {
        let bytes = self.bytes();
        if bytes > limits.document_bytes {
            return Err(Rejected::request(format!(
                "the document has {bytes} bytes, at most {}",
                limits.document_bytes
            )));
        }
        if self.depth() > limits.document_depth {
            return Err(Rejected::request(format!(
                "the document has more than {} levels",
                limits.document_depth
            )));
        }
        Ok(())
    }

    /// How many objects or arrays lie in one another.
    pub(crate) fn depth(&self) -> usize {
        1 + self.0.values().map(depth).max().unwrap_or(0)
    }

    /// Bytes as JSON without blanks.
    pub(crate) fn bytes(&self) -> usize {
        let mut count = Count(0);
        // Counting does not fail, and a map of texts is JSON.
        drop(serde_json::to_writer(&mut count, &self.0));
        count.0
    }
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

impl TryFrom<Value> for Document {
    type Error = &'static str;

    fn try_from(value: Value) -> Result<Self, Self::Error> {
        const WRONG: &str = "the document must be a JSON object";
        match value {
            Value::Object(members) => Ok(Self(members)),
            Value::String(text) => match serde_json::from_str(&text) {
                Ok(Value::Object(members)) => Ok(Self(members)),
                Ok(_) | Err(_) => Err(WRONG),
            },
            _ => Err(WRONG),
        }
    }
}

impl From<Document> for Value {
    fn from(document: Document) -> Self {
        Self::Object(document.0)
    }
}

/// Counts what is written.
struct Count(usize);

impl std::io::Write for Count {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_object_or_its_text_is_a_document() {
        let object: Document = serde_json::from_value(json!({"a": {"b": [1, null]}})).unwrap();
        let text: Document = serde_json::from_value(json!(r#" {"a": {"b": [1, null]}} "#)).unwrap();
        assert_eq!(object, text);
        assert_eq!(object.depth(), 3);
        assert_eq!(Document::default().depth(), 1);
        assert_eq!(object.bytes(), r#"{"a":{"b":[1,null]}}"#.len());
        assert_eq!(
            serde_json::to_value(object).unwrap(),
            json!({"a": {"b": [1, null]}})
        );
        for bad in [json!([]), json!(1), json!("[]"), json!("{"), json!(null)] {
            assert!(
                serde_json::from_value::<Document>(bad.clone()).is_err(),
                "{bad}"
            );
        }
    }
}
