//! What can go wrong.

use std::path::PathBuf;

use trunkline_model::{Coded, ErrorCode, code};

/// Why a question about projects has no answer.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// There is no repository.
    #[error("there is no git repository at {}", path.display())]
    NoRepository {
        /// Where it was looked for.
        path: PathBuf,
        /// What was found instead.
        #[source]
        source: Box<gix::Error>,
    },
    /// A revision names no commit.
    #[error("`{0}` names no commit of the repository")]
    NoCommit(String),
    /// An object cannot be read.
    #[error("the repository cannot be read: {0}")]
    Unreadable(String),
    /// There is no such project.
    #[error("there is no project `{name}`{}", suggestion(near))]
    Unknown {
        /// What was asked for.
        name: String,
        /// A name that is like it.
        near: Option<String>,
    },
    /// Several projects are called that.
    #[error("several projects are called `{name}`: {}", among.join(", "))]
    Ambiguous {
        /// What was asked for.
        name: String,
        /// What they are called beside.
        among: Vec<String>,
    },
}

fn suggestion(near: &Option<String>) -> String {
    near.as_ref()
        .map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
}

impl Coded for ProjectError {
    fn code(&self) -> &'static ErrorCode {
        match self {
            Self::NoRepository { .. } => &code::PROJECT_NO_REPOSITORY,
            Self::NoCommit(_) => &code::PROJECT_NO_COMMIT,
            Self::Unreadable(_) => &code::PROJECT_UNREADABLE,
            Self::Unknown { .. } | Self::Ambiguous { .. } => &code::PROJECT_UNKNOWN,
        }
    }
}
