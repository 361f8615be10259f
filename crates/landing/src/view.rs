//! What a person sees of a queue.

use serde::Serialize;

use crate::base::Base;
use crate::plans::{Planning, Tasks};
use crate::runs::{Scope, State};
use crate::{CandidateId, ChangeId, Commit, Key, Project, Rival, Touched};

/// A queue at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct View {
    /// Where trunk is; nothing before the start.
    pub trunk: Option<Commit>,
    /// Whether nothing is started or landed for now.
    pub paused: bool,
    /// How many tasks may run at once.
    pub slots: usize,
    /// The tasks that run.
    pub running: Vec<(Key, Project)>,
    /// What is being landed.
    pub landing: Option<CandidateId>,
    /// Changes that wait for one another, in the order of the first change of each.
    pub lanes: Vec<Lane>,
}

/// Changes that touch something in common, directly or by others between them. Lanes do not wait for one another but for free slots.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Lane {
    /// What they touch.
    pub touched: Touched,
    /// In the order in which they are to land.
    pub changes: Vec<ChangeView>,
}

/// A change in the queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChangeView {
    /// Which.
    pub change: ChangeId,
    /// How often it was amended.
    pub revision: u32,
    /// How it was submitted.
    pub priority: u8,
    /// How far it is.
    pub stage: Stage,
    /// How many changes of its lane are ahead of it.
    pub ahead: usize,
    /// Those that it is tested and lands together with.
    pub batch: Vec<ChangeId>,
    /// How many of its tasks have no result yet, with those that it lands together with.
    pub left: usize,
    /// What it waits for.
    pub reasons: Vec<Reason>,
}

/// How far a change is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Its turn to be tested has not come.
    Waiting,
    /// It is being merged.
    Planning,
    /// Tasks run or wait for a slot.
    Testing,
    /// A task is red with it or with others of its batch, and it is being found out whose fault that is.
    Suspect,
    /// All its tasks are green.
    Green,
    /// Trunk is being moved.
    Landing,
}

/// Something that a change waits for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Reason {
    /// The queue is paused.
    Paused,
    /// The merge of its candidate.
    Merge,
    /// A task that runs.
    Running {
        /// The task.
        key: Key,
        /// Whose it is.
        project: Project,
    },
    /// A task that waits for a slot.
    Slot {
        /// The task.
        key: Key,
        /// Whose it is.
        project: Project,
    },
    /// A task is red; the change is suspected.
    Red {
        /// The task.
        key: Key,
        /// Whose it is.
        project: Project,
    },
    /// A change that has to land or leave first.
    Behind {
        /// Which.
        change: ChangeId,
    },
    /// It does not merge with something ahead of it.
    Conflict {
        /// With what.
        with: Rival,
    },
    /// Trunk is being moved, to this change or to another.
    Trunk,
}

/// What rules say of a change, from which the view is made.
#[derive(Debug, Default)]
pub(crate) struct Outlook {
    /// The candidate that it is tested in; empty where its turn has not come.
    pub(crate) line: Vec<ChangeId>,
    /// Those of the candidate that it lands together with, itself among them.
    pub(crate) batch: Vec<ChangeId>,
    /// Where results are remembered.
    pub(crate) scope: Scope,
    /// Whether it is held back because something was red or did not merge.
    pub(crate) suspect: bool,
}

/// The view of a queue. `apart` says whether changes that touch nothing in common do not wait for one another.
pub(crate) fn view(base: &Base, apart: bool, outlook: impl Fn(ChangeId) -> Outlook) -> View {
    let mut lanes: Vec<Lane> = Vec::new();
    for group in lanes_of(base, apart) {
        let mut lane = Lane {
            touched: base.book.touched(&group),
            changes: Vec::new(),
        };
        for (ahead, change) in group.iter().enumerate() {
            lane.changes
                .extend(change_view(base, *change, ahead, &outlook(*change)));
        }
        lanes.push(lane);
    }
    View {
        trunk: base.trunk.clone(),
        paused: base.paused,
        slots: base.runs.slots,
        running: base.runs.running().collect(),
        landing: base.landing.as_ref().map(|landing| landing.candidate),
        lanes,
    }
}

