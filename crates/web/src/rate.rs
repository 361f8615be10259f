//! A rate limit for each key, in memory of a fixed size.

use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The longest that a key may have to wait, however much it took.
const MAX_DEBT: Duration = Duration::from_secs(24 * 60 * 60);

/// How much may be done how fast.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// What flows back in a second.
    pub per_second: f64,
    /// What can be taken at once after a rest.
    pub burst: u32,
}

/// A token bucket for each key, of which at most a fixed number is remembered.
///
/// A bucket is kept as the moment at which it is full again, so that a key at rest needs no memory. When there are too many keys,
/// the one that is least in debt is forgotten.
pub struct RateLimiter<K> {
    interval: Duration,
    window: Duration,
    max_keys: usize,
    full_at: Mutex<HashMap<K, Instant>>,
}

impl<K> fmt::Debug for RateLimiter<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RateLimiter")
            .field("interval", &self.interval)
            .field("window", &self.window)
            .finish_non_exhaustive()
    }
}

impl<K: Hash + Eq + Clone> RateLimiter<K> {
    /// A limiter of `rate` for each key that remembers at most `max_keys` keys.
    #[must_use]
    pub fn new(rate: Rate, max_keys: usize) -> Self {
        let seconds = 1.0 / rate.per_second.max(1e-6);
        let interval = Duration::try_from_secs_f64(seconds).unwrap_or(MAX_DEBT);
        Self {
            interval,
            window: interval.saturating_mul(rate.burst.max(1)),
            max_keys: max_keys.max(1),
            full_at: Mutex::new(HashMap::new()),
        }
    }

    /// Whether `key` has anything left, without taking it.
    ///
    /// # Errors
    /// How long to wait until it has.
    pub fn check(&self, key: &K, now: Instant) -> Result<(), Duration> {
        self.room(self.debt(&self.lock(), key, now))
    }

    /// Takes `amount` from `key`, even what it does not have: it must wait the longer afterwards.
    pub fn charge(&self, key: &K, amount: u64, now: Instant) {
        let mut full_at = self.lock();
        let debt = self.debt(&full_at, key, now);
        self.put(&mut full_at, key, debt, amount, now);
    }

    /// Takes `amount` from `key` if it has anything left. A large amount may go below zero, so that a batch larger than the burst
    /// passes too and the rate still holds over time.
    ///
    /// # Errors
    /// How long to wait until there is something to take; nothing was taken.
    pub fn take(&self, key: &K, amount: u64, now: Instant) -> Result<(), Duration> {
        let mut full_at = self.lock();
        let debt = self.debt(&full_at, key, now);
        self.room(debt)?;
        self.put(&mut full_at, key, debt, amount, now);
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<K, Instant>> {
        self.full_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn debt(&self, full_at: &HashMap<K, Instant>, key: &K, now: Instant) -> Duration {
        let until = full_at.get(key).copied().unwrap_or(now);
        until.saturating_duration_since(now)
    }

    fn room(&self, debt: Duration) -> Result<(), Duration> {
        let wait = debt
            .saturating_add(self.interval)
            .saturating_sub(self.window);
        if wait.is_zero() { Ok(()) } else { Err(wait) }
    }

    fn most_debt(&self) -> Duration {
        self.window.saturating_add(MAX_DEBT)
    }

    fn put(
        &self,
        full_at: &mut HashMap<K, Instant>,
        key: &K,
        debt: Duration,
        amount: u64,
        now: Instant,
    ) {
        let cost = self.interval.as_nanos().saturating_mul(u128::from(amount));
        let cost = Duration::from_nanos(u64::try_from(cost).unwrap_or(u64::MAX));
        let until = now
            .checked_add(debt.saturating_add(cost).min(self.most_debt()))
            .unwrap_or(now);
        if full_at.len() >= self.max_keys && !full_at.contains_key(key) {
            forget_one(full_at, now);
        }
        full_at.insert(key.clone(), until);
    }
}

/// Forgets every key at rest, or the one least in debt when there is none.
fn forget_one<K: Hash + Eq + Clone>(full_at: &mut HashMap<K, Instant>, now: Instant) {
    let before = full_at.len();
    full_at.retain(|_, until| *until > now);
    if full_at.len() < before {
        return;
    }
    let least = full_at
        .iter()
        .min_by_key(|(_, until)| **until)
        .map(|(key, _)| key.clone());
    if let Some(key) = least {
        full_at.remove(&key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn limiter(max_keys: usize) -> RateLimiter<&'static str> {
        RateLimiter::new(
            Rate {
                per_second: 1.0,
                burst: 3,
            },
            max_keys,
        )
    }

    #[test]
    fn a_burst_passes_and_then_the_rate_holds() {
        let (limiter, now) = (limiter(10), Instant::now());
        for _ in 0..3 {
            assert_eq!(limiter.take(&"a", 1, now), Ok(()));
        }
        assert_eq!(limiter.take(&"a", 1, now), Err(SECOND));
        assert_eq!(limiter.take(&"b", 1, now), Ok(()), "keys do not share");
        assert_eq!(limiter.take(&"a", 1, now + SECOND), Ok(()));
        assert_eq!(limiter.take(&"a", 1, now + SECOND), Err(SECOND));
    }

    #[test]
    fn a_large_amount_is_paid_for_later() {
        let (limiter, now) = (limiter(10), Instant::now());
        assert_eq!(limiter.take(&"a", 10, now), Ok(()));
        assert_eq!(limiter.take(&"a", 1, now), Err(8 * SECOND));
        assert_eq!(limiter.take(&"a", 1, now + 8 * SECOND), Ok(()));
    }

    #[test]
    fn a_check_takes_nothing() {
        let (limiter, now) = (limiter(10), Instant::now());
        for _ in 0..9 {
            assert_eq!(limiter.check(&"a", now), Ok(()));
        }
        limiter.charge(&"a", 5, now);
        assert_eq!(limiter.check(&"a", now), Err(3 * SECOND));
    }

    #[test]
    fn memory_is_bounded_and_the_worst_offender_is_remembered() {
        let (limiter, now) = (limiter(2), Instant::now());
        limiter.charge(&"worst", 9, now);
        limiter.charge(&"mild", 1, now);
        limiter.charge(&"other", 1, now);
        assert_eq!(limiter.lock().len(), 2);
        assert!(limiter.check(&"worst", now).is_err());
        limiter.charge(&"late", 1, now + 60 * SECOND);
        assert_eq!(limiter.lock().len(), 1, "keys at rest are forgotten");
    }

    #[test]
    fn a_rate_of_nothing_lets_the_burst_through_and_no_more() {
        let rate = Rate {
            per_second: 0.0,
            burst: 2,
        };
        let (limiter, now) = (RateLimiter::new(rate, 10), Instant::now());
        assert!(limiter.take(&"a", 1, now).is_ok() && limiter.take(&"a", 1, now).is_ok());
        assert!(limiter.take(&"a", 1, now + 3_600 * SECOND).is_err());
    }

    #[test]
    fn an_absurd_amount_does_not_overflow() {
        let (limiter, now) = (limiter(2), Instant::now());
        limiter.charge(&"a", u64::MAX, now);
        limiter.charge(&"a", u64::MAX, now);
        assert!(
            limiter
                .check(&"a", now)
                .is_err_and(|wait| wait <= MAX_DEBT + SECOND)
        );
    }
}
