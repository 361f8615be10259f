//! What a request or a response did wrong.

use std::fmt::Write as _;

use jsonschema::error::ValidationErrorKind;
use serde::Serialize;
use serde_json::Value;
use trunkline_model::{Coded, ErrorCode, code};

use crate::limits::{ECHO, VIOLATIONS};

/// One broken promise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// Where: `query.limit`, `path.id`, `header.X-Trace`, `cookie.theme`, `content-type`, `status`, or `body` and a JSON pointer.
    pub place: String,
    /// The rule that was broken: a word of JSON Schema or OpenAPI, such as `maximum` or `required`.
    pub rule: String,
    /// A sentence about it. Values are not repeated.
    pub text: String,
}

/// Why a request is not one of the contract.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Mismatch {
    /// No path of the document fits.
    #[error("the API's document has no such path")]
    Undocumented,
    /// The path fits, the method does not.
    #[error("the API's document has no such method here; {} are the methods", allowed.join(", "))]
    Method {
        /// The methods that the path has, for the header `Allow`.
        allowed: Vec<String>,
    },
    /// An operation fits, and the request breaks its rules.
    #[error("the request breaks {} rule(s) of the API's document", violations.len())]
    Violations {
        /// At least 1, at most 16.
        violations: Vec<Violation>,
    },
}

impl Mismatch {
    /// The violations, where there are any.
    #[must_use]
    pub fn violations(&self) -> &[Violation] {
        match self {
            Self::Violations { violations } => violations,
            Self::Undocumented | Self::Method { .. } => &[],
        }
    }
}

impl Coded for Mismatch {
    fn code(&self) -> &'static ErrorCode {
        match self {
            Self::Undocumented => &code::CONTRACT_UNDOCUMENTED,
            Self::Method { .. } => &code::CONTRACT_METHOD,
            Self::Violations { .. } => &code::CONTRACT_REQUEST,
        }
    }
}

/// Collects violations up to the limit.
#[derive(Debug, Default)]
pub(super) struct Violations {
    found: Vec<Violation>,
}

impl Violations {
    pub(super) fn full(&self) -> bool {
        self.found.len() >= VIOLATIONS
    }

    pub(super) fn add(&mut self, place: &str, rule: &str, text: impl Into<String>) {
        if !self.full() {
            self.found.push(Violation {
                place: shorten(place, 2 * ECHO),
                rule: rule.to_owned(),
                text: text.into(),
            });
        }
    }

    /// Holds `value` against a schema; `place` is where it stands.
    pub(super) fn validate(
        &mut self,
        validator: &jsonschema::Validator,
        value: &Value,
        place: &str,
    ) {
        // Most values are good, and this way is several times faster than to look for errors.
        if validator.is_valid(value) {
            return;
        }
        for error in validator.iter_errors(value) {
            if self.full() {
                return;
            }
            let (rule, text) = describe(&error);
            self.add(&format!("{place}{}", error.instance_path()), &rule, text);
        }
    }

    pub(super) fn into_vec(self) -> Vec<Violation> {
        self.found
    }
}

fn describe(error: &jsonschema::ValidationError<'_>) -> (String, String) {
    match error.kind() {
        ValidationErrorKind::FalseSchema => {
            ("forbidden".to_owned(), "nothing may stand here".to_owned())
        }
        ValidationErrorKind::AdditionalProperties { unexpected }
        | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
            let mut text = String::from("properties that are not declared:");
            for name in unexpected.iter().take(3) {
                if write!(text, " `{}`", shorten(name, ECHO / 4)).is_err() {
                    break;
                }
            }
            (error.kind().keyword().to_owned(), text)
        }
        kind => {
            let text = error.masked_with("the value").to_string();
            (kind.keyword().to_owned(), shorten(&text, 3 * ECHO))
        }
    }
}

/// The first `limit` characters.
pub(super) fn shorten(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}
