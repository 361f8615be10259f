//! How fast a bridge may send.

use std::time::Duration;

use tokio::time::Instant;

/// A bucket that fills with `per_second` and holds a second's worth.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bucket {
    per_second: f64,
    level: f64,
    at: Instant,
}

impl Bucket {
    /// A full bucket; 0 is no limit.
    pub(crate) fn new(per_second: u32, now: Instant) -> Self {
        Self {
            per_second: per_second.into(),
            level: per_second.into(),
            at: now,
        }
    }

    /// How long until `amount` may pass. What is more than a second's worth passes from a full bucket and leaves a debt.
    pub(crate) fn wait(&mut self, amount: usize, now: Instant) -> Duration {
        if self.per_second == 0.0 {
            return Duration::ZERO;
        }
        let since = now.saturating_duration_since(self.at).as_secs_f64();
        self.level = (self.level + since * self.per_second).min(self.per_second);
        self.at = now;
        let lacking = (amount as f64).min(self.per_second) - self.level;
        if lacking <= 0.0 {
            return Duration::ZERO;
        }
        // A little more, so that rounding does not leave a hair's breadth to wait for.
        Duration::from_secs_f64(lacking / self.per_second) + Duration::from_micros(10)
    }

    /// Takes out what passes.
    pub(crate) fn take(&mut self, amount: usize) {
        if self.per_second > 0.0 {
            self.level -= amount as f64;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_holds_what_it_may_and_no_more() {
        let start = Instant::now();
        let mut bucket = Bucket::new(100, start);
        let mut passed = 0;
        let mut now = start;
        while now < start + Duration::from_secs(10) {
            if bucket.wait(1, now).is_zero() {
                bucket.take(1);
                passed += 1;
            } else {
                now += Duration::from_millis(1);
            }
        }
        // A full bucket at the start, and ten seconds of filling.
        assert!((1_095..=1_100).contains(&passed), "{passed}");
    }

    #[test]
    fn a_long_rest_saves_up_no_more_than_a_second() {
        let start = Instant::now();
        let mut bucket = Bucket::new(100, start);
        for rest in [0, 2, 3_600, 1_000_000] {
            let now = start + Duration::from_secs(rest);
            let at_once = (0..1_000)
                .take_while(|_| {
                    let passes = bucket.wait(1, now).is_zero();
                    if passes {
                        bucket.take(1);
                    }
                    passes
                })
                .count();
            assert_eq!(at_once, 100, "after {rest} seconds");
        }
    }

    #[test]
    fn what_is_larger_than_a_second_passes_and_is_paid_for() {
        let start = Instant::now();
        let mut bucket = Bucket::new(1_000, start);
        assert!(bucket.wait(5_000, start).is_zero());
        bucket.take(5_000);
        let wait = bucket.wait(1, start);
        assert!(wait > Duration::from_millis(3_990), "{wait:?}");
        let mut free = Bucket::new(0, start);
        free.take(1 << 30);
        assert!(free.wait(1 << 30, start).is_zero());
    }
}
