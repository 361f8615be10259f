//! Why something is refused, in the words of AWS, which devices compare with.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::Status;
use crate::execution::{Execution, State};

/// The kind of a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Code {
    /// Nobody answers on this topic.
    InvalidTopic,
    /// The payload is no JSON object.
    InvalidJson,
    /// The payload breaks a rule.
    InvalidRequest,
    /// The execution cannot go from where it is to where it is wanted.
    InvalidStateTransition,
    /// There is no such execution, or no such thing.
    ResourceNotFound,
    /// The execution has another version than the one that was expected.
    VersionMismatch,
    /// The platform failed.
    InternalError,
    /// Too many requests at a time.
    RequestThrottled,
    /// The execution that is asked about has ended.
    TerminalStateReached,
}

impl Code {
    /// As AWS writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidTopic => "InvalidTopic",
            Self::InvalidJson => "InvalidJson",
            Self::InvalidRequest => "InvalidRequest",
            Self::InvalidStateTransition => "InvalidStateTransition",
            Self::ResourceNotFound => "ResourceNotFound",
            Self::VersionMismatch => "VersionMismatch",
            Self::InternalError => "InternalError",
            Self::RequestThrottled => "RequestThrottled",
            Self::TerminalStateReached => "TerminalStateReached",
        }
    }

    /// The number that it has where the same is asked over HTTP.
    #[must_use]
    pub const fn http(self) -> u16 {
        match self {
            Self::InvalidTopic | Self::InvalidJson | Self::InvalidRequest => 400,
            Self::ResourceNotFound => 404,
            Self::InvalidStateTransition | Self::VersionMismatch => 409,
            Self::TerminalStateReached => 410,
            Self::RequestThrottled => 429,
            Self::InternalError => 500,
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Something that is refused.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct Rejected {
    /// The kind.
    pub code: Code,
    /// What was wrong.
    pub message: String,
    /// How far the execution is, where it is the reason.
    pub state: Option<State>,
}

impl Rejected {
    fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            state: None,
        }
    }

    pub(crate) fn request(message: impl Into<String>) -> Self {
        Self::new(Code::InvalidRequest, message)
    }

    pub(crate) fn json() -> Self {
        Self::new(
            Code::InvalidJson,
            "The payload is not a JSON object in UTF-8",
        )
    }

    pub(crate) fn topic(path: &str) -> Self {
        let path: String = path.chars().take(256).collect();
        Self::new(
            Code::InvalidTopic,
            format!("Nobody answers requests on jobs/{path}"),
        )
    }

    /// There is no such thing.
    #[must_use]
    pub fn no_thing() -> Self {
        Self::new(Code::ResourceNotFound, "Thing not found")
    }

    pub(crate) fn no_execution(job: &str, number: Option<u64>) -> Self {
        let message = match number {
            Some(number) => format!("No execution {number} of job {job} exists for the thing"),
            None => format!("No execution of job {job} exists for the thing"),
        };
        Self::new(Code::ResourceNotFound, message)
    }

    /// The thing asks more often than it may.
    #[must_use]
    pub fn throttled() -> Self {
        Self::new(Code::RequestThrottled, "Too many requests")
    }

    /// The platform could not do it, and changed nothing.
    #[must_use]
    pub fn internal() -> Self {
        Self::new(Code::InternalError, "The request could not be served")
    }

    pub(crate) fn version(expected: u64, execution: &Execution) -> Self {
        let message = format!(
            "Expected version {expected} but found version {}",
            execution.version
        );
        Self {
            state: Some(execution.state()),
            ..Self::new(Code::VersionMismatch, message)
        }
    }

    pub(crate) fn transition(execution: &Execution, next: Status) -> Self {
        let message = format!(
            "The execution is {} and cannot become {next}",
            execution.status
        );
        Self {
            state: Some(execution.state()),
            ..Self::new(Code::InvalidStateTransition, message)
        }
    }

    pub(crate) fn job(message: impl Into<String>) -> Self {
        Self::new(Code::InvalidStateTransition, message)
    }

    pub(crate) fn ended(execution: &Execution) -> Self {
        let message = format!("The execution is {}", execution.status);
        Self::new(Code::TerminalStateReached, message)
    }

    /// The document that goes to `…/rejected`.
    #[must_use]
    pub fn document(&self, now: i64, token: Option<&str>) -> Value {
        let mut document = Map::new();
        document.insert("code".into(), self.code.as_str().into());
        document.insert("message".into(), self.message.clone().into());
        if let Some(token) = token {
            document.insert("clientToken".into(), token.into());
        }
        document.insert("timestamp".into(), now.into());
        if let Some(state) = &self.state {
            document.insert("executionState".into(), state.document());
        }
        Value::Object(document)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_refusal_says_what_and_when_and_to_which_request() {
        assert_eq!(
            Rejected::throttled().document(7, Some("t")),
            json!({
                "code": "RequestThrottled",
                "message": "Too many requests",
                "clientToken": "t",
                "timestamp": 7,
            })
        );
        assert_eq!(
            Rejected::internal().document(7, None)["code"],
            "InternalError"
        );
        assert_eq!(Rejected::no_thing().code, Code::ResourceNotFound);
    }

    #[test]
    fn each_code_has_its_number() {
        for (code, number) in [
            (Code::InvalidTopic, 400),
            (Code::InvalidJson, 400),
            (Code::InvalidRequest, 400),
            (Code::ResourceNotFound, 404),
            (Code::InvalidStateTransition, 409),
            (Code::VersionMismatch, 409),
            (Code::TerminalStateReached, 410),
            (Code::RequestThrottled, 429),
            (Code::InternalError, 500),
        ] {
            assert_eq!(code.http(), number);
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
        }
    }
}
