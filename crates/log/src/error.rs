//! What can go wrong in the log.

use trunkline_model::{Coded, ErrorCode, code};

use crate::Offset;

/// Why the log did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// There is no room on the disk; nothing of the batch was kept.
    #[error(
        "the disk under the log has {free_bytes} bytes free and keeps {reserve_bytes} in reserve"
    )]
    Full {
        /// Bytes that are free.
        free_bytes: u64,
        /// Bytes that the log leaves free.
        reserve_bytes: u64,
    },
    /// The queue of appends stayed full for as long as an append may wait.
    #[error("the log's queue of {queued_bytes} bytes stayed full")]
    Busy {
        /// Bytes that wait.
        queued_bytes: u64,
    },
    /// One batch is larger than a record may be, or its parts do not fit together.
    #[error("the batch has {bytes} bytes, a record may have {limit}")]
    TooLarge {
        /// Bytes of the batch.
        bytes: u64,
        /// Bytes that it may have.
        limit: u64,
    },
    /// Another process holds the directory.
    #[error("another process holds the lock on {directory}")]
    Locked {
        /// The directory of the log.
        directory: String,
    },
    /// A record does not match its checksum although records follow it.
    #[error("segment {segment} has a damaged record at byte {position}")]
    Corrupt {
        /// The file.
        segment: String,
        /// Where in the file.
        position: u64,
    },
    /// The wanted offset was removed by retention.
    #[error("offset {wanted} is gone, the oldest is {first}")]
    Gone {
        /// The offset that was asked for.
        wanted: Offset,
        /// The oldest offset there is.
        first: Offset,
    },
    /// The files could not be read or written.
    #[error("cannot {action}")]
    Io {
        /// What was tried.
        action: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The log takes nothing more.
    #[error("the log is closed")]
    Closed,
}

impl Coded for LogError {
    fn code(&self) -> &'static ErrorCode {
        match self {
            Self::Full { .. } => &code::LOG_FULL,
            Self::Busy { .. } => &code::LOG_BUSY,
            Self::TooLarge { .. } => &code::LOG_TOO_LARGE,
            Self::Locked { .. } => &code::LOG_LOCKED,
            Self::Corrupt { .. } => &code::LOG_CORRUPT,
            Self::Gone { .. } => &code::LOG_GONE,
            Self::Io { .. } => &code::LOG_IO,
            Self::Closed => &code::LOG_CLOSED,
        }
    }
}
