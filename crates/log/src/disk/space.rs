//! Keeps a reserve of disk free.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use trunkline_model::{Clock, Timestamp};

use super::port::Disk;
use crate::LogError;

/// How long an answer that there is room is believed.
const FRESH_MICROS: u64 = 100_000;

/// Asks the disk for its free bytes, but not for every append.
#[derive(Debug)]
pub(super) struct Space {
    reserve: u64,
    seen: Mutex<Option<(Timestamp, u64)>>,
}

impl Space {
    pub(super) fn new(reserve: u64) -> Self {
        Self {
            reserve,
            seen: Mutex::new(None),
        }
    }

    /// Takes `bytes` from what is free above the reserve. A refusal always rests on a fresh answer of the disk, so that appends
    /// work again at once when there is room.
    ///
    /// # Errors
    /// [`LogError::Full`]; a disk that cannot tell counts as one with room, since the write will tell.
    pub(super) fn take(
        &self,
        bytes: u64,
        disk: &dyn Disk,
        directory: &Path,
        clock: &dyn Clock,
    ) -> Result<(), LogError> {
        let now = clock.now();
        let needed = self.reserve.saturating_add(bytes);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let remembered = seen.filter(|(at, free)| {
            now.micros_since(*at).unsigned_abs() < FRESH_MICROS && *free >= needed
        });
        let free = match remembered {
            Some((_, free)) => free,
            None => disk.free_bytes(directory).unwrap_or(u64::MAX),
        };
        let at = remembered.map_or(now, |(at, _)| at);
        *seen = Some((at, free.saturating_sub(bytes)));
        if free >= needed {
            Ok(())
        } else {
            *seen = None;
            Err(self.full(free))
        }
    }

    /// The error for a disk with `free` bytes.
    pub(super) fn full(&self, free: u64) -> LogError {
        LogError::Full {
            free_bytes: free,
            reserve_bytes: self.reserve,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::atomic::{AtomicU64, Ordering};

    use trunkline_model::ManualClock;

    use super::*;

    #[derive(Debug, Default)]
    struct Tank {
        free: AtomicU64,
        asked: AtomicU64,
    }

    impl Disk for Tank {
        fn free_bytes(&self, _: &Path) -> io::Result<u64> {
            self.asked.fetch_add(1, Ordering::SeqCst);
            Ok(self.free.load(Ordering::SeqCst))
        }
    }

    #[test]
    fn the_disk_is_asked_rarely_but_before_every_refusal() {
        let disk = Tank::default();
        disk.free.store(1_000, Ordering::SeqCst);
        let clock = ManualClock::new(Timestamp::from_millis(10));
        let space = Space::new(500);
        let take = |bytes| space.take(bytes, &disk, Path::new("."), &clock).is_ok();
        assert!((0..50).all(|_| take(10)));
        assert_eq!(disk.asked.load(Ordering::SeqCst), 1);
        disk.free.store(501, Ordering::SeqCst);
        assert!(take(1), "asks again, since what it knows is used up");
        assert!(!take(2));
        disk.free.store(502, Ordering::SeqCst);
        assert!(take(2), "works again by itself, without the clock moving");
        clock.advance_micros(-3_600_000_000);
        let before = disk.asked.load(Ordering::SeqCst);
        disk.free.store(0, Ordering::SeqCst);
        assert!(!take(0) && disk.asked.load(Ordering::SeqCst) > before);
    }
}
