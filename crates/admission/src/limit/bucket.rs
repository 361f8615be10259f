//! Token buckets by id, in memory of a fixed size.

use std::collections::HashMap;
use std::fmt;
use std::sync::MutexGuard;

use super::rate::{Full, Level, Rate};
use super::shard::{ById, Id, Padded, share};

/// Nanoseconds between two looks through a part that is full.
const SWEEP_EVERY: u64 = 100_000_000;

#[derive(Debug, Default)]
struct Part {
    full: HashMap<Id, Full, ById>,
    /// The bucket that those share for whom there is no room.
    crowd: Full,
    swept: u64,
}

/// Buckets of one dimension.
///
/// A bucket at rest is the same as none, so it can be forgotten. When all room is taken by buckets that are not at rest, newcomers
/// share one bucket in each part: a flood of made-up addresses slows down newcomers, but neither frees those who are limited already
/// nor takes more memory.
pub(super) struct Buckets {
    parts: Box<[Padded<Part>]>,
    most: usize,
}

impl fmt::Debug for Buckets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Buckets")
            .field("most", &self.most)
            .finish_non_exhaustive()
    }
}

impl Buckets {
    pub(super) fn new(most: usize) -> Self {
        Self {
            parts: Padded::parts(),
            most: share(most),
        }
    }

    /// The bucket of `id`, which nobody else can use until it is let go.
    pub(super) fn hold(&self, id: Id, rate: Rate, now: u64) -> Held<'_> {
        let mut part = self.parts[id.shard()].lock();
        let found = part.full.get(&id).copied();
        let is_crowd = found.is_none() && !has_room(&mut part, self.most, now);
        let full = found.unwrap_or(if is_crowd {
            part.crowd
        } else {
            Full::default()
        });
        Held {
            part,
            id,
            rate,
            full,
            now,
            is_crowd,
        }
    }

    /// Forgets buckets that are at rest.
    pub(super) fn retain_recent(&self, now: u64) {
        for part in &self.parts {
            let mut part = part.lock();
            sweep(&mut part, now);
            part.full.shrink_to_fit();
        }
    }

    pub(super) fn len(&self) -> usize {
        self.parts.iter().map(|part| part.lock().full.len()).sum()
    }
}

fn has_room(part: &mut Part, most: usize, now: u64) -> bool {
    if part.full.len() >= most && now.saturating_sub(part.swept) >= SWEEP_EVERY {
        sweep(part, now);
    }
    part.full.len() < most
}

fn sweep(part: &mut Part, now: u64) {
    part.swept = now;
    part.full.retain(|_, full| full.at >= now);
}

/// A bucket that nobody else can use at this moment.
pub(super) struct Held<'a> {
    part: MutexGuard<'a, Part>,
    id: Id,
    rate: Rate,
    full: Full,
    now: u64,
    is_crowd: bool,
}

impl Held<'_> {
    /// Whether one more request has room; if not, in how many nanoseconds it has.
    pub(super) fn look(&self) -> Result<Full, u64> {
        self.rate.take(self.full, self.now)
    }

    /// What the bucket has, when it is full again at `full` or as it is.
    pub(super) fn level(&self, full: Option<Full>) -> Level {
        self.rate.level(full.unwrap_or(self.full), self.now)
    }

    /// Takes the request that [`Self::look`] found room for.
    pub(super) fn charge(mut self, full: Full) {
        if self.is_crowd {
            self.part.crowd = full;
        } else {
            self.part.full.insert(self.id, full);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::shard::{Ids, SHARDS};
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    fn take(buckets: &Buckets, id: Id, rate: Rate, now: u64) -> bool {
        let held = buckets.hold(id, rate, now);
        match held.look() {
            Ok(full) => {
                held.charge(full);
                true
            }
            Err(_) => false,
        }
    }

    #[test]
    fn a_flood_of_names_takes_no_more_memory_and_frees_nobody() {
        let (ids, rate) = (Ids::default(), Rate::new(0.1, 1));
        let buckets = Buckets::new(1_024);
        let old = ids.id("old");
        assert!(take(&buckets, old, rate, SECOND));
        let passed = (0..100_000)
            .filter(|n| take(&buckets, ids.id(n), rate, SECOND))
            .count();
        assert!(buckets.len() <= 1_024);
        assert!(
            passed <= 1_024 + SHARDS,
            "one for each bucket and one for each crowd, not {passed}"
        );
        assert!(!take(&buckets, old, rate, SECOND), "it stays limited");
        assert!(take(&buckets, ids.id("late"), rate, 20 * SECOND));
        buckets.retain_recent(60 * SECOND);
        assert_eq!(buckets.len(), 0);
    }

    #[test]
    fn a_limit_of_another_name_is_another_bucket() {
        let (ids, rate) = (Ids::default(), Rate::new(1.0, 1));
        let buckets = Buckets::new(10);
        assert!(take(&buckets, ids.id("x").under(1), rate, 0));
        assert!(!take(&buckets, ids.id("x").under(1), rate, 0));
        assert!(take(&buckets, ids.id("x").under(2), rate, 0));
    }
}
