//! Candidates and what is known of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::order::{Candidate, Member};
use crate::{CandidateId, ChangeId, Clash, Commit, Key, Order, Project};

/// The tasks of a candidate.
pub(crate) type Tasks = Arc<[(Key, Project)]>;

/// What came of a plan.
#[derive(Clone, Debug)]
enum Outcome {
    Waiting,
    Ready(Tasks),
    Clash(Clash),
}

/// What rules are told of a candidate.
#[derive(Clone, Debug)]
pub(crate) enum Planning {
    Waiting,
    Ready(CandidateId, Tasks),
    Clash(Clash),
}

#[derive(Clone, Debug)]
struct Plan {
    candidate: CandidateId,
    base: Commit,
    outcome: Outcome,
    /// A plan of the same changes on a newer trunk that is awaited.
    renewal: Option<(CandidateId, Commit)>,
    /// Whether trunk has moved where the candidate touches it, so that its keys are of the past.
    spoiled: bool,
    /// The last round in which it was asked for.
    round: u64,
}

/// The candidates that the rules asked for in the last round, by their changes.
#[derive(Debug, Default)]
pub(crate) struct Plans {
    plans: BTreeMap<Vec<Member>, Plan>,
    round: u64,
    last: u64,
}

impl Plans {
    /// What is known of `members` on trunk. A plan is ordered where there is none that holds.
    pub(crate) fn ask(
        &mut self,
        members: Vec<Member>,
        trunk: &Commit,
        orders: &mut Vec<Order>,
    ) -> Planning {
        let round = self.round;
        if !self.plans.contains_key(&members) {
            let candidate = self.order(members.clone(), trunk, orders);
            let plan = Plan {
                candidate,
                base: trunk.clone(),
                outcome: Outcome::Waiting,
                renewal: None,
                spoiled: false,
                round,
            };
            self.plans.insert(members, plan);
            return Planning::Waiting;
        }
        if self.plans.get(&members).is_some_and(|plan| plan.spoiled) {
            self.renew(&members, trunk, orders);
        }
        let Some(plan) = self.plans.get_mut(&members) else {
            return Planning::Waiting;
        };
        plan.round = round;
        match &plan.outcome {
            Outcome::Waiting => Planning::Waiting,
            // Keys of the past are not worth a run.
            _ if plan.spoiled => Planning::Waiting,
            Outcome::Ready(tasks) => Planning::Ready(plan.candidate, tasks.clone()),
            Outcome::Clash(clash) => Planning::Clash(clash.clone()),
        }
    }

    /// The candidate of `members` if its base is `trunk`; else it is planned anew.
    pub(crate) fn current(
        &mut self,
        members: &[Member],
        trunk: &Commit,
        orders: &mut Vec<Order>,
    ) -> Option<CandidateId> {
        let plan = self.plans.get(members)?;
        if plan.base == *trunk && !plan.spoiled {
            return Some(plan.candidate);
        }
        self.renew(members, trunk, orders);
        None
    }

    fn renew(&mut self, members: &[Member], trunk: &Commit, orders: &mut Vec<Order>) {
        let awaited = self
            .plans
            .get(members)
            .and_then(|plan| plan.renewal.as_ref());
        if awaited.is_some_and(|(_, base)| base == trunk) {
            return;
        }
        let candidate = self.order(members.to_vec(), trunk, orders);
        if let Some(plan) = self.plans.get_mut(members) {
            plan.renewal = Some((candidate, trunk.clone()));
        }
    }

    fn order(
        &mut self,
        changes: Vec<Member>,
        trunk: &Commit,
        orders: &mut Vec<Order>,
    ) -> CandidateId {
        self.last += 1;
        let id = CandidateId(self.last);
        let base = trunk.clone();
        let candidate = Candidate { id, base, changes };
        orders.push(Order::Plan { candidate });
        id
    }

