//! What can go wrong.

use trunkline_model::{Coded, ErrorCode, code};

/// Why dependencies cannot be checked or mended. A file of the repository that is broken is a finding instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DependencyError {
    /// The policy, or the file of licences, is not what it has to be.
    #[error("{path}{}: {problem}", line_of(*line))]
    Policy {
        /// The file.
        path: String,
        /// The line, from 1, where one is to blame.
        line: Option<usize>,
        /// What is wrong.
        problem: String,
    },
    /// An advisory cannot be read.
    #[error("{path}: {problem}")]
    Advisory {
        /// The file.
        path: String,
        /// What is wrong.
        problem: String,
    },
    /// A file of the commit cannot be read.
    #[error("{path} cannot be read: {problem}")]
    Sources {
        /// The file.
        path: String,
        /// What is wrong.
        problem: String,
    },
    /// There is more than is read.
    #[error("the repository has more than {limit} {what}")]
    TooMuch {
        /// What there is too much of.
        what: &'static str,
        /// How many are read.
        limit: u64,
    },
    /// A manifest changed after the report was made.
    #[error(
        "{path} has no dependency `{name}` that could be edited; it is not what the report was made of"
    )]
    Edit {
        /// The manifest.
        path: String,
        /// What should be edited.
        name: String,
    },
}

fn line_of(line: Option<usize>) -> String {
    line.map_or_else(String::new, |line| format!(":{line}"))
}

impl Coded for DependencyError {
    fn code(&self) -> &'static ErrorCode {
        match self {
            Self::Policy { .. } => &code::DEPENDENCY_POLICY,
            Self::Advisory { .. } => &code::DEPENDENCY_ADVISORY,
            Self::Sources { .. } => &code::DEPENDENCY_SOURCES,
            Self::TooMuch { .. } => &code::DEPENDENCY_TOO_MUCH,
            Self::Edit { .. } => &code::DEPENDENCY_EDIT,
        }
    }
}
