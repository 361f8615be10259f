//! What can go wrong.

use trunkline_model::{Coded, ErrorCode, code};

/// Why a lockfile cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LockError {
    /// It is not what its tool writes.
    #[error("{path}{}: {problem}", line_of(*line))]
    Malformed {
        /// The lockfile.
        path: String,
        /// The line, from 1, where one is to blame.
        line: Option<usize>,
        /// What is wrong.
        problem: String,
    },
    /// It is larger than any that is read.
    #[error("{path} has more than {limit} {what}")]
    TooLarge {
        /// The lockfile.
        path: String,
        /// What it has too much of: bytes, packages or needs.
        what: &'static str,
        /// How many are read.
        limit: usize,
    },
    /// No tool that is known writes a file of this name, or not in this version.
    #[error("{path}: {problem}")]
    Unsupported {
        /// The lockfile.
        path: String,
        /// What is not known.
        problem: String,
    },
}

fn line_of(line: Option<usize>) -> String {
    line.map_or_else(String::new, |line| format!(":{line}"))
}

impl LockError {
    /// The lockfile.
    #[must_use]
    pub fn path(&self) -> &str {
        match self {
            Self::Malformed { path, .. }
            | Self::TooLarge { path, .. }
            | Self::Unsupported { path, .. } => path,
        }
    }

    /// The line, from 1, where one is to blame.
    #[must_use]
    pub const fn line(&self) -> Option<usize> {
        match self {
            Self::Malformed { line, .. } => *line,
            Self::TooLarge { .. } | Self::Unsupported { .. } => None,
        }
    }
}

impl Coded for LockError {
    fn code(&self) -> &'static ErrorCode {
        match self {
            Self::Malformed { .. } => &code::DEPENDENCY_LOCK_MALFORMED,
            Self::TooLarge { .. } => &code::DEPENDENCY_LOCK_TOO_LARGE,
            Self::Unsupported { .. } => &code::DEPENDENCY_LOCK_UNSUPPORTED,
        }
    }
}

/// What is wrong with a lockfile, before it is said which one that is.
#[derive(Debug)]
pub(crate) enum Wrong {
    Malformed {
        problem: String,
        line: Option<usize>,
    },
    TooMany {
        what: &'static str,
        limit: usize,
    },
    Unsupported(String),
}

impl Wrong {
    pub(crate) fn at(line: usize, problem: impl Into<String>) -> Self {
        Self::Malformed {
            problem: problem.into(),
            line: Some(line),
        }
    }

    pub(crate) fn somewhere(problem: impl Into<String>) -> Self {
        Self::Malformed {
            problem: problem.into(),
            line: None,
        }
    }

    pub(crate) fn toml(text: &str, error: &toml::de::Error) -> Self {
        Self::Malformed {
            problem: error.message().to_owned(),
            line: error.span().map(|span| line_at(text, span.start)),
        }
    }

    pub(crate) fn json(error: &serde_json::Error) -> Self {
        Self::at(error.line(), error.to_string())
    }

    pub(crate) fn of(self, path: &str) -> LockError {
        let path = path.to_owned();
        match self {
            Self::Malformed { problem, line } => LockError::Malformed {
                path,
                line,
                problem,
            },
            Self::TooMany { what, limit } => LockError::TooLarge { path, what, limit },
            Self::Unsupported(problem) => LockError::Unsupported { path, problem },
        }
    }
}

/// The line, from 1, of the byte at `place`.
pub(crate) fn line_at(text: &str, place: usize) -> usize {
    let before = text.as_bytes().iter().take(place);
    before.filter(|byte| **byte == b'\n').count() + 1
}
