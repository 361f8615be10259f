//! A flood of refusals must not become a flood of events.

use std::collections::HashSet;
use std::hash::Hash;

/// The most kinds of which is known that they were told in this second.
const MOST: usize = 4096;

/// Lets the first refusal of each kind in a second through and counts the others.
#[derive(Debug)]
pub struct Sampler<K> {
    second: i64,
    seen: HashSet<K>,
    skipped: u64,
}

impl<K> Default for Sampler<K> {
    fn default() -> Self {
        Self {
            second: 0,
            seen: HashSet::new(),
            skipped: 0,
        }
    }
}

impl<K: Hash + Eq> Sampler<K> {
    /// How many refusals were skipped since the last that passed; nothing where this one is to be skipped too.
    pub fn first(&mut self, kind: K, second: i64) -> Option<u64> {
        if second != self.second {
            self.second = second;
            self.seen.clear();
        }
        if self.seen.len() >= MOST || !self.seen.insert(kind) {
            self.skipped += 1;
            return None;
        }
        Some(std::mem::take(&mut self.skipped))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_a_second_passes_with_the_count_of_the_others() {
        let mut sampler = Sampler::default();
        assert_eq!(sampler.first("a", 1), Some(0));
        assert_eq!(sampler.first("a", 1), None);
        assert_eq!(sampler.first("a", 1), None);
        assert_eq!(sampler.first("b", 1), Some(2));
        assert_eq!(sampler.first("a", 2), Some(0));
    }

    #[test]
    fn a_second_has_a_number_of_kinds() {
        let mut sampler = Sampler::default();
        for kind in 0..MOST {
            assert_eq!(sampler.first(kind, 1), Some(0));
        }
        assert_eq!(sampler.first(MOST, 1), None);
    }
}
