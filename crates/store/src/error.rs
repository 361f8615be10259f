//! What can go wrong in the control state.

use std::path::PathBuf;

use trunkline_model::{Coded, ErrorCode, code};

/// SQLite's primary result codes that have a meaning of their own here.
const BUSY: i32 = 5;
const LOCKED: i32 = 6;
const FULL: i32 = 13;

/// Why the control state was not read or changed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file cannot be made or opened.
    #[error("cannot open {path}")]
    Open {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The file has tables that this version does not know.
    #[error("the tables of `{room}` have version {found}, this Trunkline knows {known}")]
    Newer {
        /// Whose tables.
        room: String,
        /// The version in the file.
        found: u32,
        /// The newest version that is known.
        known: u32,
    },
    /// Another process or a long transaction holds the file.
    #[error("the control state stayed locked")]
    Busy(#[source] sqlx::Error),
    /// There is no room on the disk.
    #[error("there is no room on the disk for the control state")]
    Full(#[source] sqlx::Error),
    /// A statement failed.
    #[error("a statement on the control state failed")]
    Statement(#[source] sqlx::Error),
    /// A stored value is not what this version writes.
    #[error("a stored {what} cannot be read")]
    Value {
        /// What it should have been.
        what: &'static str,
        /// The text that was found is never shown: it may be a secret.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The event of a change is too large.
    #[error("the event of this change has {bytes} bytes, it may have {limit}")]
    EventTooLarge {
        /// Bytes of the event.
        bytes: usize,
        /// Bytes that it may have.
        limit: usize,
    },
    /// The event of a change cannot be written down.
    #[error("the event of this change cannot be written as JSON")]
    Event(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl StoreError {
    /// The error of a stored value that should have been `what`.
    pub fn value(
        what: &'static str,
        source: impl std::error::Error + Send + Sync + 'static,
    ) -> Self {
        Self::Value {
            what,
            source: Box::new(source),
        }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        if matches!(error, sqlx::Error::PoolTimedOut) {
            return Self::Busy(error);
        }
        let result = error
            .as_database_error()
            .and_then(|cause| cause.code()?.parse::<i32>().ok());
        match result.map(|extended| extended & 0xff) {
            Some(BUSY | LOCKED) => Self::Busy(error),
            Some(FULL) => Self::Full(error),
            _ => Self::Statement(error),
        }
    }
}

impl From<trunkline_model::EventError> for StoreError {
    fn from(error: trunkline_model::EventError) -> Self {
        Self::Event(Box::new(error))
    }
}

impl Coded for StoreError {
    fn code(&self) -> &'static ErrorCode {
        match self {
            Self::Open { .. } | Self::Statement(_) | Self::Value { .. } => &code::STORE_IO,
            Self::Newer { .. } => &code::STORE_NEWER,
            Self::Busy(_) => &code::STORE_BUSY,
            Self::Full(_) => &code::STORE_FULL,
            Self::EventTooLarge { .. } | Self::Event(_) => &code::STORE_EVENT,
        }
    }
}
