//! Which tasks may run next.

use std::collections::BTreeSet;

use crate::Plan;

/// The wanted tasks of a plan and all that they need, by their places.
pub(super) struct Schedule {
    all: BTreeSet<usize>,
    /// How many needs of each place have not ended well yet.
    missing: Vec<usize>,
    /// Who needs each place, of those that are in the schedule.
    dependents: Vec<Vec<usize>>,
    ready: BTreeSet<usize>,
    /// Those that have begun, or never will.
    settled: Vec<bool>,
}

impl Schedule {
    pub(super) fn new(plan: &Plan, wanted: &[usize]) -> Self {
        let all = with_needs(plan, wanted);
        let mut schedule = Self {
            missing: vec![0; plan.tasks.len()],
            dependents: vec![Vec::new(); plan.tasks.len()],
            ready: BTreeSet::new(),
            settled: vec![false; plan.tasks.len()],
            all,
        };
        for place in &schedule.all {
            let needs = &plan.tasks[*place].needs;
            schedule.missing[*place] = needs.len();
            for need in needs {
                schedule.dependents[*need].push(*place);
            }
            if needs.is_empty() {
                schedule.ready.insert(*place);
            }
        }
        schedule
    }

    /// All places, in order.
    pub(super) fn all(&self) -> impl Iterator<Item = usize> {
        self.all.iter().copied()
    }

    /// The first that may begin, which begins.
    pub(super) fn next(&mut self) -> Option<usize> {
        let place = self.ready.pop_first()?;
        self.settled[place] = true;
        Some(place)
    }

    /// Notes that one has ended well.
    pub(super) fn ended_well(&mut self, place: usize) {
        for dependent in &self.dependents[place] {
            self.missing[*dependent] -= 1;
            if self.missing[*dependent] == 0 && !self.settled[*dependent] {
                self.ready.insert(*dependent);
            }
        }
    }

    /// Notes that one has ended otherwise: the places of those that need it, over any number of others, and so never begin, in order.
    pub(super) fn ended_badly(&mut self, place: usize) -> BTreeSet<usize> {
        let mut never = BTreeSet::new();
        let mut next = vec![place];
        while let Some(place) = next.pop() {
            for dependent in &self.dependents[place] {
                if !std::mem::replace(&mut self.settled[*dependent], true) {
                    never.insert(*dependent);
                    next.push(*dependent);
                }
            }
        }
        never
    }
}

/// The places of the wanted tasks and of all that they need.
fn with_needs(plan: &Plan, wanted: &[usize]) -> BTreeSet<usize> {
    let mut all = BTreeSet::new();
    let mut next: Vec<usize> = wanted.to_vec();
    while let Some(place) = next.pop() {
        if all.insert(place) {
            next.extend(&plan.tasks[place].needs);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::Key;
    use crate::key::tests::definition;
    use crate::plan::Task;

    /// A plan of tasks with these needs.
    fn plan(needs: &[&[usize]]) -> Plan {
        let task = |needs: &&[usize]| Task {
            definition: definition("x"),
            needs: needs.to_vec(),
            plan_key: Key([0; 32]),
            own: Key([0; 32]),
            ingredients: None,
        };
        Plan {
            tasks: needs.iter().map(task).collect(),
            ..Plan::default()
        }
    }

    #[test]
    fn each_comes_after_what_it_needs_and_nothing_else_comes() {
        let plan = plan(&[&[], &[0], &[0], &[1, 2], &[]]);
        let mut schedule = Schedule::new(&plan, &[3]);
        assert_eq!(schedule.all().collect::<Vec<_>>(), [0, 1, 2, 3]);
        assert_eq!(schedule.next(), Some(0));
        assert_eq!(schedule.next(), None);
        schedule.ended_well(0);
        assert_eq!((schedule.next(), schedule.next()), (Some(1), Some(2)));
        schedule.ended_well(2);
        assert_eq!(schedule.next(), None);
        schedule.ended_well(1);
        assert_eq!((schedule.next(), schedule.next()), (Some(3), None));
    }

    #[test]
    fn what_needs_one_that_ended_badly_never_begins() {
        let plan = plan(&[&[], &[], &[0], &[1, 2], &[1], &[3]]);
        let mut schedule = Schedule::new(&plan, &[0, 1, 2, 3, 4, 5]);
        assert_eq!((schedule.next(), schedule.next()), (Some(0), Some(1)));
        assert_eq!(schedule.ended_badly(0), BTreeSet::from([2, 3, 5]));
        schedule.ended_well(1);
        assert_eq!((schedule.next(), schedule.next()), (Some(4), None));
        // Each is told once.
        assert!(schedule.ended_badly(4).is_empty());
    }
}
