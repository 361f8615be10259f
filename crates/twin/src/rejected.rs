//! Why a request is refused, in the words and numbers of AWS, which devices compare with.

use serde_json::{Map, Value};

/// A refused request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Rejected {
    /// The number, as HTTP has it.
    pub code: u16,
    /// What was wrong.
    pub message: String,
}

impl Rejected {
    pub(crate) fn bad(message: impl Into<String>) -> Self {
        Self {
            code: 400,
            message: message.into(),
        }
    }

    /// The request wants another version than the one that is there.
    #[must_use]
    pub fn conflict() -> Self {
        Self {
            code: 409,
            message: "Version conflict".into(),
        }
    }

    /// The thing has no such shadow.
    #[must_use]
    pub fn no_shadow(name: Option<&str>) -> Self {
        let message = match name {
            Some(name) => format!("No shadow exists with name: '{name}'"),
            None => "No shadow exists with name: ''".into(),
        };
        Self { code: 404, message }
    }

    /// There is no such thing.
    #[must_use]
    pub fn no_thing() -> Self {
        Self {
            code: 404,
            message: "Thing not found".into(),
        }
    }

    /// The request, or the document that it would make, is too large.
    #[must_use]
    pub fn too_large() -> Self {
        Self {
            code: 413,
            message: "The payload exceeds the maximum size allowed".into(),
        }
    }

    /// The platform cannot do it, through no fault of whoever asks.
    #[must_use]
    pub fn internal() -> Self {
        Self {
            code: 500,
            message: "Internal service failure".into(),
        }
    }

    pub(crate) fn encoding() -> Self {
        Self {
            code: 415,
            message: "Unsupported documented encoding; supported encoding is UTF-8".into(),
        }
    }

    /// The thing has as many shadows as it may have.
    #[must_use]
    pub fn too_many_shadows() -> Self {
        Self::bad("The thing has as many shadows as it may have")
    }

    /// The document that goes to `…/rejected`.
    #[must_use]
    pub fn document(&self, now: i64, token: Option<&str>) -> Value {
        let mut document = Map::new();
        document.insert("code".into(), self.code.into());
        document.insert("message".into(), self.message.clone().into());
        document.insert("timestamp".into(), now.into());
        if let Some(token) = token {
            document.insert("clientToken".into(), token.into());
        }
        Value::Object(document)
    }
}
