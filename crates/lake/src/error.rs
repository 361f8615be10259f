//! What can go wrong in the lake.

use datafusion::error::DataFusionError;
use deltalake::DeltaTableError;
use trunkline_log::LogError;
use trunkline_model::{Coded, ErrorCode, code};

/// Why the lake did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum LakeError {
    /// The statement has an error in it.
    #[error("{0}")]
    InvalidSql(String),
    /// The statement would write.
    #[error("{0}")]
    ReadOnly(String),
    /// The statement ran out of time.
    #[error("the statement did not end within {0} ms")]
    Timeout(u64),
    /// The statement ran out of memory or spill space.
    #[error("{0}")]
    Memory(String),
    /// Someone cancelled the statement.
    #[error("the statement was cancelled")]
    Cancelled,
    /// Too many statements run already.
    #[error("{0} statements are running already")]
    TooManyStatements(usize),
    /// No statement of this id runs.
    #[error("no statement `{0}` is running")]
    UnknownStatement(String),
    /// There is no table of this name.
    #[error("there is no table `{0}`")]
    UnknownTable(String),
    /// The table may not be seen by whoever asked.
    #[error("{0}")]
    Hidden(String),
    /// The name or the event type is taken.
    #[error("{0}")]
    Taken(String),
    /// A column or a table name is not well-formed.
    #[error("{0}")]
    InvalidColumn(String),
    /// Object storage failed.
    #[error("object storage failed while it was asked to {action}")]
    Storage {
        /// What was tried.
        action: &'static str,
        /// What the storage said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The log could not be read.
    #[error("the log could not be read")]
    Log(#[from] LogError),
    /// Something that should not happen.
    #[error("{0}")]
    Internal(String),
}

impl LakeError {
    /// Wraps what storage said while it was asked to `action`.
    pub(crate) fn storage<E>(action: &'static str) -> impl FnOnce(E) -> Self
    where
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        move |source| Self::Storage {
            action,
            source: source.into(),
        }
    }
}

impl Coded for LakeError {
    fn code(&self) -> &'static ErrorCode {
        match self {
            Self::InvalidSql(_) => &code::LAKE_SQL_INVALID,
            Self::ReadOnly(_) => &code::LAKE_SQL_READ_ONLY,
            Self::Timeout(_) => &code::LAKE_SQL_TIMEOUT,
            Self::Memory(_) => &code::LAKE_SQL_MEMORY,
            Self::Cancelled => &code::LAKE_SQL_CANCELLED,
            Self::TooManyStatements(_) => &code::LAKE_SQL_BUSY,
            Self::UnknownStatement(_) => &code::LAKE_QUERY_UNKNOWN,
            Self::UnknownTable(_) => &code::LAKE_TABLE_UNKNOWN,
            Self::Hidden(_) => &code::ACCESS_FORBIDDEN,
            Self::Taken(_) => &code::LAKE_TABLE_EXISTS,
            Self::InvalidColumn(_) => &code::LAKE_COLUMN_INVALID,
            Self::Storage { .. } => &code::LAKE_STORAGE,
            Self::Log(error) => error.code(),
            Self::Internal(_) => &code::LAKE_INTERNAL,
        }
    }
}

impl From<DeltaTableError> for LakeError {
    fn from(error: DeltaTableError) -> Self {
        Self::Storage {
            action: "read or commit a Delta table",
            source: Box::new(error),
        }
    }
}

/// What the engine says of a statement that has spilled as much as it may.
const SPILLED: &str = "max_temp_directory_size";

impl From<DataFusionError> for LakeError {
    fn from(error: DataFusionError) -> Self {
        let root = error.find_root();
        let text = root.strip_backtrace();
        match root {
            DataFusionError::ResourcesExhausted(_) => Self::Memory(text),
            // Where there is no room to spill any more, that comes as an error of a file, and of no statement.
            DataFusionError::ArrowError(..) | DataFusionError::IoError(_)
                if text.contains(SPILLED) =>
            {
                Self::Memory(text)
            }
            DataFusionError::ObjectStore(_) | DataFusionError::IoError(_) => Self::Storage {
                action: "read a table's files",
                source: text.into(),
            },
            DataFusionError::Internal(_) => Self::Internal(text),
            _ => Self::InvalidSql(text),
        }
    }
}
