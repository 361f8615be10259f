//! What can go wrong about things and twins.

use trunkline_job::Code;
use trunkline_model::{Coded, ErrorCode, EventError, code};
use trunkline_store::StoreError;
use trunkline_twin::Rejected;
use trunkline_twinstore::TwinsError;

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
    /// There is no such certificate.
    #[error("there is no certificate {0}")]
    CertificateUnknown(String),
    /// A certificate cannot be made or used like that.
    #[error("{0}")]
    Certificate(String),
    /// A device may not join.
    #[error("{0}")]
    JoinRefused(&'static str),
    /// There is no such job.
    #[error("there is no job called `{0}`")]
    JobUnknown(String),
    /// There is one already.
    #[error("there is a job called `{0}` already")]
    JobExists(String),
    /// A job cannot be like that.
    #[error("{0}")]
    JobInvalid(String),
    /// Something about a job is refused by its rules.
    #[error("{0}")]
    Job(#[from] trunkline_job::Rejected),
    /// There is no such group.
    #[error("there is no group called `{0}`")]
    GroupUnknown(String),
    /// There is one already.
    #[error("there is a group called `{0}` already")]
    GroupExists(String),
    /// A group cannot be like that.
    #[error("{0}")]
    GroupInvalid(String),
    /// A statement gives nothing that can be used.
    #[error("the statement cannot be evaluated: {0}")]
    Statement(String),
    /// There is no such type.
    #[error("there is no type called `{0}`")]
    TypeUnknown(String),
    /// A type cannot be like that.
    #[error("{0}")]
    TypeInvalid(String),
    /// A thing is not as its type says.
    #[error("the attributes do not fit the type `{kind}`: {}", problems.join("; "))]
    Unfit {
        /// The type.
        kind: String,
        /// What is wrong.
        problems: Vec<String>,
    },
    /// There are too many of something.
    #[error("{0}")]
    Full(String),
    /// What is said to be the end of an earlier page is not.
    #[error("`after` is not what an earlier page gave as `next`")]
    Page,
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

impl From<TwinsError> for FleetError {
    fn from(error: TwinsError) -> Self {
        match error {
            TwinsError::Store(error) => Self::Store(error),
            TwinsError::Event(error) => error.into(),
            TwinsError::Closed | TwinsError::NotKept(_) => Self::Closed,
        }
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
            Self::CertificateUnknown(_) => &code::FLEET_CERTIFICATE_UNKNOWN,
            Self::Certificate(_) => &code::FLEET_CERTIFICATE_INVALID,
            Self::JoinRefused(_) => &code::FLEET_JOIN_REFUSED,
            Self::JobUnknown(_) => &code::FLEET_JOB_UNKNOWN,
            Self::JobExists(_) => &code::FLEET_JOB_EXISTS,
            Self::JobInvalid(_) => &code::FLEET_JOB_INVALID,
            Self::Job(rejected) => match rejected.code {
                Code::ResourceNotFound => &code::FLEET_JOB_UNKNOWN,
                Code::InvalidStateTransition
                | Code::VersionMismatch
                | Code::TerminalStateReached => &code::FLEET_JOB_STATE,
                _ => &code::FLEET_JOB_INVALID,
            },
            Self::GroupUnknown(_) => &code::FLEET_GROUP_UNKNOWN,
            Self::GroupExists(_) => &code::FLEET_GROUP_EXISTS,
            Self::GroupInvalid(_) => &code::FLEET_GROUP_INVALID,
            Self::Statement(_) => &code::FLEET_STATEMENT,
            Self::TypeUnknown(_) => &code::FLEET_TYPE_UNKNOWN,
            Self::TypeInvalid(_) => &code::FLEET_TYPE_INVALID,
            Self::Unfit { .. } => &code::FLEET_UNFIT,
            Self::Full(_) => &code::FLEET_FULL,
            Self::Page => &code::WEB_PARAMETER,
            Self::Closed => &code::FLEET_CLOSED,
            Self::Store(error) => error.code(),
        }
    }
}
