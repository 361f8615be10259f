//! What can go wrong with mirrors.

use trunkline_model::{Coded, ErrorCode, EventError, code};
use trunkline_repository::RepositoryError;
use trunkline_store::StoreError;

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum MirrorError {
    /// There is no such thing.
    #[error("there is no {0}")]
    Unknown(String),
    /// What is asked for cannot be.
    #[error("{0}")]
    Invalid(String),
    /// There is no room for more.
    #[error("there are {0} mirrors, which is the limit")]
    Limit(usize),
    /// A webhook does not show that it is the other side's.
    #[error("the webhook is not signed with this mirror's secret")]
    Webhook,
    /// The other side may not be at this address.
    #[error("`{host}`: {why}")]
    Address {
        /// Its host.
        host: String,
        /// Why not.
        why: String,
    },
    /// The repository here refuses.
    #[error("{0}")]
    Hosting(String),
    /// git failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
    /// The table cannot be read or written.
    #[error("the table of mirrors cannot be read or written")]
    Store(#[from] StoreError),
}

impl From<EventError> for MirrorError {
    fn from(error: EventError) -> Self {
        Self::Store(error.into())
    }
}

impl Coded for MirrorError {
    fn code(&self) -> &'static ErrorCode {
        match self {
            Self::Unknown(_) => &code::MIRROR_UNKNOWN,
            Self::Invalid(_) | Self::Hosting(_) => &code::MIRROR_INVALID,
            Self::Limit(_) => &code::MIRROR_LIMIT,
            Self::Webhook => &code::MIRROR_WEBHOOK,
            Self::Address { .. } => &code::MIRROR_ADDRESS,
            Self::Repository(error) => error.code(),
            Self::Store(error) => error.code(),
        }
    }
}
