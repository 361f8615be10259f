//! One change and how bad it is.

use serde::Serialize;

use super::schema::Answer;
use crate::limits::CHANGES;

/// How bad a change is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Nobody is broken.
    Info,
    /// Somebody may be broken; it cannot be decided, or it depends on the clients.
    Warning,
    /// A client that kept to the old document may fail.
    Breaking,
}

/// Which way a value travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the client to the service: narrowing breaks.
    Request,
    /// From the service to the client: widening breaks.
    Response,
}

/// A change between two documents.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Change {
    /// How bad it is.
    pub severity: Severity,
    /// What kind of change, such as `new-required-request-parameter`.
    pub rule: String,
    /// Method and path, or empty when the change is of the whole document.
    pub operation: String,
    /// Where within the operation, such as `query.limit`, `request.body/name` or `response.200/id`.
    pub place: String,
    /// A sentence about it.
    pub text: String,
}

/// How many of the changes are breaking.
#[must_use]
pub fn breaking(changes: &[Change]) -> usize {
    changes
        .iter()
        .filter(|change| change.severity == Severity::Breaking)
        .count()
}

impl Direction {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Response => "response",
        }
    }

    /// What a change means that narrows (or else widens) what may travel.
    pub(super) const fn law(self, narrows: bool) -> Severity {
        match (self, narrows) {
            (Self::Request, true) | (Self::Response, false) => Severity::Breaking,
            _ => Severity::Info,
        }
    }
}

impl Severity {
    pub(super) const fn of(safe: Answer) -> Self {
        match safe {
            Answer::Yes => Self::Info,
            Answer::No => Self::Breaking,
            Answer::Unknown => Self::Warning,
        }
    }
}

/// Collects changes up to the limit.
#[derive(Debug, Default)]
pub(super) struct Changes {
    pub(super) found: Vec<Change>,
    pub(super) operation: String,
    /// Whether the two documents are the same, so that equal references mean the same.
    pub(super) same: bool,
    /// Steps that comparisons of schemas took so far.
    pub(super) steps: usize,
}

impl Changes {
    pub(super) fn add(
        &mut self,
        severity: Severity,
        rule: impl Into<String>,
        place: &str,
        text: impl Into<String>,
    ) {
        if self.found.len() < CHANGES {
            self.found.push(Change {
                severity,
                rule: rule.into(),
                operation: self.operation.clone(),
                place: place.to_owned(),
                text: text.into(),
            });
        }
    }
}
