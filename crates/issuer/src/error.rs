//! What can go wrong when clients are changed and tokens are made.

use trunkline_model::{Coded, ErrorCode, EventError, code};
use trunkline_store::StoreError;

use crate::PeopleError;

/// Why a client was not changed, or a token not made.
#[derive(Debug, thiserror::Error)]
pub enum IssuerError {
    /// There is no such client.
    #[error("there is no such client")]
    ClientUnknown,
    /// The client would not be well-formed.
    #[error("{0}")]
    ClientInvalid(String),
    /// There are as many as there may be.
    #[error("there are {limit} {what} already")]
    TooMany {
        /// What there are too many of.
        what: &'static str,
        /// How many there may be.
        limit: usize,
    },
    /// The client has no such secret.
    #[error("the client has no such secret")]
    SecretUnknown,
    /// A workload token cannot be made like this.
    #[error("{0}")]
    WorkloadInvalid(&'static str),
    /// The address of the platform is not one that tokens can carry.
    #[error("`{0}` cannot be the address of an issuer")]
    Url(String),
    /// A key could not be made or used.
    #[error("a signing key cannot be made or used")]
    Key,
    /// The people could not be asked.
    #[error("the people cannot be asked")]
    People(#[source] PeopleError),
    /// The control state failed.
    #[error("the clients and grants cannot be read or changed")]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for IssuerError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl From<EventError> for IssuerError {
    fn from(error: EventError) -> Self {
        Self::Store(error.into())
    }
}

impl Coded for IssuerError {
    fn code(&self) -> &'static ErrorCode {
        match self {
            Self::ClientUnknown => &code::ISSUER_CLIENT_UNKNOWN,
            Self::ClientInvalid(_) => &code::ISSUER_CLIENT_INVALID,
            Self::TooMany { .. } => &code::ISSUER_TOO_MANY,
            Self::SecretUnknown => &code::ISSUER_SECRET_UNKNOWN,
            Self::WorkloadInvalid(_) => &code::ISSUER_WORKLOAD_INVALID,
            Self::Url(_) => &code::ISSUER_URL,
            Self::Key | Self::People(_) => &code::ISSUER_FAILED,
            Self::Store(error) => error.code(),
        }
    }
}
