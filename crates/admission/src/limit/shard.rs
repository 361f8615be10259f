//! Ids of what is limited, and tables in parts with a lock each.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Parts of a table.
pub(super) const SHARDS: usize = 256;

/// 128 bits that stand for a name: two names never share them in practice, and an outsider cannot aim at a collision, since the keys of
/// the hash are chosen at random when the limiter is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Id(u64, u64);

impl Id {
    pub(super) const fn shard(self) -> usize {
        (self.1 >> 56) as usize % SHARDS
    }
}

impl Hash for Id {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.0);
    }
}

/// Makes ids.
#[derive(Debug, Default)]
pub(super) struct Ids(RandomState, RandomState);

impl Ids {
    /// The id of `thing` under the limit called `limit`.
    pub(super) fn id(&self, limit: &str, thing: impl Hash) -> Id {
        let both = (limit, thing);
        Id(self.0.hash_one(&both), self.1.hash_one(&both))
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
