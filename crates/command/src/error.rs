//! What can go wrong about commands.

use trunkline_model::{Coded, ErrorCode, EventError, code};
use trunkline_store::StoreError;

use crate::CommandStatus;
use crate::model::PAYLOAD;

/// Why something about a command was not done.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// There is no such device.
    #[error("there is no thing called `{0}`")]
    ThingUnknown(String),
    /// There is no such command.
    #[error("there is no command {0}")]
    Unknown(String),
    /// A command cannot be like that.
    #[error("{0}")]
    Invalid(&'static str),
    /// The payload is too large.
    #[error("the payload has {0} bytes, at most {PAYLOAD}")]
    TooLarge(usize),
    /// The command is over and cannot be called off any more.
    #[error("the command is over: it is `{}`", .0.as_str())]
    Over(CommandStatus),
    /// Too many commands wait for an answer.
    #[error("{0}")]
    Full(String),
    /// There is nobody now to whom commands could be handed.
    #[error("there is no broker here that delivers commands now")]
    NoBroker,
    /// What is said to be the end of an earlier page is not.
    #[error("`after` is not what an earlier page gave as `next`")]
    Page,
    /// So many answers wait to be written down that there is no room for another.
    #[error("{0} answers wait to be written down, which is the most")]
    Unheard(usize),
    /// The table could not be read or written.
    #[error("the commands cannot be read or written")]
    Store(#[from] StoreError),
}

impl CommandError {
    /// Whether it may go well another time.
    pub(crate) const fn is_passing(&self) -> bool {
        matches!(
            self,
            Self::Store(StoreError::Busy(_) | StoreError::Full(_) | StoreError::Statement(_))
        )
    }
}

impl From<EventError> for CommandError {
    fn from(error: EventError) -> Self {
        Self::Store(error.into())
    }
}

impl From<sqlx::Error> for CommandError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Coded for CommandError {
    fn code(&self) -> &'static ErrorCode {
        match self {
            Self::ThingUnknown(_) => &code::FLEET_THING_UNKNOWN,
            Self::Unknown(_) => &code::COMMAND_UNKNOWN,
            Self::Invalid(_) => &code::COMMAND_INVALID,
            Self::TooLarge(_) => &code::COMMAND_TOO_LARGE,
            Self::Over(_) => &code::COMMAND_OVER,
            Self::Full(_) => &code::COMMAND_FULL,
            Self::NoBroker => &code::COMMAND_NO_BROKER,
            Self::Unheard(_) => &code::STORE_BUSY,
            Self::Page => &code::WEB_PARAMETER,
            Self::Store(error) => error.code(),
        }
    }
}
