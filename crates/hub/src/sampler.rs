//! Refusals of which one in a second is enough.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use trunkline_model::Timestamp;

/// How many different refusals of a second are told.
const MOST: usize = 1_024;

/// Lets the first refusal of each kind in a second through, and counts the others.
#[derive(Debug, Default)]
pub(crate) struct Sampler(Mutex<Seen>);

#[derive(Debug, Default)]
struct Seen {
    second: i64,
    kinds: HashMap<String, ()>,
    skipped: u64,
}

impl Sampler {
    /// How many refusals were passed over since the last that was told; nothing where this one is to be passed over too.
    pub(crate) fn first(&self, kind: String, now: Timestamp) -> Option<u64> {
        let second = now.as_micros().div_euclid(1_000_000);
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.second != second {
            seen.second = second;
            seen.kinds.clear();
        }
        if seen.kinds.len() >= MOST || seen.kinds.insert(kind, ()).is_some() {
            seen.skipped += 1;
            return None;
        }
        Some(std::mem::take(&mut seen.skipped))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_a_kind_passes_in_a_second_with_the_count_of_the_others() {
        let sampler = Sampler::default();
        let (now, later) = (Timestamp::from_millis(1_000), Timestamp::from_millis(2_000));
        assert_eq!(sampler.first("a".into(), now), Some(0));
        assert_eq!(sampler.first("a".into(), now), None);
        assert_eq!(sampler.first("a".into(), now), None);
        assert_eq!(sampler.first("b".into(), now), Some(2));
        assert_eq!(sampler.first("a".into(), later), Some(0));
        for n in 0..2 * MOST {
            sampler.first(n.to_string(), later);
        }
        assert_eq!(sampler.first("c".into(), later), None);
    }
}
