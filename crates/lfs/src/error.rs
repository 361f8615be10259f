//! What can go wrong with large files.

use trunkline_model::{Coded, ErrorCode, EventError, code};
use trunkline_store::StoreError;

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum LfsError {
    /// There is no such thing.
    #[error("there is no {0}")]
    Unknown(String),
    /// What is asked for cannot be.
    #[error("{0}")]
    Invalid(String),
    /// A file is larger than files may be.
    #[error("a file has at most {0} bytes")]
    TooLarge(u64),
    /// There is no room for it.
    #[error("{0}")]
    Full(String),
    /// What came is not what was said.
    #[error("what came has the SHA-256 {found} and {bytes} bytes: nothing of it was kept")]
    Digest {
        /// Its SHA-256.
        found: String,
        /// Its bytes.
        bytes: u64,
    },
    /// It broke off.
    #[error("the upload broke off: {0}")]
    Broken(String),
    /// Too many do the same.
    #[error("too many {0} are under way")]
    Busy(&'static str),
    /// The object storage failed.
    #[error("the object storage cannot be read or written")]
    Storage(#[from] object_store::Error),
    /// The table cannot be read or written.
    #[error("the table of large files cannot be read or written")]
    Store(#[from] StoreError),
    /// The platform stops.
    #[error("the platform stops")]
    Stopped,
}

impl From<EventError> for LfsError {
    fn from(error: EventError) -> Self {
        Self::Store(error.into())
    }
}

impl Coded for LfsError {
    fn code(&self) -> &'static ErrorCode {
        match self {
            Self::Unknown(_) => &code::LFS_UNKNOWN,
            Self::Invalid(_) => &code::LFS_INVALID,
            Self::TooLarge(_) => &code::LFS_TOO_LARGE,
            Self::Full(_) => &code::LFS_FULL,
            Self::Digest { .. } | Self::Broken(_) => &code::LFS_BROKEN,
            Self::Busy(_) => &code::LFS_BUSY,
            Self::Storage(_) | Self::Stopped => &code::LFS_STORAGE,
            Self::Store(error) => error.code(),
        }
    }
}
