//! Why a request was refused before routing.

use trunkline_model::{ErrorCode, code};

/// A rule that a request broke.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A rule of the message format; the text names it.
    #[error("{0}")]
    Malformed(&'static str),
    /// The header section has too many bytes or fields.
    #[error("{0}")]
    HeadersTooLarge(&'static str),
    /// The request target has too many bytes.
    #[error("the request target is longer than the limit")]
    TargetTooLong,
}

impl Refusal {
    /// The code under which the client can look it up.
    #[must_use]
    pub fn code(&self) -> &'static ErrorCode {
        match self {
            Self::Malformed(_) => &code::GATEWAY_MALFORMED,
            Self::HeadersTooLarge(_) => &code::GATEWAY_HEADERS_TOO_LARGE,
            Self::TargetTooLong => &code::GATEWAY_TARGET_TOO_LONG,
        }
    }
}
