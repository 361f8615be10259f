//! What can go wrong in the forge.

use trunkline_model::{Coded, ErrorCode, EventError, code};
use trunkline_repository::RepositoryError;
use trunkline_store::StoreError;

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum ForgeError {
    /// There is no such thing.
    #[error("there is no {0}")]
    Unknown(String),
    /// There is a repository of this name.
    #[error("there is a repository `{0}`")]
    Exists(String),
    /// What is asked for cannot be.
    #[error("{0}")]
    Invalid(String),
    /// It cannot be done with the change as it is.
    #[error("change {number} is {state}: {problem}")]
    State {
        /// The change.
        number: i64,
        /// Its state.
        state: &'static str,
        /// Why it is in the way.
        problem: &'static str,
    },
    /// There is no room for more.
    #[error("{0}")]
    Limit(String),
    /// git is missing.
    #[error("git hosting is off: {0}")]
    Disabled(String),
    /// The platform stops.
    #[error("the platform stops")]
    Stopped,
    /// The repository refused.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
    /// The tables cannot be read or written.
    #[error("the forge's tables cannot be read or written")]
    Store(#[from] StoreError),
}

impl From<EventError> for ForgeError {
    fn from(error: EventError) -> Self {
        Self::Store(error.into())
    }
}

impl Coded for ForgeError {
    fn code(&self) -> &'static ErrorCode {
        match self {
            Self::Unknown(_) => &code::FORGE_UNKNOWN,
            Self::Exists(_) => &code::FORGE_EXISTS,
            Self::Invalid(_) => &code::FORGE_INVALID,
            Self::State { .. } => &code::FORGE_STATE,
            Self::Limit(_) => &code::FORGE_LIMIT,
            Self::Disabled(_) => &code::FORGE_DISABLED,
            Self::Stopped => &code::FORGE_STOPPED,
            Self::Repository(error) => error.code(),
            Self::Store(error) => error.code(),
        }
    }
}
