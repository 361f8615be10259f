//! Which refusals are reported: the first of each key in a second, with the number of those that were not.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use trunkline_model::Timestamp;

use super::shard::{ById, Id, Ids};
use super::{Dimension, RefusalKind};

/// Keys that are told apart in one second. Refusals of further ones are counted under no name.
const MAX_KEYS: usize = 1_000;

const SECOND: i64 = 1_000_000;

/// A refusal that is worth a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefusalSample {
    /// Refusals of the same key and kind that were not reported since its last report.
    pub unreported: u64,
    /// Refusals of keys that were too many to tell apart, since the last report that said so.
    pub unnamed: u64,
}

#[derive(Debug, Default)]
struct Seen {
    second: i64,
    now: HashMap<Id, u64, ById>,
    /// What the second before left unreported.
    before: HashMap<Id, u64, ById>,
    unnamed: u64,
}

/// Thins out the reports of refusals, so that a flood of requests is not a flood of events too.
#[derive(Default)]
pub struct RefusalSampler {
    ids: Ids,
    seen: Mutex<Seen>,
}

impl fmt::Debug for RefusalSampler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RefusalSampler")
    }
}

impl RefusalSampler {
    /// Takes note of a refusal of `key` at `now`, and says whether to report it. Counts of keys that stay away for a whole second are
    /// told with the next report of whatever key, as `unnamed`.
    pub fn note(
        &self,
        key: &str,
        kind: RefusalKind,
        dimension: Dimension,
        now: Timestamp,
    ) -> Option<RefusalSample> {
        let id = self.ids.id((key, kind, dimension));
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = &mut *seen;
        let second = now.as_micros().div_euclid(SECOND);
        if second != seen.second {
            seen.unnamed += seen.before.values().sum::<u64>();
            seen.before = std::mem::take(&mut seen.now);
            seen.second = second;
        }
        if let Some(unreported) = seen.now.get_mut(&id) {
            *unreported += 1;
            return None;
        }
        if seen.now.len() >= MAX_KEYS {
            seen.unnamed += 1;
            return None;
        }
        seen.now.insert(id, 0);
        Some(RefusalSample {
            unreported: seen.before.remove(&id).unwrap_or(0),
            unnamed: std::mem::take(&mut seen.unnamed),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_is_reported_or_counted_once() {
        let sampler = RefusalSampler::default();
        let (mut reports, mut counted) = (0, 0);
        let note = |key: u64, second: i64| {
            let now = Timestamp::from_micros(second * SECOND + 5);
            sampler.note(&key.to_string(), RefusalKind::Rate, Dimension::Holder, now)
        };
        let mut total = 0;
        for second in 0..5 {
            for n in 0..10_000 {
                total += 1;
                if let Some(sample) = note(n % 2_000, second) {
                    reports += 1;
                    counted += sample.unreported + sample.unnamed;
                }
            }
        }
        assert_eq!(reports, 5 * MAX_KEYS as u64);
        // Two seconds later everything that was kept back is told.
        for second in [6, 8] {
            let sample = note(7, second).unwrap();
            reports += 1;
            total += 1;
            counted += sample.unreported + sample.unnamed;
        }
        assert_eq!(reports + counted, total);
    }

    #[test]
    fn the_first_of_a_second_tells_how_many_there_were() {
        let sampler = RefusalSampler::default();
        let note = |millis: i64| {
            let now = Timestamp::from_millis(millis);
            sampler.note("k", RefusalKind::Quota, Dimension::Holder, now)
        };
        assert_eq!(note(1_000).map(|sample| sample.unreported), Some(0));
        assert_eq!(note(1_500), None);
        assert_eq!(note(1_999), None);
        assert_eq!(note(2_000).map(|sample| sample.unreported), Some(2));
    }
}
