//! What can go wrong at the door.

use std::time::Duration;

use trunkline_model::{Coded, ErrorCode, EventError, code};
use trunkline_store::StoreError;
use trunkline_web::AuthError;

use crate::model::TokenId;

/// Why somebody did not come in, or a change at the door was not made.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// The credential is not good; why is not told.
    #[error("the credential is unknown, revoked, expired or mistyped")]
    BadCredential,
    /// Too many wrong credentials came from this address.
    #[error("too many wrong credentials came from this address")]
    RateLimited {
        /// How long to wait.
        retry_after: Duration,
    },
    /// The sign-in link is not good; why is not told.
    #[error("the sign-in link was used already, is too old or never was one")]
    LinkSpent,
    /// There is no such token, or it is revoked.
    #[error("there is no token {0}")]
    TokenUnknown(TokenId),
    /// The name of the new token is not well-formed.
    #[error("a token cannot have this name")]
    NameInvalid,
    /// The new token would live too short or too long.
    #[error("a token cannot expire in {days} days")]
    LifeInvalid {
        /// The days that were asked for.
        days: u32,
    },
    /// The new token could do nothing.
    #[error("the list of scopes is empty")]
    ScopesEmpty,
    /// The control state failed.
    #[error("the accounts and tokens cannot be read or changed")]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for AccessError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl From<EventError> for AccessError {
    fn from(error: EventError) -> Self {
        Self::Store(error.into())
    }
}

impl Coded for AccessError {
    fn code(&self) -> &'static ErrorCode {
        match self {
            Self::BadCredential => &code::ACCESS_BAD_CREDENTIAL,
            Self::RateLimited { .. } => &code::ACCESS_RATE,
            Self::LinkSpent => &code::ACCESS_LINK_SPENT,
            Self::TokenUnknown(_) => &code::ACCESS_TOKEN_UNKNOWN,
            Self::NameInvalid => &code::ACCESS_NAME_INVALID,
            Self::LifeInvalid { .. } => &code::ACCESS_LIFE_INVALID,
            Self::ScopesEmpty => &code::ACCESS_SCOPES_EMPTY,
            Self::Store(error) => error.code(),
        }
    }
}

impl From<AccessError> for AuthError {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::BadCredential => Self::Invalid,
            AccessError::RateLimited { retry_after } => Self::Limited { retry_after },
            other => Self::Failed {
                code: other.code(),
                source: Box::new(other),
            },
        }
    }
}
