//! What a queue asks of its driver.

use serde::{Deserialize, Serialize};
use trunkline_model::{Coded, ErrorCode, code};

use crate::{CandidateId, ChangeId, Commit, Key, Project, Rival};

/// Changes on top of a commit of trunk, in the order in which they are to be merged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// What it is called from now on.
    pub id: CandidateId,
    /// The commit below.
    pub base: Commit,
    /// The changes.
    pub changes: Vec<Member>,
}

/// A change of a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Member {
    /// The change.
    pub change: ChangeId,
    /// How often it had been amended by then.
    pub revision: u32,
}

/// Something to be done. Orders of one step are carried out in their order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "order", rename_all = "snake_case")]
pub enum Order {
    /// Merge a candidate and say what its tasks are.
    Plan {
        /// What to merge.
        candidate: Candidate,
    },
    /// Run a task, in a tree of the candidate.
    Run {
        /// The task.
        key: Key,
        /// Whose it is.
        project: Project,
        /// A planned candidate that has it.
        candidate: CandidateId,
    },
    /// Nobody wants a task any more.
    Stop {
        /// The task.
        key: Key,
    },
    /// Move trunk from the base of a candidate to its merge, by compare-and-swap. There is one at a time.
    Land {
        /// What to land.
        candidate: CandidateId,
        /// Its changes.
        changes: Vec<ChangeId>,
    },
    /// Tell a person that a change does not land, and record it.
    Refuse {
        /// The change.
        change: ChangeId,
        /// Why.
        because: Because,
    },
    /// Record that a task was red and then green on the same key.
    Flake {
        /// The task.
        key: Key,
        /// Whose it is.
        project: Project,
    },
}

/// Why a change does not land.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(tag = "because", rename_all = "snake_case")]
pub enum Because {
    /// A task fails with it, twice on the same key, on trunk alone.
    #[error("the task {key} of `{project}` fails with the change{}", beside(with))]
    Red {
        /// Whose task.
        project: Project,
        /// The task.
        key: Key,
        /// Changes that landed since it was submitted and touch the same: the fault may be shared with them.
        with: Vec<ChangeId>,
    },
    /// It does not merge.
    #[error("the change does not merge with {}", rival(with))]
    Conflict {
        /// With what.
        with: Rival,
    },
    /// A person took it back.
    #[error("the change was withdrawn")]
    Withdrawn,
    /// A person amended or withdrew it while it was being landed, and it has landed as it was.
    #[error("the change has landed as it was before it was amended or withdrawn")]
    TooLate,
    /// The queue is full.
    #[error("the queue has {limit} changes, which is its limit")]
    Full {
        /// How many it may have.
        limit: usize,
    },
}

fn beside(with: &[ChangeId]) -> String {
    if with.is_empty() {
        return String::new();
    }
    let with: Vec<_> = with.iter().map(ToString::to_string).collect();
    format!("; {} landed since it was submitted", with.join(", "))
}

fn rival(with: &Rival) -> String {
    match with {
        Rival::Trunk => "trunk".to_owned(),
        Rival::Change(change) => format!("change {change}"),
    }
}

impl Coded for Because {
    fn code(&self) -> &'static ErrorCode {
        match self {
            Self::Red { .. } => &code::LANDING_RED,
            Self::Conflict { .. } => &code::LANDING_CONFLICT,
            Self::Withdrawn => &code::LANDING_WITHDRAWN,
            Self::TooLate => &code::LANDING_TOO_LATE,
            Self::Full { .. } => &code::LANDING_FULL,
        }
    }
}
