//! When it was told last that a thing reports what does not fit.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use trunkline_model::Timestamp;

/// Microseconds between two times that the same thing is told of.
const EVERY: i64 = 60_000_000;
/// Things that are remembered at the most. Where all of them were told of within the minute, others are not told of.
const MOST: usize = 10_000;

/// Things that were told of, when, and how often it happened since.
#[derive(Debug, Default)]
pub struct Unfit(Mutex<Noted>);

#[derive(Debug, Default)]
struct Noted {
    things: HashMap<String, (Timestamp, u64)>,
    /// When those were forgotten last that were told of long ago.
    swept: Timestamp,
}

impl Unfit {
    /// Whether `thing` is to be told of, and then how often it happened without being told.
    pub fn note(&self, thing: &str, now: Timestamp) -> Option<u64> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let recent = |at: Timestamp| (0..EVERY).contains(&now.micros_since(at));
        if let Some((at, repeated)) = all.things.get_mut(thing) {
            if recent(*at) {
                *repeated += 1;
                return None;
            }
            *at = now;
            return Some(std::mem::take(repeated));
        }
        if all.things.len() >= MOST && !recent(all.swept) {
            all.swept = now;
            all.things.retain(|_, (at, _)| recent(*at));
        }
        if all.things.len() >= MOST {
            return None;
        }
        all.things.insert(thing.to_owned(), (now, 0));
        Some(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_thing_is_told_of_once_a_minute() {
        let unfit = Unfit::default();
        let at = |second: i64| Timestamp::from_millis(second * 1_000);
        assert_eq!(unfit.note("a", at(100)), Some(0));
        assert_eq!(unfit.note("b", at(101)), Some(0));
        assert_eq!(unfit.note("a", at(159)), None);
        assert_eq!(unfit.note("a", at(159)), None);
        assert_eq!(unfit.note("a", at(160)), Some(2));
        assert_eq!(unfit.note("a", at(220)), Some(0));
    }

    #[test]
    fn what_is_remembered_has_an_end() {
        let unfit = Unfit::default();
        let at = |second: i64| Timestamp::from_millis(second * 1_000);
        for n in 0..MOST {
            assert_eq!(unfit.note(&n.to_string(), at(100)), Some(0));
        }
        assert_eq!(unfit.note("one too many", at(101)), None);
        assert_eq!(unfit.note("7", at(159)), None, "and none is forgotten");
        assert_eq!(unfit.note("last", at(162)), Some(0));
        assert_eq!(unfit.0.lock().unwrap().things.len(), 1);
    }
}
