//! How many bytes the artifacts take.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Counts bytes, of what is kept and of what is coming.
#[derive(Debug)]
pub(crate) struct Space {
    limit: u64,
    taken: Mutex<u64>,
}

/// A part of the space, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Share {
    space: Arc<Space>,
    bytes: u64,
}

impl Space {
    /// So much in all, of which so much is taken.
    pub(crate) fn new(limit: u64, taken: u64) -> Arc<Self> {
        Arc::new(Self {
            limit,
            taken: Mutex::new(taken),
        })
    }

    pub(crate) const fn limit(&self) -> u64 {
        self.limit
    }

    fn lock(&self) -> MutexGuard<'_, u64> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A share that has nothing yet.
    pub(crate) fn share(self: &Arc<Self>) -> Share {
        Share {
            space: Arc::clone(self),
            bytes: 0,
        }
    }

    /// Gives back what a kept file took.
    pub(crate) fn give_back(&self, bytes: u64) {
        let mut taken = self.lock();
        *taken = taken.saturating_sub(bytes);
    }
}

impl Share {
    pub(crate) const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Takes so much more; false where there is not so much.
    pub(crate) fn grow(&mut self, more: u64) -> bool {
        let mut taken = self.space.lock();
        match taken.checked_add(more) {
            Some(sum) if sum <= self.space.limit => *taken = sum,
            _ => return false,
        }
        self.bytes += more;
        true
    }

    /// Keeps it for good: what it was taken for stays.
    pub(crate) fn keep(&mut self) {
        self.bytes = 0;
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.space.give_back(self.bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_kept_is_given_back() {
        let space = Space::new(10, 4);
        let mut one = space.share();
        assert!(one.grow(4) && !one.grow(3) && !one.grow(u64::MAX) && one.bytes() == 4);
        let mut two = space.share();
        assert!(two.grow(2) && !two.grow(1));
        drop(one);
        assert!(two.grow(4));
        two.keep();
        drop(two);
        assert!(!space.share().grow(1));
        space.give_back(6);
        assert!(space.share().grow(6));
    }
}
