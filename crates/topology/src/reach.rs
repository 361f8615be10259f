//! What hangs off an end: everything from which relations lead there.

use std::collections::HashSet;

use serde::Serialize;
use utoipa::ToSchema;

use crate::End;

/// Something from which relations lead to where it was asked about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Reached {
    /// What it is.
    #[schema(value_type = String, example = "thing:pump-7")]
    pub end: End,
    /// Over how many relations the shortest way leads.
    pub distance: u32,
}

/// Everything that hangs off an end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Reach {
    /// How many ends there are; not all of them need be among `ends`.
    pub total: usize,
    /// Whether all of the relations were followed. It is false where there are so many that the search was broken off: there is more then.
    pub complete: bool,
    /// The nearest first, those of one distance in the order of their names.
    pub ends: Vec<Reached>,
}

/// A search from one end back over the relations that lead there, a step at a time. Each end is come to once, by the shortest way, so that
/// circles end by themselves.
#[derive(Debug)]
pub(crate) struct Walk {
    seen: HashSet<End>,
    reached: Vec<Reached>,
    /// Where the ends begin that the last step came to.
    fresh: usize,
    /// Relations that may still be followed.
    left: usize,
    complete: bool,
}

impl Walk {
    /// A search that is broken off after so many relations.
    pub(crate) fn new(from: &End, relations: usize) -> Self {
        Self {
            seen: HashSet::from([from.clone()]),
            reached: Vec::new(),
            fresh: 0,
            left: relations,
            complete: true,
        }
    }

    /// How many relations may still be followed; nothing where it was broken off.
    pub(crate) fn left(&self) -> Option<usize> {
        self.complete.then_some(self.left)
    }

    /// Begins the next step: the ends that the last one came to.
    pub(crate) fn step(&mut self) -> Vec<End> {
        let fresh = self.reached.split_at(self.fresh).1;
        let ends = fresh.iter().map(|one| one.end.clone()).collect();
        self.fresh = self.reached.len();
        ends
    }

    /// Comes to where relations begin, over `distance` relations. Those that are more than may be followed break it off.
    pub(crate) fn come_to(&mut self, mut ends: Vec<End>, distance: u32) {
        if ends.len() > self.left {
            ends.truncate(self.left);
            self.complete = false;
        }
        self.left -= ends.len();
        for end in ends {
            if !self.seen.contains(&end) {
                self.seen.insert(end.clone());
                self.reached.push(Reached { end, distance });
            }
        }
    }

    /// What it came to.
    pub(crate) fn end(self) -> Reach {
        let mut ends = self.reached;
        ends.sort_unstable_by(|one, other| {
            (one.distance, &one.end).cmp(&(other.distance, &other.end))
        });
        Reach {
            total: ends.len(),
            complete: self.complete,
            ends,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends(names: &[&str]) -> Vec<End> {
        names.iter().map(|name| End::thing(name).unwrap()).collect()
    }

    fn found(reach: &Reach) -> Vec<(&str, u32)> {
        let ends = reach.ends.iter();
        ends.map(|one| (one.end.as_thing().unwrap(), one.distance))
            .collect()
    }

    #[test]
    fn the_shortest_way_counts() {
        let mut walk = Walk::new(&ends(&["z"])[0], 100);
        assert!(walk.step().is_empty());
        walk.come_to(ends(&["c", "b", "b"]), 1);
        assert_eq!(walk.step(), ends(&["c", "b"]));
        walk.come_to(ends(&["b", "z", "a"]), 2);
        assert_eq!(walk.step(), ends(&["a"]));
        walk.come_to(ends(&["a", "c"]), 3);
        assert!(walk.step().is_empty());
        let reach = walk.end();
        assert_eq!(found(&reach), [("b", 1), ("c", 1), ("a", 2)]);
        assert_eq!((reach.total, reach.complete), (3, true));
    }

    #[test]
    fn what_is_too_much_breaks_it_off() {
        let mut walk = Walk::new(&ends(&["z"])[0], 3);
        walk.come_to(ends(&["a", "b"]), 1);
        assert_eq!(walk.left(), Some(1));
        walk.come_to(ends(&["c", "d"]), 2);
        assert_eq!(walk.left(), None);
        let reach = walk.end();
        assert_eq!(found(&reach), [("a", 1), ("b", 1), ("c", 2)]);
        assert!(!reach.complete);
    }
}
