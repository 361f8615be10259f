//! The newest de-duplication keys.

use std::collections::HashSet;
use std::hash::{BuildHasher, Hasher, RandomState};

use crate::DedupeKey;

/// A bounded set of keys in two generations: when the younger one is full the older one is forgotten.
///
/// The keys that are added last stay provisional until [`Self::commit`], so that a group that could not be written can be taken out.
#[derive(Debug)]
pub(super) struct DedupeWindow {
    young: HashSet<DedupeKey, FoldedKeys>,
    old: HashSet<DedupeKey, FoldedKeys>,
    provisional: Vec<DedupeKey>,
    generation: usize,
}

impl DedupeWindow {
    /// A window that remembers at least half of `keys` and at most all of them, but for one group.
    pub(super) fn new(keys: u64) -> Self {
        let hasher = FoldedKeys::new();
        Self {
            young: HashSet::with_hasher(hasher.clone()),
            old: HashSet::with_hasher(hasher),
            provisional: Vec::new(),
            generation: usize::try_from(keys / 2).unwrap_or(usize::MAX),
        }
    }

    /// Adds `key`, or tells that it is here already by returning false.
    pub(super) fn insert(&mut self, key: DedupeKey) -> bool {
        if self.generation == 0 {
            return true;
        }
        let new = !self.old.contains(&key) && self.young.insert(key);
        if new {
            self.provisional.push(key);
        }
        new
    }

    /// Keeps what was added since the last call.
    pub(super) fn commit(&mut self) {
        self.provisional.clear();
        self.provisional.shrink_to(4096);
        if self.young.len() >= self.generation {
            std::mem::swap(&mut self.young, &mut self.old);
            self.young.clear();
        }
    }

    /// Forgets what was added since the last [`Self::commit`].
    pub(super) fn roll_back(&mut self) {
        for key in self.provisional.drain(..) {
            self.young.remove(&key);
        }
    }

    /// How many keys it remembers.
    pub(super) fn len(&self) -> usize {
        self.young.len() + self.old.len()
    }
}

/// Hashes keys, which are hashes themselves, by one multiplication with secret numbers: whoever can choose keys cannot choose
/// where they fall.
#[derive(Clone, Debug)]
struct FoldedKeys {
    low: u64,
    high: u64,
}

impl FoldedKeys {
    fn new() -> Self {
        let chance = RandomState::new();
        Self {
            low: chance.hash_one(1_u8),
            high: chance.hash_one(2_u8),
        }
    }
}

impl BuildHasher for FoldedKeys {
    type Hasher = FoldedKey;

    fn build_hasher(&self) -> FoldedKey {
        FoldedKey {
            seeds: self.clone(),
            value: 0,
        }
    }
}

struct FoldedKey {
    seeds: FoldedKeys,
    value: u64,
}

impl Hasher for FoldedKey {
    fn finish(&self) -> u64 {
        self.value
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u128(u128::from(byte) ^ u128::from(self.value));
        }
    }

    fn write_u128(&mut self, key: u128) {
        let low = key as u64 ^ self.seeds.low;
        let high = (key >> 64) as u64 ^ self.seeds.high;
        let product = u128::from(low) * u128::from(high);
        self.value = (product as u64) ^ (product >> 64) as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_bounded_and_the_newest_half_is_remembered() {
        let mut window = DedupeWindow::new(100);
        for key in 0..1_000 {
            assert!(window.insert(key));
            window.commit();
            assert!(window.len() <= 100);
            for recent in key.saturating_sub(49)..=key {
                assert!(!window.insert(recent), "{recent} after {key}");
            }
        }
        assert!(window.insert(0), "the oldest is forgotten");
    }

    #[test]
    fn a_failed_group_leaves_nothing() {
        let mut window = DedupeWindow::new(100);
        assert!(window.insert(1));
        window.commit();
        assert!(window.insert(2));
        assert!(!window.insert(2));
        window.roll_back();
        assert!(window.insert(2));
        assert!(!window.insert(1));
    }

    #[test]
    fn no_window_means_no_duplicates() {
        let mut window = DedupeWindow::new(0);
        assert!(window.insert(1) && window.insert(1));
        assert_eq!(window.len(), 0);
    }
}
