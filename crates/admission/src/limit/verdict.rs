//! What the limiter answers.

use std::fmt;
use std::time::Duration;

use http::HeaderMap;
use trunkline_model::{Coded, ErrorCode, code};

use super::header::write_retry_after;
use super::{LimitHeaders, Permit};

/// Whether a request may pass.
#[derive(Debug)]
pub enum Verdict {
    /// It may, and is counted.
    Pass(Passed),
    /// It may not; nothing is counted anywhere.
    Refuse(Box<Refusal>),
}

/// A request that may pass.
#[derive(Debug)]
pub struct Passed {
    /// Where its sender stands now.
    pub headers: LimitHeaders,
    /// Its place among the requests under way, if its plan limits them.
    pub permit: Option<Permit>,
}

/// What is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RefusalKind {
    /// Too many requests in a short time.
    Rate,
    /// The requests of the day or the month.
    Quota,
    /// Too many requests at the same time.
    Concurrency,
}

/// By what the requests are counted that were too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dimension {
    /// The key or the subject.
    Holder,
    /// The client's address.
    Address,
    /// The route.
    Route,
}

impl fmt::Display for Dimension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Holder => "key",
            Self::Address => "address",
            Self::Route => "route",
        })
    }
}

/// A request that may not pass; of several limits that refuse it, the one that refuses it the longest.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// After which time it may pass.
    pub retry_after: Duration,
    /// What is used up.
    pub kind: RefusalKind,
    /// By what it is counted.
    pub dimension: Dimension,
    /// The name of the limit or plan.
    pub limit: String,
    /// Where the sender stands.
    pub headers: LimitHeaders,
}

impl Refusal {
    /// The value of `Retry-After`: whole seconds, rounded up, at least 1.
    #[must_use]
    pub fn retry_after_seconds(&self) -> u64 {
        let partial = u64::from(self.retry_after.subsec_nanos() > 0);
        self.retry_after.as_secs().saturating_add(partial).max(1)
    }

    /// Writes `Retry-After` and the headers of [`LimitHeaders::write`].
    pub fn write_headers(&self, headers: &mut HeaderMap) {
        self.headers.write(headers);
        write_retry_after(headers, self.retry_after_seconds());
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (limit, seconds) = (&self.limit, self.retry_after_seconds());
        match self.kind {
            RefusalKind::Rate => write!(
                f,
                "the limit `{limit}` for this {} is reached; try again in {seconds} s",
                self.dimension
            ),
            RefusalKind::Quota => write!(
                f,
                "the quota `{limit}` is used up; it begins anew in {seconds} s"
            ),
            RefusalKind::Concurrency => write!(
                f,
                "the plan `{limit}` lets no more requests be under way at the same time"
            ),
        }
    }
}

impl std::error::Error for Refusal {}

impl Coded for Refusal {
    fn code(&self) -> &'static ErrorCode {
        match self.kind {
            RefusalKind::Rate => &code::ADMISSION_RATE,
            RefusalKind::Quota => &code::ADMISSION_QUOTA,
            RefusalKind::Concurrency => &code::ADMISSION_CONCURRENCY,
        }
    }
}
