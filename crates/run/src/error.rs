//! What can go wrong with services.

use trunkline_keeper::KeeperError;
use trunkline_model::{Coded, ErrorCode, EventError, code};
use trunkline_rollout::Refusal;
use trunkline_store::StoreError;

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// There is no such thing.
    #[error("there is no {0}")]
    Unknown(String),
    /// It cannot be done as the service is now.
    #[error("{0}")]
    State(String),
    /// Going back is not safe.
    #[error("{0}")]
    Unsafe(String),
    /// Something does not start.
    #[error("{0}")]
    Start(String),
    /// The keeper does not answer, or refuses.
    #[error(transparent)]
    Keeper(#[from] KeeperError),
    /// The tables cannot be read or written.
    #[error("the tables of services cannot be read or written")]
    Store(#[from] StoreError),
}

impl From<EventError> for RunError {
    fn from(error: EventError) -> Self {
        Self::Store(error.into())
    }
}

impl From<Refusal> for RunError {
    fn from(refusal: Refusal) -> Self {
        Self::State(match refusal {
            Refusal::Pinned(why) => format!("the service is pinned: {why}"),
            Refusal::NothingBefore => "there is no release to go back to".to_owned(),
            Refusal::Serves => "that release serves already".to_owned(),
            Refusal::NothingOnItsWay => "no deployment is on its way".to_owned(),
            Refusal::Is(state) => format!("the deployment is `{}`", state.name()),
        })
    }
}

impl Coded for RunError {
    fn code(&self) -> &'static ErrorCode {
        match self {
            Self::Unknown(_) => &code::RUN_UNKNOWN,
            Self::State(_) => &code::RUN_STATE,
            Self::Unsafe(_) => &code::RUN_UNSAFE,
            Self::Start(_) => &code::RUN_START,
            Self::Keeper(error) => error.code(),
            Self::Store(error) => error.code(),
        }
    }
}
