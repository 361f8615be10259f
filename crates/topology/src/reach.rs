//! What hangs off an end: everything from which relations lead there.

use std::collections::HashMap;

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

impl Reach {
    /// Of several ways to the same end, the shortest counts.
    pub(crate) fn of(steps: Vec<(End, u32)>, complete: bool) -> Self {
        let mut nearest: HashMap<End, u32> = HashMap::new();
        for (end, distance) in steps {
            let known = nearest.entry(end).or_insert(distance);
            *known = distance.min(*known);
        }
        let mut ends: Vec<Reached> = nearest
            .into_iter()
            .map(|(end, distance)| Reached { end, distance })
            .collect();
        ends.sort_unstable_by(|one, other| {
            (one.distance, &one.end).cmp(&(other.distance, &other.end))
        });
        Self {
            total: ends.len(),
            complete,
            ends,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shortest_way_counts() {
        let end = |name: &str| End::thing(name).unwrap();
        let steps = vec![(end("b"), 2), (end("a"), 3), (end("b"), 1), (end("c"), 1)];
        let reach = Reach::of(steps, true);
        let found: Vec<_> = reach
            .ends
            .iter()
            .map(|one| (one.end.as_str(), one.distance))
            .collect();
        assert_eq!(found, [("thing:b", 1), ("thing:c", 1), ("thing:a", 3)]);
        assert_eq!(reach.total, 3);
    }
}
