//! Media types and what stands behind them.

use serde_json::Value;

use super::schema::{Schemas, Validator};
use crate::error::ContractError;
use crate::pointer::join;

/// The declared media types of a body.
#[derive(Debug, Default)]
pub(crate) struct Media {
    entries: Vec<Medium>,
}

/// One of them.
#[derive(Debug)]
pub(crate) struct Medium {
    /// In lower case, without parameters: `application/json`, `image/*`, `*/*`.
    range: String,
    /// Set when the body is JSON and has a schema.
    pub(crate) validator: Option<Validator>,
}

/// A `Content-Type` in lower case and without its parameters.
pub(crate) fn essence(content_type: &str) -> String {
    content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
}

pub(crate) fn is_json(essence: &str) -> bool {
    essence == "application/json" || essence.ends_with("+json")
}

impl Media {
    /// Reads `content` at `pointer`.
    pub(crate) fn compile(
        content: Option<&Value>,
        pointer: &str,
        schemas: &mut Schemas,
    ) -> Result<Self, ContractError> {
        let mut media = Self::default();
        for (name, medium) in content.and_then(Value::as_object).into_iter().flatten() {
            let range = essence(name);
            // A range such as `*/*` says nothing about the form, so only a named JSON type is parsed.
            let validator = if is_json(&range) && medium.get("schema").is_some() {
                let at = join(&join(pointer, name), "schema");
                Some(schemas.compile(&at)?)
            } else {
                None
            };
            media.entries.push(Medium { range, validator });
        }
        Ok(media)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(crate) fn has_validator(&self) -> bool {
        self.entries.iter().any(|entry| entry.validator.is_some())
    }

    /// The entry that fits best: the exact type, then `type/*`, then `*/*`.
    pub(crate) fn find(&self, essence: &str) -> Option<&Medium> {
        let kind = essence.split('/').next().unwrap_or_default();
        let exact = self.entries.iter().find(|entry| entry.range == essence);
        exact
            .or_else(|| {
                self.entries
                    .iter()
                    .find(|entry| entry.range.strip_suffix("/*") == Some(kind))
            })
            .or_else(|| self.entries.iter().find(|entry| entry.range == "*/*"))
    }

    /// The entry of a body that came without a type: the only one there is.
    pub(crate) fn only(&self) -> Option<&Medium> {
        match self.entries.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }

    /// What is declared, for a message.
    pub(crate) fn names(&self) -> String {
        let names: Vec<_> = self
            .entries
            .iter()
            .take(5)
            .map(|entry| entry.range.as_str())
            .collect();
        names.join(", ")
    }
}
