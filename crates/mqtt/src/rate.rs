//! How fast one client may send, and how often somebody may come.

use std::time::Duration;

use tokio::time::Instant;

/// A bucket that fills with `per_second` and holds so many seconds' worth.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bucket {
    per_second: f64,
    most: f64,
    level: f64,
    at: Instant,
}

impl Bucket {
    /// A full bucket that holds `seconds` seconds' worth; 0 `per_second` is no limit.
    pub(crate) fn new(per_second: u32, seconds: u32, now: Instant) -> Self {
        let most = f64::from(per_second) * f64::from(seconds);
        Self {
            per_second: per_second.into(),
            most,
            level: most,
            at: now,
        }
    }

    fn fill(&mut self, now: Instant) {
        let since = now.saturating_duration_since(self.at).as_secs_f64();
        self.level = (self.level + since * self.per_second).min(self.most);
        self.at = now;
    }

    /// Whether `amount` is there now.
    pub(crate) fn has(&mut self, amount: usize, now: Instant) -> bool {
        if self.per_second == 0.0 {
            return true;
        }
        self.fill(now);
        // What is more than it holds passes from a full bucket and leaves a debt.
        self.level >= (amount as f64).min(self.most)
    }

    /// Whether `amount` is there now; taken if so.
    pub(crate) fn take(&mut self, amount: usize, now: Instant) -> bool {
        let there = self.has(amount, now);
        if there {
            self.level -= amount as f64;
        }
        there
    }

    /// Takes `amount` and says how long to wait for it.
    pub(crate) fn owe(&mut self, amount: usize, now: Instant) -> Duration {
        if self.per_second == 0.0 {
            return Duration::ZERO;
        }
        self.fill(now);
        self.level -= amount as f64;
        Duration::from_secs_f64((-self.level).max(0.0) / self.per_second)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_holds_what_it_may() {
        let now = Instant::now();
        let mut bucket = Bucket::new(10, 1, now);
        assert_eq!((0..20).filter(|_| bucket.take(1, now)).count(), 10);
        let later = now + Duration::from_millis(500);
        assert_eq!((0..20).filter(|_| bucket.take(1, later)).count(), 5);
        assert_eq!(bucket.owe(5, later), Duration::from_millis(500));
        let mut free = Bucket::new(0, 1, now);
        assert!(free.take(1 << 20, now) && free.owe(1 << 20, now).is_zero());
        let mut small = Bucket::new(10, 1, now);
        assert!(small.take(25, now) && !small.take(1, now + Duration::from_secs(1)));
    }

    #[test]
    fn more_seconds_hold_more_and_fill_no_faster() {
        let now = Instant::now();
        let mut bucket = Bucket::new(2, 3, now);
        assert!(bucket.has(6, now) && bucket.has(6, now));
        assert_eq!((0..20).filter(|_| bucket.take(1, now)).count(), 6);
        let later = now + Duration::from_secs(1);
        assert!(bucket.has(2, later) && !bucket.has(3, later));
    }
}
