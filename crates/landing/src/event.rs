//! What happens to a queue.

use serde::{Deserialize, Serialize};

use crate::{CandidateId, ChangeId, Commit, Key, Project, Touched};

/// Something that happened. A driver records an event before it hands it over.
///
/// Events before [`Event::Started`] are history and yield no orders: after a crash a driver replays `Submitted`, `Amended`, `Withdrawn`, `Landed`
/// and `Refused` in their order, adds `Known` for the green keys on record, and then starts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The driver is ready to carry out orders.
    Started {
        /// Where trunk is.
        trunk: Commit,
        /// How many tasks may run at once.
        slots: usize,
    },
    /// A person wants a change landed. One that is in the queue already counts as amended.
    Submitted {
        /// The change.
        change: ChangeId,
        /// What it touches.
        touched: Touched,
        /// A higher one goes first; 0 is usual.
        priority: u8,
    },
    /// A change has other content; it keeps its place.
    Amended {
        /// The change.
        change: ChangeId,
        /// What it touches now.
        touched: Touched,
    },
    /// A person does not want a change landed any more.
    Withdrawn {
        /// The change.
        change: ChangeId,
    },
    /// The answer to [`Order::Plan`](crate::Order::Plan); each has to be answered.
    Planned {
        /// Of the order.
        candidate: CandidateId,
        /// The tasks that the candidate touches, each project's last key; or why the changes do not merge.
        result: Result<Vec<(Key, Project)>, Clash>,
    },
    /// A task that [`Order::Run`](crate::Order::Run) asked for has ended.
    Finished {
        /// Of the order.
        key: Key,
        /// How.
        verdict: Verdict,
    },
    /// Keys that a trusted runner found green elsewhere or before.
    Known {
        /// The keys.
        green: Vec<Key>,
    },
    /// Trunk has a candidate.
    Landed {
        /// Of the order.
        candidate: CandidateId,
        /// Its changes.
        changes: Vec<ChangeId>,
        /// Where trunk is now.
        trunk: Commit,
    },
    /// Trunk was moved by another hand before a candidate could land.
    LandRefused {
        /// Of the order.
        candidate: CandidateId,
        /// Where trunk is now.
        trunk: Commit,
        /// What the other hand touched.
        touched: Touched,
    },
    /// A change was refused before a crash.
    Refused {
        /// The change.
        change: ChangeId,
    },
    /// Trunk was moved by another hand, which vouches for it: the queue does not look for faults in trunk.
    TrunkMoved {
        /// Where it is now.
        trunk: Commit,
        /// What was touched.
        touched: Touched,
    },
    /// Nothing is to be started or landed until `Resumed`; tasks that run go on.
    Paused,
    /// The end of `Paused`.
    Resumed,
    /// Another number of tasks may run at once.
    SlotsChanged {
        /// How many.
        slots: usize,
    },
}

/// How a task ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It passed.
    Green,
    /// It failed.
    Red,
    /// It failed and passed on the same key by the runner's own doing: it passed, and is reported.
    Flaky,
}

/// Why a candidate cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clash {
    /// The change that does not merge.
    pub change: ChangeId,
    /// What it does not merge with.
    pub with: Rival,
}

/// What a change does not merge with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rival {
    /// What has landed.
    Trunk,
    /// A change ahead of it.
    Change(ChangeId),
}
