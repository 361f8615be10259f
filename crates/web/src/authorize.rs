//! The port by which every room asks what a principal may do.

use std::fmt;

use trunkline_model::action::ActionType;
use trunkline_model::{Principal, code};

use crate::{ClientAddress, Problem};

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

/// Who wants to do what, and to which thing.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// Who asks.
    pub who: &'a Principal,
    /// What is to be done.
    pub action: &'static ActionType,
    /// The name or id of the thing, whose kind the action tells; empty where the action is about all of them.
    pub resource: &'a str,
    /// The team that the thing belongs to, where one does.
    pub team: Option<&'a str>,
    /// Where the request came from.
    pub client: ClientAddress,
}

/// Decides what a principal may do. Called for each request and each table of a statement, so it must be fast.
pub trait Authorize: Send + Sync + fmt::Debug {
    /// Whether it may be done. It must never fail open: where it cannot tell, it denies.
    fn judge(&self, question: &Question<'_>) -> Decision;

    /// Whether it may be done, which is about to be, and a note of it in the audit where one is due.
    fn decide(&self, question: &Question<'_>) -> Decision {
        self.judge(question)
    }

    /// The names of all teams, to ask about the rows of each.
    fn teams(&self) -> Vec<String>;
}