/// Changes that are connected by what they touch, each lane in the order of the queue.
fn lanes_of(base: &Base, apart: bool) -> Vec<Vec<ChangeId>> {
    let mut lanes: Vec<(Touched, Vec<ChangeId>)> = Vec::new();
    for change in base.book.changes() {
        let touched = base.book.touched(&[change]);
        let mut lane = (touched, vec![change]);
        let joins = |one: &(Touched, Vec<ChangeId>)| !apart || one.0.meets(&lane.0);
        let (met, rest): (Vec<_>, Vec<_>) = lanes.into_iter().partition(joins);
        lanes = rest;
        for (touched, changes) in met {
            lane.0.join(&touched);
            lane.1.extend(changes);
        }
        lane.1.sort_by_key(|change| base.book.place(*change));
        lanes.push(lane);
    }
    let mut lanes: Vec<Vec<ChangeId>> = lanes.into_iter().map(|(_, changes)| changes).collect();
    lanes.sort_by_key(|lane| lane.first().and_then(|change| base.book.place(*change)));
    lanes
}

fn change_view(
    base: &Base,
    change: ChangeId,
    ahead: usize,
    outlook: &Outlook,
) -> Option<ChangeView> {
    let entry = base.book.get(change)?;
    let mut reasons = Vec::new();
    let mut left = 0;
    let mut stage = if outlook.line.is_empty() {
        Stage::Waiting
    } else {
        Stage::Planning
    };
    if base.paused {
        reasons.push(Reason::Paused);
    }
    if !outlook.line.is_empty() {
        match base.plans.peek(&base.members(&outlook.line)) {
            Planning::Waiting => reasons.push(Reason::Merge),
            Planning::Clash(clash) => reasons.push(Reason::Conflict {
                with: Base::rival(&clash, &outlook.line),
            }),
            Planning::Ready(_, tasks) => {
                left = testing(base, outlook.scope, &tasks, &mut reasons);
                stage = if left == 0 {
                    Stage::Green
                } else {
                    Stage::Testing
                };
            }
        }
    }
    if outlook.suspect {
        stage = Stage::Suspect;
    }
    if base.is_landing(change) {
        stage = Stage::Landing;
    }
    if base.landing.is_some() && matches!(stage, Stage::Green | Stage::Landing) {
        reasons.push(Reason::Trunk);
    }
    let own = |one: &&ChangeId| **one != change;
    let line = outlook.line.iter().filter(own);
    let behind = line
        .filter(|one| !outlook.batch.contains(one))
        .chain(&entry.rivals)
        .filter(|one| base.book.get(**one).is_some());
    let behind: std::collections::BTreeSet<_> = behind.copied().collect();
    reasons.extend(behind.into_iter().map(|change| Reason::Behind { change }));
    Some(ChangeView {
        change,
        revision: entry.revision,
        priority: entry.priority,
        stage,
        ahead,
        batch: outlook.batch.iter().filter(own).copied().collect(),
        left,
        reasons,
    })
}

/// Says what tasks are waited for, and how many.
fn testing(base: &Base, scope: Scope, tasks: &Tasks, reasons: &mut Vec<Reason>) -> usize {
    let mut left = 0;
    for (key, project) in tasks.iter() {
        let (key, project) = (*key, project.clone());
        match base.runs.state(scope, &key) {
            Some(State::Green) => continue,
            Some(_) => reasons.push(Reason::Red { key, project }),
            None if base.runs.is_running(&key) => reasons.push(Reason::Running { key, project }),
            None => reasons.push(Reason::Slot { key, project }),
        }
        left += 1;
    }
    left
}
