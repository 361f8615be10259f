//! The changes of a queue and their order.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::order::Member;
use crate::{ChangeId, Touched};

/// How many projects make one change that may overtake.
const PROJECTS_A_TURN: u64 = 2;

/// Where a change stands: by priority, then by its turn, then by submission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    priority: Reverse<u8>,
    turn: u64,
    number: u64,
}

/// What a person asked for while the change was being landed.
#[derive(Clone, Debug)]
pub(crate) enum Deferred {
    Amend(Touched),
    Withdraw,
}

#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) revision: u32,
    pub(crate) priority: u8,
    pub(crate) touched: Touched,
    pub(crate) place: Place,
    pub(crate) deferred: Option<Deferred>,
    /// Changes ahead of it with which it was found red or in conflict.
    pub(crate) rivals: BTreeSet<ChangeId>,
    /// Those of them that have landed.
    pub(crate) met: Vec<ChangeId>,
}

/// All changes that have neither landed nor left.
#[derive(Debug, Default)]
pub(crate) struct Book {
    entries: BTreeMap<ChangeId, Entry>,
    order: BTreeMap<Place, ChangeId>,
    submitted: u64,
    /// How many later changes may overtake one at most.
    overtaking: u64,
}

impl Book {
    pub(crate) fn new(overtaking: u64) -> Self {
        Self {
            overtaking,
            ..Self::default()
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn get(&self, change: ChangeId) -> Option<&Entry> {
        self.entries.get(&change)
    }

    pub(crate) fn get_mut(&mut self, change: ChangeId) -> Option<&mut Entry> {
        self.entries.get_mut(&change)
    }

    /// All changes in their order.
    pub(crate) fn changes(&self) -> impl Iterator<Item = ChangeId> {
        self.order.values().copied()
    }

    pub(crate) fn place(&self, change: ChangeId) -> Option<Place> {
        self.entries.get(&change).map(|entry| entry.place)
    }

    pub(crate) fn member(&self, change: ChangeId) -> Member {
        Member {
            change,
            revision: self.entries.get(&change).map_or(0, |entry| entry.revision),
        }
    }

    /// What several changes touch.
    pub(crate) fn touched(&self, changes: &[ChangeId]) -> Touched {
        let mut all = Touched::default();
        let entries = changes.iter().filter_map(|change| self.entries.get(change));
        entries.for_each(|entry| all.join(&entry.touched));
        all
    }

    pub(crate) fn submit(&mut self, change: ChangeId, touched: Touched, priority: u8) {
        self.submitted += 1;
        let place = self.stand(&touched, priority, self.submitted);
        self.order.insert(place, change);
        let entry = Entry {
            revision: 0,
            priority,
            touched,
            place,
            deferred: None,
            rivals: BTreeSet::new(),
            met: Vec::new(),
        };
        self.entries.insert(change, entry);
    }

    /// Gives a change other content; its turn follows from its first submission.
    pub(crate) fn amend(&mut self, change: ChangeId, touched: Touched, priority: Option<u8>) {
        let Some(mut entry) = self.remove(change) else {
            return;
        };
        entry.priority = priority.unwrap_or(entry.priority);
        entry.place = self.stand(&touched, entry.priority, entry.place.number);
        entry.touched = touched;
        entry.revision += 1;
        entry.rivals.clear();
        entry.met.clear();
        self.order.insert(entry.place, change);
        self.entries.insert(change, entry);
    }

    pub(crate) fn remove(&mut self, change: ChangeId) -> Option<Entry> {
        let entry = self.entries.remove(&change)?;
        self.order.remove(&entry.place);
        Some(entry)
    }

    /// Notes for those that had trouble with `landed` that it has landed.
    pub(crate) fn meet_landed(&mut self, landed: &BTreeSet<ChangeId>) {
        for entry in self.entries.values_mut() {
            entry.met.extend(entry.rivals.intersection(landed));
        }
    }

    fn stand(&self, touched: &Touched, priority: u8, number: u64) -> Place {
        let late = touched.count().map_or(self.overtaking, |count| {
            (count.saturating_sub(1) as u64 / PROJECTS_A_TURN).min(self.overtaking)
        });
        Place {
            priority: Reverse(priority),
            turn: number + late,
            number,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Project;

    fn touched(count: usize) -> Touched {
        (0..count)
            .map(|one| Project::from(one.to_string().as_str()))
            .collect()
    }

    fn order(book: &Book) -> Vec<u64> {
        book.changes().map(|change| change.0).collect()
    }

    #[test]
    fn a_wide_change_is_overtaken_by_so_many_and_no_more() {
        let mut book = Book::new(2);
        book.submit(ChangeId(1), Touched::All, 0);
        for change in 2..6 {
            book.submit(ChangeId(change), touched(1), 0);
        }
        assert_eq!(order(&book), [2, 1, 3, 4, 5]);
        book.submit(ChangeId(6), touched(30), 1);
        assert_eq!(order(&book), [6, 2, 1, 3, 4, 5]);
    }

    #[test]
    fn an_amended_change_keeps_its_number() {
        let mut book = Book::new(16);
        book.submit(ChangeId(1), touched(1), 0);
        book.submit(ChangeId(2), touched(1), 0);
        book.amend(ChangeId(1), touched(2), None);
        assert_eq!(order(&book), [1, 2]);
        assert_eq!(book.member(ChangeId(1)).revision, 1);
        book.amend(ChangeId(1), touched(9), None);
        assert_eq!(order(&book), [2, 1]);
    }
}
