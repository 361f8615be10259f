//! Changes that are held to be at fault.

use std::collections::BTreeSet;

use crate::base::Base;
use crate::plans::{Planning, Tasks};
use crate::runs::{SHARED, State, Want, Wish};
use crate::{Because, CandidateId, ChangeId, Clash, Key, Project, Rival};

/// A change that is tested on trunk alone while others pass it.
#[derive(Clone, Debug)]
pub(super) struct Trial {
    change: ChangeId,
    charge: Charge,
    /// Those ahead of it with which the fault may be shared.
    rivals: BTreeSet<ChangeId>,
    /// The change alone, on trunk as it was. Trunk that moves on must not begin the trial anew, or it might never end.
    alone: Option<(CandidateId, Tasks)>,
}

/// What a change is held to do.
#[derive(Clone, Debug)]
pub(super) enum Charge {
    /// It makes a task red.
    Red {
        project: Project,
        key: Key,
        /// All that were ahead of it then.
        ahead: BTreeSet<ChangeId>,
    },
    /// It does not merge with its rivals.
    Clash,
}

/// How a trial ends.
#[derive(Debug)]
pub(super) enum Judgement {
    /// Not yet.
    Open(Option<Wish>),
    /// It goes back into its lane.
    Acquitted,
    /// It was refused.
    Refused,
}

impl Trial {
    pub(super) fn new(change: ChangeId, charge: Charge, rivals: BTreeSet<ChangeId>) -> Self {
        Self {
            change,
            charge,
            rivals,
            alone: None,
        }
    }

    pub(super) fn change(&self) -> ChangeId {
        self.change
    }

    /// Goes on with the trial.
    pub(super) fn judge(&mut self, base: &mut Base) -> Judgement {
        self.rivals.retain(|rival| base.book.get(*rival).is_some());
        if self.alone.is_none() {
            match base.plan(&[self.change]) {
                Planning::Waiting => {}
                Planning::Clash(clash) => {
                    let met = self.met(base);
                    base.refuse_clash(&Clash {
                        change: self.change,
                        with: met.map_or(clash.with, Rival::Change),
                    });
                    return Judgement::Refused;
                }
                Planning::Ready(candidate, tasks) => self.alone = Some((candidate, tasks)),
            }
        }
        match self.alone.clone() {
            None => Judgement::Open(Some(Wish::Keep(1))),
            Some((candidate, tasks)) => self.weigh(base, candidate, &tasks),
        }
    }

    /// Judges by how the task is with the change alone.
    fn weigh(&mut self, base: &mut Base, candidate: CandidateId, tasks: &Tasks) -> Judgement {
        let Charge::Red {
            project,
            key,
            ahead,
        } = &mut self.charge
        else {
            return self.wait();
        };
        ahead.retain(|rival| base.book.get(*rival).is_some());
        let Some((alone, _)) = tasks.iter().find(|task| task.1 == *project) else {
            return self.wait();
        };
        let state = base.runs.state(SHARED, alone);
        match state {
            Some(State::Green) => {
                let still = base.runs.state(SHARED, key).is_some_and(State::is_red);
                if still && self.rivals.is_empty() {
                    self.rivals.clone_from(ahead);
                } else if !still {
                    self.rivals.clear();
                }
                self.wait()
            }
            Some(State::Red) => {
                let entry = base.book.get(self.change);
                let with = entry.map_or_else(Vec::new, |entry| entry.met.clone());
                let (key, project) = (*alone, project.clone());
                base.refuse(self.change, Because::Red { project, key, with });
                Judgement::Refused
            }
            None | Some(State::RedOnce) => Judgement::Open(Some(Wish::Run(Want {
                scope: SHARED,
                key: *alone,
                project: project.clone(),
                candidate,
                confirm: state.is_some(),
            }))),
        }
    }

    fn met(&self, base: &Base) -> Option<ChangeId> {
        let entry = base.book.get(self.change)?;
        entry.met.last().copied()
    }

    fn wait(&self) -> Judgement {
        if self.rivals.is_empty() {
            Judgement::Acquitted
        } else {
            Judgement::Open(None)
        }
    }
}
