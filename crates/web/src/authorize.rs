//! The port by which every room asks what a principal may do.

use std::fmt;

use async_trait::async_trait;
use trunkline_model::{Principal, code};

use crate::Problem;

/// The answer to the question whether somebody may do something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It may be done.
    Allow,
    /// It may not, for this reason; the reason is shown to who asked.
    Deny(String),
}

impl Decision {
    /// Whether it may be done.
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        *self == Self::Allow
    }

    /// Nothing where it may be done.
    ///
    /// # Errors
    /// `TL-ACCESS-003` with the reason where it may not.
    pub fn require(self) -> Result<(), Problem> {
        match self {
            Self::Allow => Ok(()),
            Self::Deny(reason) => Err(Problem::new(&code::ACCESS_FORBIDDEN, reason)),
        }
    }
}

/// Decides what a principal may do.
///
/// An action is `noun.verb`, such as `table.read` or `token.create`. A resource names one thing of that noun, such as the name of a
/// table or an id; it is empty where the action is about all of them.
#[async_trait]
pub trait Authorize: Send + Sync + fmt::Debug {
    /// Whether `who` may do `action` to `resource`. It must never fail open: where it cannot tell, it denies.
    async fn allowed(&self, who: &Principal, action: &str, resource: &str) -> Decision;
}
