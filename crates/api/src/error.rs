//! What can go wrong at the outside itself.

use trunkline_model::{Coded, ErrorCode, code};

/// Why a request was not answered as it asked.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// The place to read from is none.
    #[error("`{0}` is no place in the log")]
    From(String),
    /// The name of a saved query cannot be one.
    #[error("`{0}` is no name for a query")]
    QueryName(String),
    /// No query is saved under this name.
    #[error("no query is saved as `{0}`")]
    UnknownQuery(String),
    /// The wanted format is none that can be written.
    #[error("`{0}` names no format that this address writes")]
    Format(String),
    /// Too many clients follow the log.
    #[error("{0} clients follow the log already")]
    TooManyTails(usize),
}

impl Coded for ApiError {
    fn code(&self) -> &'static ErrorCode {
        match self {
            Self::From(_) => &code::API_FROM_INVALID,
            Self::QueryName(_) => &code::API_QUERY_NAME,
            Self::UnknownQuery(_) => &code::API_QUERY_UNKNOWN,
            Self::Format(_) => &code::API_FORMAT,
            Self::TooManyTails(_) => &code::API_TAILS,
        }
    }
}
