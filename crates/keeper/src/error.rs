//! What can go wrong with the keeper.

use trunkline_model::{Coded, ErrorCode, code};

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum KeeperError {
    /// It cannot be started, or does not answer.
    #[error("the keeper of the services does not answer: {0}")]
    Unreachable(String),
    /// It answered that it could not.
    #[error("{0}")]
    Refused(String),
}

impl KeeperError {
    pub(crate) fn unreachable(error: impl std::fmt::Display) -> Self {
        Self::Unreachable(error.to_string())
    }
}

impl Coded for KeeperError {
    fn code(&self) -> &'static ErrorCode {
        match self {
            Self::Unreachable(_) => &code::RUN_KEEPER,
            Self::Refused(_) => &code::RUN_START,
        }
    }
}
