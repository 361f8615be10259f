//! Changes that are tested and land together.

use crate::base::Base;
use crate::book::Place;
use crate::plans::Planning;
use crate::runs::State;
use crate::{ChangeId, Touched};

/// How many times as wide as a group a change that joins it may be beyond it, in percent of the group.
const WIDER: usize = 50;

#[derive(Clone, Debug)]
pub(super) struct Group {
    /// In the order of the queue.
    pub(super) changes: Vec<ChangeId>,
    pub(super) touched: Touched,
}

impl Group {
    pub(super) fn place(&self, base: &Base) -> Option<Place> {
        self.changes.first().and_then(|one| base.book.place(*one))
    }
}

/// The groups of a queue, in its order.
#[derive(Debug, Default)]
pub(super) struct Groups(pub(super) Vec<Group>);

impl Groups {
    pub(super) fn has(&self, change: ChangeId) -> bool {
        self.0.iter().any(|group| group.changes.contains(&change))
    }

    /// Takes changes out.
    pub(super) fn remove(&mut self, base: &Base, gone: &[ChangeId]) {
        for group in &mut self.0 {
            let before = group.changes.len();
            group.changes.retain(|change| !gone.contains(change));
            if group.changes.len() < before {
                group.touched = base.book.touched(&group.changes);
            }
        }
        self.0.retain(|group| !group.changes.is_empty());
    }

    /// The groups ahead of each that it shares projects with, directly or by others between.
    pub(super) fn ahead(&self) -> Vec<Vec<usize>> {
        let mut ahead: Vec<Vec<usize>> = Vec::new();
        for (at, group) in self.0.iter().enumerate() {
            let mut all = vec![false; at];
            for one in (0..at).rev() {
                if !all[one] && self.0[one].touched.meets(&group.touched) {
                    all[one] = true;
                    ahead[one].iter().for_each(|below| all[*below] = true);
                }
            }
            ahead.push((0..at).filter(|one| all[*one]).collect());
        }
        ahead
    }

    /// The changes of the groups `ahead`, in order.
    pub(super) fn changes(&self, ahead: &[usize]) -> Vec<ChangeId> {
        let groups = ahead.iter().map(|one| &self.0[*one].changes);
        groups.flatten().copied().collect()
    }

    /// Puts a change in, where it stands; into a group that is there if it `may_join` and that saves tasks.
    pub(super) fn insert(&mut self, base: &Base, change: ChangeId, may_join: bool) {
        let place = base.book.place(change);
        let at = self.0.partition_point(|group| group.place(base) <= place);
        let touched = base.book.touched(&[change]);
        let meets = |group: &Group| group.touched.meets(&touched);
        let met = self.0[..at].iter().rposition(meets);
        if let Some(one) = met.filter(|one| may_join && self.joins(base, *one, &touched)) {
            let group = &mut self.0[one];
            group.changes.push(change);
            group.changes.sort_by_key(|change| base.book.place(*change));
            group.touched.join(&touched);
            return;
        }
        let changes = vec![change];
        self.0.insert(at, Group { changes, touched });
    }

    /// Whether a change that touches `touched` saves tasks in the group at `at`: as long as none has begun that it would alter.
    fn joins(&self, base: &Base, at: usize, touched: &Touched) -> bool {
        let group = &self.0[at];
        let alone = |change: &ChangeId| {
            let entry = base.book.get(*change);
            entry.is_some_and(|entry| !entry.rivals.is_empty()) || base.is_landing(*change)
        };
        if group.changes.len() >= base.settings.batch || group.changes.iter().any(alone) {
            return false;
        }
        let beyond = touched.beyond(&group.touched);
        let room = group.touched.count().unwrap_or(usize::MAX / 100);
        if beyond.is_none_or(|beyond| beyond * 100 > room * WIDER) {
            return false;
        }
        let ahead = self.ahead();
        let mut line = self.changes(&ahead[at]);
        line.extend(&group.changes);
        match base.plans.peek(&base.members(&line)) {
            Planning::Ready(_, tasks) => !tasks.iter().any(|(key, project)| {
                let state = base.runs.state(crate::runs::SHARED, key);
                touched.has(project) && (state == Some(State::Green) || base.runs.is_running(key))
            }),
            Planning::Waiting => true,
            Planning::Clash(_) => false,
        }
    }
}
