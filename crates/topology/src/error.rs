//! What can go wrong about relations.

use trunkline_model::{Coded, ErrorCode, EventError, code};
use trunkline_store::StoreError;

/// Why something about a relation was not done.
#[derive(Debug, thiserror::Error)]
pub enum TopologyError {
    /// There is no such device.
    #[error("there is no thing called `{0}`")]
    ThingUnknown(String),
    /// A relation cannot be like that.
    #[error("{0}")]
    Invalid(String),
    /// There are too many relations.
    #[error("{0}")]
    Full(String),
    /// What is said to be the end of an earlier page is not.
    #[error("`after` is not what an earlier page gave as `next`")]
    Page,
    /// How far is to be looked is not within the limits.
    #[error("`depth` is from 1 to 10")]
    Depth,
    /// The table could not be read or written.
    #[error("the relations cannot be read or written")]
    Store(#[from] StoreError),
}

impl From<EventError> for TopologyError {
    fn from(error: EventError) -> Self {
        Self::Store(error.into())
    }
}

impl From<sqlx::Error> for TopologyError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Coded for TopologyError {
    fn code(&self) -> &'static ErrorCode {
        match self {
            Self::ThingUnknown(_) => &code::FLEET_THING_UNKNOWN,
            Self::Invalid(_) => &code::TOPOLOGY_INVALID,
            Self::Full(_) => &code::TOPOLOGY_FULL,
            Self::Page | Self::Depth => &code::WEB_PARAMETER,
            Self::Store(error) => error.code(),
        }
    }
}
