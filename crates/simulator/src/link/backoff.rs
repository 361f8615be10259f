//! How long a device waits before it connects again.

use std::time::Duration;

use crate::chance::unit;

/// The first wait at most.
const FIRST: Duration = Duration::from_secs(1);
/// Any wait at most.
const LONGEST: Duration = Duration::from_secs(60);

/// The wait before attempt `attempt`, counted from 1: twice as long each time, less up to a half of it, so that devices whose broker was
/// away do not come back all at once.
pub(super) fn wait(seed: u64, thing: &str, attempt: u32) -> Duration {
    let doubled = FIRST.saturating_mul(1 << attempt.saturating_sub(1).min(10));
    let whole = doubled.min(LONGEST);
    whole.mul_f64(1.0 - unit(seed, &[thing, "wait", &attempt.to_string()]) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_differ_and_have_an_end() {
        let seconds = |thing: &str, attempt| wait(7, thing, attempt).as_secs_f64();
        for (attempt, most) in [(1, 1.0), (2, 2.0), (4, 8.0), (7, 60.0), (u32::MAX, 60.0)] {
            for thing in ["a", "b", "c"] {
                assert!((most / 2.0..=most).contains(&seconds(thing, attempt)));
            }
        }
        assert!(seconds("a", 3) != seconds("b", 3));
        assert_eq!(seconds("a", 3), seconds("a", 3));
    }
}
