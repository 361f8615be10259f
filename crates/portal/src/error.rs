//! What can go wrong about documents.

use trunkline_contract::ContractError;
use trunkline_model::{Coded, ErrorCode, EventError, code};
use trunkline_store::StoreError;

/// Why something about a document was not answered.
#[derive(Debug, thiserror::Error)]
pub enum PortalError {
    /// The service has no document, or was never seen.
    #[error("the service `{0}` has no document here")]
    ServiceUnknown(String),
    /// A document that was sent cannot be used.
    #[error("the {which} document: {source}")]
    Document {
        /// `old` or `new`.
        which: &'static str,
        /// What is wrong with it.
        source: ContractError,
    },
    /// The versions could not be read or kept.
    #[error("the versions of the documents cannot be read or kept")]
    Store(#[from] StoreError),
}

impl From<EventError> for PortalError {
    fn from(error: EventError) -> Self {
        Self::Store(error.into())
    }
}

impl From<sqlx::Error> for PortalError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Coded for PortalError {
    fn code(&self) -> &'static ErrorCode {
        match self {
            Self::ServiceUnknown(_) => &code::PORTAL_SERVICE_UNKNOWN,
            Self::Document { source, .. } => source.code(),
            Self::Store(error) => error.code(),
        }
    }
}
