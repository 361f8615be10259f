//! What can go wrong.

use std::fmt;

use trunkline_model::{Coded, ErrorCode, code};

/// Why a command was not run.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// Less confinement is there than is asked for.
    #[error("the machine gives the confinement `{there}`, and `{asked}` is asked for")]
    Unavailable {
        /// What there is.
        there: &'static str,
        /// What is asked for.
        asked: &'static str,
    },
    /// A step failed.
    #[error("{step}: {problem}")]
    Failed {
        /// Which step.
        step: &'static str,
        /// What went wrong.
        problem: String,
    },
}

impl SandboxError {
    pub(crate) fn of(step: &'static str) -> impl Fn(&dyn fmt::Display) -> Self {
        move |problem| Self::Failed {
            step,
            problem: problem.to_string(),
        }
    }
}

impl Coded for SandboxError {
    fn code(&self) -> &'static ErrorCode {
        match self {
            Self::Unavailable { .. } => &code::SANDBOX_UNAVAILABLE,
            Self::Failed { .. } => &code::SANDBOX_FAILED,
        }
    }
}