    /// Takes an answer in; one that nobody waits for any more is dropped.
    pub(crate) fn answer(
        &mut self,
        candidate: CandidateId,
        result: Result<Vec<(Key, Project)>, Clash>,
        trunk: &Commit,
    ) {
        let awaits = |plan: &Plan| {
            plan.candidate == candidate
                || plan
                    .renewal
                    .as_ref()
                    .is_some_and(|(id, _)| *id == candidate)
        };
        let mut plans = self.plans.iter_mut();
        let Some((members, plan)) = plans.find(|(_, plan)| awaits(plan)) else {
            return;
        };
        let outcome = match result {
            Ok(tasks) => Outcome::Ready(tasks.into()),
            Err(clash) => Outcome::Clash(within(members, &clash)),
        };
        match plan.renewal.take() {
            Some((id, base)) if id == candidate => {
                plan.spoiled &= base != *trunk;
                plan.candidate = id;
                plan.base = base;
            }
            other => plan.renewal = other,
        }
        plan.outcome = outcome;
    }

    /// Follows trunk to where `landed` is part of it. Candidates that had it keep their keys, since their content is the same.
    pub(crate) fn land(
        &mut self,
        landed: &BTreeSet<ChangeId>,
        tasks: &[(Key, Project)],
        meets: impl Fn(&[Member]) -> bool,
    ) {
        let done: BTreeSet<Key> = tasks.iter().map(|(key, _)| *key).collect();
        let mut moved = Vec::new();
        let plans = std::mem::take(&mut self.plans);
        for (members, mut plan) in plans {
            let rest: Vec<Member> = members
                .iter()
                .filter(|member| !landed.contains(&member.change))
                .copied()
                .collect();
            if rest.len() == members.len() {
                plan.spoiled |= meets(&members);
                self.plans.insert(members, plan);
            } else if rest.len() + landed.len() == members.len() && !rest.is_empty() {
                if let Outcome::Ready(tasks) = &plan.outcome {
                    let left = tasks.iter().filter(|(key, _)| !done.contains(key));
                    plan.outcome = Outcome::Ready(left.cloned().collect());
                }
                moved.push((rest, plan));
            }
        }
        for (members, plan) in moved {
            let better = self.plans.get(&members).is_none_or(|other| other.spoiled);
            if better {
                self.plans.insert(members, plan);
            }
        }
    }

    /// Follows trunk after another hand has moved it.
    pub(crate) fn spoil(&mut self, meets: impl Fn(&[Member]) -> bool) {
        for (members, plan) in &mut self.plans {
            plan.spoiled |= meets(members);
        }
    }

    /// The tasks of a candidate.
    pub(crate) fn tasks(&self, candidate: CandidateId) -> Option<Tasks> {
        let mut plans = self.plans.values();
        let plan = plans.find(|plan| plan.candidate == candidate)?;
        match &plan.outcome {
            Outcome::Ready(tasks) => Some(tasks.clone()),
            _ => None,
        }
    }

    /// What is known of `members`, without asking for it.
    pub(crate) fn peek(&self, members: &[Member]) -> Planning {
        match self.plans.get(members) {
            Some(plan) => match &plan.outcome {
                Outcome::Ready(tasks) if !plan.spoiled => {
                    Planning::Ready(plan.candidate, tasks.clone())
                }
                Outcome::Clash(clash) if !plan.spoiled => Planning::Clash(clash.clone()),
                _ => Planning::Waiting,
            },
            None => Planning::Waiting,
        }
    }

    /// Whether an answer is awaited without which keys are unknown.
    pub(crate) fn is_waiting(&self) -> bool {
        let mut plans = self.plans.values();
        plans.any(|plan| plan.spoiled || matches!(plan.outcome, Outcome::Waiting))
    }

    pub(crate) fn begin(&mut self) {
        self.round += 1;
    }

    /// Drops what was not asked for in this round, but for what is being landed.
    pub(crate) fn sweep(&mut self, landing: Option<CandidateId>) {
        let round = self.round;
        self.plans
            .retain(|_, plan| plan.round == round || Some(plan.candidate) == landing);
    }
}

/// The clash as one of a change of the candidate: one that has landed meanwhile cannot be refused.
fn within(members: &[Member], clash: &Clash) -> Clash {
    let last = members.last().map_or(clash.change, |last| last.change);
    let known = members.iter().any(|member| member.change == clash.change);
    Clash {
        change: if known { clash.change } else { last },
        with: clash.with,
    }
}
