//! What can go wrong.

use std::fmt;

use trunkline_model::{Coded, ErrorCode, code};
use trunkline_project::ProjectError;

/// Why tasks could not be planned or run.
#[derive(Debug, thiserror::Error)]
pub enum TaskError {
    /// A file that says what there is to do cannot be understood.
    #[error("{path}{}: {problem}", line.map_or_else(String::new, |line| format!(":{line}")))]
    Rules {
        /// The file.
        path: String,
        /// The line, counted from 1, where it is known.
        line: Option<usize>,
        /// What is wrong.
        problem: String,
    },
    /// Tasks need one another.
    #[error("tasks need one another in a circle: {}", tasks.join(", "))]
    Circle {
        /// They, and those above them.
        tasks: Vec<String>,
    },
    /// There is no such task.
    #[error("there is no task `{0}`")]
    Unknown(String),
    /// What a task made cannot be kept.
    #[error("{path}: {problem}")]
    Output {
        /// Where it lies.
        path: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The store cannot be read or written.
    #[error("the store of results: {0}")]
    Store(String),
    /// The files of the repository cannot be read.
    #[error("the files of the repository: {0}")]
    Files(String),
    /// A process cannot be started.
    #[error("a task cannot be run: {0}")]
    Run(String),
    /// A secret is not there.
    #[error("there is no secret `{0}`")]
    Secret(String),
    /// The projects cannot be read.
    #[error(transparent)]
    Project(#[from] ProjectError),
}

impl TaskError {
    pub(crate) fn store(error: impl fmt::Display) -> Self {
        Self::Store(error.to_string())
    }

    pub(crate) fn files(error: impl fmt::Display) -> Self {
        Self::Files(error.to_string())
    }
}

impl Coded for TaskError {
    fn code(&self) -> &'static ErrorCode {
        match self {
            Self::Rules { .. } => &code::TASK_RULES,
            Self::Circle { .. } => &code::TASK_CIRCLE,
            Self::Unknown(_) => &code::TASK_UNKNOWN,
            Self::Output { .. } => &code::TASK_OUTPUT,
            Self::Store(_) => &code::TASK_STORE,
            Self::Files(_) => &code::TASK_FILES,
            Self::Run(_) => &code::TASK_RUN,
            Self::Secret(_) => &code::TASK_SECRET,
            Self::Project(error) => error.code(),
        }
    }
}
