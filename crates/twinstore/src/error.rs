//! What can go wrong.

use trunkline_model::EventError;
use trunkline_store::StoreError;

use crate::NotKept;

/// Why a request about a twin could not be worked off.
#[derive(Debug, thiserror::Error)]
pub enum TwinsError {
    /// The platform stops, or the log takes nothing now. What was asked was not done.
    #[error("twins are not changed now")]
    Closed,
    /// The table cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The log cannot be used.
    #[error(transparent)]
    NotKept(#[from] NotKept),
    /// An event cannot be written.
    #[error(transparent)]
    Event(#[from] EventError),
}

impl From<sqlx::Error> for TwinsError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}
