//! How long to wait before a connection is tried again.

use std::time::Duration;

/// The first wait.
const SHORTEST: Duration = Duration::from_secs(1);
/// The longest wait.
const LONGEST: Duration = Duration::from_secs(60);

/// Waits that double with each failure, with chance in them so that many bridges do not come back at the same moment.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// The wait after one more failure; `chance` is a random number.
    pub(crate) fn after_failure(&mut self, chance: u64) -> Duration {
        let wait = self.wait(chance);
        self.failures = self.failures.saturating_add(1);
        wait
    }

    /// The wait after an end whose reason is known and gone: as long as the next one would be, and that one is not longer for it.
    pub(crate) fn wait(self, chance: u64) -> Duration {
        let most = SHORTEST
            .saturating_mul(1 << self.failures.min(6))
            .min(LONGEST);
        let half = most / 2;
        let part = (chance >> 32) as f64 / f64::from(u32::MAX);
        (half + half.mul_f64(part)).max(SHORTEST)
    }

    /// Something went well: the next failure is the first again.
    pub(crate) const fn reset(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_minute() {
        let mut backoff = Backoff::default();
        let longest: Vec<u64> = (0..9)
            .map(|_| backoff.after_failure(u64::MAX).as_secs())
            .collect();
        assert_eq!(longest, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
        backoff.reset();
        assert_eq!(backoff.wait(u64::MAX), SHORTEST);
        assert_eq!(backoff.after_failure(u64::MAX), SHORTEST);
    }

    #[test]
    fn chance_takes_off_half_at_the_most() {
        let mut backoff = Backoff::default();
        let shortest: Vec<u64> = (0..8).map(|_| backoff.after_failure(0).as_secs()).collect();
        assert_eq!(shortest, [1, 1, 2, 4, 8, 16, 30, 30]);
    }
}
