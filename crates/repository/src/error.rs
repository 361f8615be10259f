//! What can go wrong.

use std::fmt;

use trunkline_model::{Coded, ErrorCode, code};

/// Why something could not be done with a repository.
#[derive(Debug, thiserror::Error)]
pub enum RepositoryError {
    /// `git` is not there, is too old, or failed for a reason that is not the caller's.
    #[error("git: {0}")]
    Git(String),
    /// No name of a repository, or of a ref.
    #[error("`{0}` can be no name of a repository or of a ref")]
    Name(String),
    /// The request does not speak git's protocol.
    #[error("the request does not speak git's protocol: {0}")]
    Protocol(String),
    /// Objects that were pushed are broken, forbidden or incomplete.
    #[error("what was pushed is not taken: {0}")]
    Pack(String),
    /// More than the limits allow.
    #[error("more than the platform takes at once: {0}")]
    Limit(String),
    /// A ref was moved by somebody else, or cannot be moved so.
    #[error("{name}: {problem}")]
    Ref {
        /// The ref.
        name: String,
        /// What stands against it.
        problem: String,
    },
    /// There is no such commit, folder or file.
    #[error("there is no {0} in the repository")]
    NotFound(String),
    /// A change does not fit.
    #[error("the change does not fit onto {onto}: {}", files.join(", "))]
    Conflict {
        /// The commit that it should have gone onto.
        onto: String,
        /// The files that both sides changed.
        files: Vec<String>,
    },
    /// The repository's files cannot be read or written.
    #[error("the repository cannot be read or written: {0}")]
    Io(String),
}

impl RepositoryError {
    /// An error of the disk, or of an object that cannot be read.
    pub(crate) fn io(error: impl fmt::Display) -> Self {
        Self::Io(error.to_string())
    }

    /// An error of the protocol.
    pub(crate) fn protocol(problem: impl Into<String>) -> Self {
        Self::Protocol(problem.into())
    }
}

impl Coded for RepositoryError {
    fn code(&self) -> &'static ErrorCode {
        match self {
            Self::Git(_) => &code::REPOSITORY_GIT,
            Self::Name(_) => &code::REPOSITORY_NAME,
            Self::Protocol(_) => &code::REPOSITORY_PROTOCOL,
            Self::Pack(_) => &code::REPOSITORY_PACK,
            Self::Limit(_) => &code::REPOSITORY_LIMIT,
            Self::Ref { .. } => &code::REPOSITORY_REF,
            Self::NotFound(_) => &code::REPOSITORY_NOT_FOUND,
            Self::Conflict { .. } => &code::REPOSITORY_CONFLICT,
            Self::Io(_) => &code::REPOSITORY_IO,
        }
    }
}
