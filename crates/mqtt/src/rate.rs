//! How fast one client may send.

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

    fn fill(&mut self, now: Instant) {
        let since = now.saturating_duration_since(self.at).as_secs_f64();
        self.level = (self.level + since * self.per_second).min(self.per_second);
        self.at = now;
    }

    /// Whether `amount` is there now; taken if so.
    pub(crate) fn take(&mut self, amount: usize, now: Instant) -> bool {
        if self.per_second == 0.0 {
            return true;
        }
        self.fill(now);
        // What is more than a second's worth passes from a full bucket and leaves a debt.
        if self.level < (amount as f64).min(self.per_second) {
            return false;
        }
        self.level -= amount as f64;
        true
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
        let mut bucket = Bucket::new(10, now);
        assert_eq!((0..20).filter(|_| bucket.take(1, now)).count(), 10);
        let later = now + Duration::from_millis(500);
        assert_eq!((0..20).filter(|_| bucket.take(1, later)).count(), 5);
        assert_eq!(bucket.owe(5, later), Duration::from_millis(500));
        let mut free = Bucket::new(0, now);
        assert!(free.take(1 << 20, now) && free.owe(1 << 20, now).is_zero());
        let mut small = Bucket::new(10, now);
        assert!(small.take(25, now) && !small.take(1, now + Duration::from_secs(1)));
    }
}
