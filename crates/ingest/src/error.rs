//! What is refused, and why.

use std::time::Duration;

use trunkline_log::LogError;
use trunkline_model::{Coded, ErrorCode, code};
use trunkline_web::Problem;

/// Why one event, or a whole request, was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct Refusal {
    /// The code of the reason.
    pub code: &'static ErrorCode,
    /// What is wrong, and where.
    pub detail: String,
}

impl Refusal {
    pub(crate) fn new(code: &'static ErrorCode, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
        }
    }

    /// The same refusal, with the place at which it was met.
    #[must_use]
    pub(crate) fn at(mut self, place: &str, number: usize) -> Self {
        self.detail = format!("{place} {number}: {}", self.detail);
        self
    }
}

/// Why a request was not taken.
#[derive(Debug, thiserror::Error)]
pub enum IngestError {
    /// The request itself is at fault.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The sender is over its rate.
    #[error("{sender} sends more than {per_second} events a second")]
    Rate {
        /// Who sent it.
        sender: String,
        /// What it may send.
        per_second: u64,
        /// How long to wait.
        retry_after: Duration,
    },
    /// Too many bytes of requests are in memory.
    #[error("{in_flight} bytes of requests are being taken in already")]
    Busy {
        /// Bytes that requests may take in all.
        in_flight: u64,
    },
    /// The log did not take it; nothing was kept.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The connection broke before the request was read.
    #[error("the request could not be read to its end")]
    Broken(#[source] axum::Error),
    /// The platform's own event could not be written as JSON.
    #[error("the event cannot be written as JSON")]
    Unwritable(#[from] serde_json::Error),
}

impl Coded for IngestError {
    fn code(&self) -> &'static ErrorCode {
        match self {
            Self::Refused(refusal) => refusal.code,
            Self::Rate { .. } => &code::INGEST_RATE,
            Self::Busy { .. } => &code::INGEST_BUSY,
            Self::Log(error) => error.code(),
            Self::Broken(_) => &code::INGEST_BROKEN,
            Self::Unwritable(_) => &code::INGEST_MALFORMED,
        }
    }
}

impl IngestError {
    /// How long a sender should wait before it sends the same again; none where that cannot help.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Rate { retry_after, .. } => Some(*retry_after),
            Self::Busy { .. } | Self::Log(LogError::Busy { .. } | LogError::Closed) => {
                Some(Duration::from_secs(1))
            }
            Self::Log(LogError::Full { .. }) => Some(Duration::from_secs(10)),
            _ => None,
        }
    }

    /// The problem that it is to a client.
    #[must_use]
    pub fn into_problem(self) -> Problem {
        let problem = match &self {
            Self::Log(error) => Problem::from_error(error),
            other => Problem::from_error(other),
        };
        match self.retry_after() {
            Some(wait) => problem.retry_after(wait),
            None => problem,
        }
    }
}
