//! What can go wrong about things and twins.

use trunkline_model::{Coded, ErrorCode, EventError, code};
use trunkline_store::StoreError;
use trunkline_twin::Rejected;

/// Why something about a thing was not done.
#[derive(Debug, thiserror::Error)]
pub enum FleetError {
    /// There is no such thing.
    #[error("there is no thing called `{0}`")]
    ThingUnknown(String),
    /// There is one already.
    #[error("there is a thing called `{0}` already")]
    ThingExists(String),
    /// What was asked for breaks a rule.
    #[error("{0}")]
    Invalid(String),
    /// A request about a twin is refused in the words of AWS.
    #[error("{0}")]
    Twin(#[from] Rejected),
    /// The platform stops.
    #[error("the platform stops: nothing is changed any more")]
    Closed,
    /// The tables could not be read or written.
    #[error("the fleet cannot be read or written")]
    Store(#[from] StoreError),
}

impl From<EventError> for FleetError {
    fn from(error: EventError) -> Self {
        Self::Store(error.into())
    }
}

impl From<sqlx::Error> for FleetError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Coded for FleetError {
    fn code(&self) -> &'static ErrorCode {
        match self {
            Self::ThingUnknown(_) => &code::FLEET_THING_UNKNOWN,
            Self::ThingExists(_) => &code::FLEET_THING_EXISTS,
            Self::Invalid(_) => &code::FLEET_INVALID,
            Self::Twin(rejected) if *rejected == Rejected::no_thing() => &code::FLEET_THING_UNKNOWN,
            Self::Twin(rejected) => match rejected.code {
                404 => &code::FLEET_TWIN_UNKNOWN,
                409 => &code::FLEET_TWIN_CONFLICT,
                413 => &code::FLEET_TWIN_TOO_LARGE,
                _ => &code::FLEET_TWIN_INVALID,
            },
            Self::Closed => &code::FLEET_CLOSED,
            Self::Store(error) => error.code(),
        }
    }
}
