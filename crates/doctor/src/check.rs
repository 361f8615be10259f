//! What a check found.

use serde_json::{Value, json};

/// How a thing is, in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    name: String,
    status: &'static str,
    detail: String,
}

impl Check {
    /// It is well.
    pub fn good(name: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(name, "ok", detail)
    }

    /// It works, but not for long or not as one would want.
    pub fn warn(name: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(name, "warn", detail)
    }

    /// It keeps the platform from running.
    pub fn fail(name: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(name, "fail", detail)
    }

    /// A check that another program made.
    pub fn new(name: impl Into<String>, status: &'static str, detail: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            status,
            detail: detail.into(),
        }
    }

    /// Whether it keeps the platform from running.
    pub fn is_failure(&self) -> bool {
        self.status == "fail"
    }

    /// As an object.
    pub fn json(&self) -> Value {
        json!({"check": self.name, "status": self.status, "detail": self.detail})
    }

    /// How it is, in a word.
    pub const fn status(&self) -> &'static str {
        self.status
    }
}
