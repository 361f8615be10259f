//! Ids of what is limited, and tables in parts with a lock each.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Parts of a table.
pub(super) const SHARDS: usize = 256;

/// 64 bits that stand for a name. Of a million names two share them once in thirty million starts, and an outsider cannot aim at it,
/// since the key of the hash is chosen at random when the limiter is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Id(u64);

impl Id {
    /// The part that it belongs to. By bits that the table in the part does not use, or that would be as good as a smaller hash.
    pub(super) const fn shard(self) -> usize {
        (self.0 >> 40) as usize % SHARDS
    }

    /// The id of the same thing under the limit whose label has this mark.
    pub(super) const fn under(self, mark: u64) -> Self {
        Self(self.0 ^ mark)
    }
}

impl Hash for Id {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.0);
    }
}

/// Makes ids.
#[derive(Debug, Default)]
pub(super) struct Ids(RandomState);

impl Ids {
    /// The id of `thing`.
    pub(super) fn id(&self, thing: impl Hash) -> Id {
        Id(self.0.hash_one(thing))
    }
}

/// Takes an id for the hash that it is.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

/// What one part may hold of `most` in all: its share and a sixteenth more, since names do not fall evenly into the parts.
pub(super) const fn share(most: usize) -> usize {
    let even = most.div_ceil(SHARDS);
    let share = even + even / 16;
    if share == 0 { 1 } else { share }
}

/// Makes [`Hashed`].
pub(super) type ById = std::hash::BuildHasherDefault<Hashed>;

/// A lock of its own cache line.
#[derive(Debug, Default)]
#[repr(align(64))]
pub(super) struct Padded<T>(Mutex<T>);

impl<T: Default> Padded<T> {
    pub(super) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Enough of them for a table.
    pub(super) fn parts() -> Box<[Self]> {
        (0..SHARDS).map(|_| Self::default()).collect()
    }
}
