//! The members of a request's body.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::error::AwsError;

/// Members that are taken out one by one. What is left at the end is refused: it would be worse to leave it unheeded.
#[derive(Clone, Debug, Default)]
pub(crate) struct Members(Map<String, Value>);

impl Members {
    /// Reads a body. An empty one has no members.
    pub(crate) fn read(body: &[u8]) -> Result<Self, AwsError> {
        if body.iter().all(u8::is_ascii_whitespace) {
            return Ok(Self::default());
        }
        match serde_json::from_slice(body) {
            Ok(Value::Object(members)) => Ok(Self(members)),
            Ok(_) | Err(_) => Err(AwsError::invalid("the body is no JSON object")),
        }
    }

    /// A member as it is; one that is null is not there.
    pub(crate) fn take(&mut self, name: &str) -> Option<Value> {
        self.0.remove(name).filter(|value| !value.is_null())
    }

    fn taken<T>(
        &mut self,
        name: &str,
        what: &str,
        read: impl Fn(Value) -> Option<T>,
    ) -> Result<Option<T>, AwsError> {
        let wrong = || AwsError::invalid(format!("`{name}` is {what}"));
        let value = self.take(name);
        value.map(|value| read(value).ok_or_else(wrong)).transpose()
    }

    /// A text.
    pub(crate) fn text(&mut self, name: &str) -> Result<Option<String>, AwsError> {
        self.taken(name, "a text", |value| match value {
            Value::String(text) => Some(text),
            _ => None,
        })
    }

    /// A yes or no; no where nothing is said.
    pub(crate) fn flag(&mut self, name: &str) -> Result<bool, AwsError> {
        let flag = self.taken(name, "true or false", |value| value.as_bool())?;
        Ok(flag.unwrap_or_default())
    }

    /// A whole number.
    pub(crate) fn number(&mut self, name: &str) -> Result<Option<u64>, AwsError> {
        self.taken(name, "a whole number", |value| value.as_u64())
    }

    /// Further members.
    pub(crate) fn members(&mut self, name: &str) -> Result<Option<Self>, AwsError> {
        self.taken(name, "an object", |value| match value {
            Value::Object(members) => Some(Self(members)),
            _ => None,
        })
    }

    /// Texts by name.
    pub(crate) fn texts(
        &mut self,
        name: &str,
    ) -> Result<Option<BTreeMap<String, String>>, AwsError> {
        self.taken(name, "an object of texts", |value| {
            serde_json::from_value(value).ok()
        })
    }

    /// Several texts.
    pub(crate) fn list(&mut self, name: &str) -> Result<Option<Vec<String>>, AwsError> {
        self.taken(name, "a list of texts", |value| {
            serde_json::from_value(value).ok()
        })
    }

    /// Refuses what was not taken out.
    pub(crate) fn end(self) -> Result<(), AwsError> {
        let left = self.0.into_iter().filter(|(_, value)| !value.is_null());
        let names: Vec<String> = left.map(|(name, _)| format!("`{name}`")).take(10).collect();
        if names.is_empty() {
            return Ok(());
        }
        let names = names.join(", ");
        Err(AwsError::invalid(format!(
            "{names}: the platform has nothing of the kind, so it must not be asked for"
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_taken_out_is_refused() {
        let body = br#"{"a": "b", "n": 7, "f": true, "none": null, "m": {"x": "y"}, "l": ["z"]}"#;
        let mut members = Members::read(body).unwrap();
        assert_eq!(members.text("a").unwrap().as_deref(), Some("b"));
        assert_eq!(members.number("n").unwrap(), Some(7));
        assert!(members.flag("f").unwrap() && !members.flag("g").unwrap());
        assert_eq!(members.text("none").unwrap(), None);
        let mut inner = members.clone().members("m").unwrap().unwrap();
        assert_eq!(inner.text("x").unwrap().as_deref(), Some("y"));
        assert_eq!(members.texts("m").unwrap().unwrap()["x"], "y");
        assert!(
            members
                .clone()
                .end()
                .unwrap_err()
                .message
                .starts_with("`l`")
        );
        assert_eq!(members.list("l").unwrap().unwrap(), ["z"]);
        assert!(members.end().is_ok() && Members::read(b" ").unwrap().end().is_ok());
    }

    #[test]
    fn members_have_kinds() {
        let read = || Members::read(br#"{"a": 1.5}"#).unwrap();
        assert!(read().text("a").is_err() && read().number("a").is_err());
        assert!(read().flag("a").is_err() && read().members("a").is_err());
        assert!(read().texts("a").is_err() && read().list("a").is_err());
        assert!(Members::read(b"[]").is_err() && Members::read(b"{").is_err());
    }
}
