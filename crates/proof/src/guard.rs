//! Growing delays for who guesses.
//!
//! A delay holds for one account and one address together: whoever guesses from elsewhere does not lock out its owner. All addresses
//! together may guess an account at a far higher number, after which only addresses that the account signed in from are heard.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use trunkline_web::{Rate, RateLimiter};

use crate::secret::Digest;

/// Attempts before the first delay.
const FREE: u32 = 5;

/// The first delay; each further failure doubles it.
const FIRST: Duration = Duration::from_secs(1);

/// The longest delay.
const LONGEST: Duration = Duration::from_secs(15 * 60);

/// How long after the last attempt everything is forgotten.
const FORGOTTEN: Duration = Duration::from_secs(60 * 60);

/// Pairs of account and address that are remembered.
const MAX_ENTRIES: usize = 8192;

/// Guesses at one account from all addresses together: this many at once and as many in an hour and a half.
const EVERYBODY: Rate = Rate {
    per_second: 200.0 / 5400.0,
    burst: 200,
};

/// Addresses that may report a failure of their own, and how long the next ones are only counted.
const SAMPLE_EVERY: Duration = Duration::from_secs(10);

/// An account, known or not, and an address.
pub type Pair = (Digest, IpAddr);

#[derive(Clone, Copy, Debug)]
struct Entry {
    failures: u32,
    until: Instant,
}

/// Counts failed sign-ins with something that can be guessed.
#[derive(Debug)]
pub struct Guard {
    pairs: Mutex<HashMap<Pair, Entry>>,
    accounts: RateLimiter<Digest>,
    samples: Mutex<HashMap<IpAddr, (Instant, u32)>>,
}

impl Default for Guard {
    fn default() -> Self {
        Self::new()
    }
}

impl Guard {
    /// A guard that has seen nobody.
    #[must_use]
    pub fn new() -> Self {
        Self {
            pairs: Mutex::default(),
            accounts: RateLimiter::new(EVERYBODY, MAX_ENTRIES),
            samples: Mutex::default(),
        }
    }

    /// Counts an attempt, before it is known how it ends: many at the same time must not count as one.
    ///
    /// # Errors
    /// How long to wait; the attempt does not count then.
    pub fn begin(&self, pair: Pair, now: Instant) -> Result<(), Duration> {
        let mut pairs = self.lock();
        let before = pairs
            .get(&pair)
            .copied()
            .filter(|entry| now < entry.until + FORGOTTEN);
        if let Some(entry) = before.filter(|entry| now < entry.until) {
            return Err(entry.until - now);
        }
        let failures = before.map_or(0, |entry| entry.failures).saturating_add(1);
        let until = now + delay(failures);
        if pairs.len() >= MAX_ENTRIES && !pairs.contains_key(&pair) {
            forget_some(&mut pairs, now);
        }
        pairs.insert(pair, Entry { failures, until });
        Ok(())
    }

    /// Whether the account may still be tried from addresses that it never signed in from.
    ///
    /// # Errors
    /// How long to wait.
    pub fn account(&self, account: &Digest, now: Instant) -> Result<(), Duration> {
        self.accounts.check(account, now)
    }

    /// The attempt that began last was wrong.
    pub fn failed(&self, pair: &Pair, now: Instant) {
        self.accounts.charge(&pair.0, 1, now);
    }

    /// The attempt that began last was neither right nor wrong, so it does not count. What came before still does.
    pub fn undo(&self, pair: &Pair, now: Instant) {
        let mut pairs = self.lock();
        if let Some(entry) = pairs.get_mut(pair) {
            entry.failures = entry.failures.saturating_sub(1);
            if entry.failures < FREE {
                entry.until = now;
            }
        }
    }

    /// The right one came in: everything before is forgiven.
    pub fn succeeded(&self, pair: &Pair) {
        self.lock().remove(pair);
    }

    /// Whether a failure from `address` is to be told now, and how many since the last time it was.
    pub fn sample(&self, address: IpAddr, now: Instant) -> Option<u32> {
        let mut samples = self.samples.lock().unwrap_or_else(PoisonError::into_inner);
        if samples.len() >= MAX_ENTRIES && !samples.contains_key(&address) {
            samples.retain(|_, (told, _)| now < *told + SAMPLE_EVERY);
            if samples.len() >= MAX_ENTRIES {
                return None;
            }
        }
        match samples.get_mut(&address) {
            Some((told, count)) if now < *told + SAMPLE_EVERY => {
                *count = count.saturating_add(1);
                None
            }
            Some(entry) => {
                let count = entry.1.saturating_add(1);
                *entry = (now, 0);
                Some(count)
            }
            None => {
                samples.insert(address, (now, 0));
                Some(1)
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Pair, Entry>> {
        self.pairs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn delay(failures: u32) -> Duration {
    match failures.checked_sub(FREE) {
        None => Duration::ZERO,
        Some(doublings) => FIRST
            .saturating_mul(1_u32.checked_shl(doublings).unwrap_or(u32::MAX))
            .min(LONGEST),
    }
}

/// Makes room: everything that is long over, else whoever failed least.
fn forget_some(pairs: &mut HashMap<Pair, Entry>, now: Instant) {
    let before = pairs.len();
    pairs.retain(|_, entry| now < entry.until + FORGOTTEN && entry.failures > 1);
    if pairs.len() == before {
        let least = pairs
            .iter()
            .min_by_key(|(_, entry)| (entry.failures, entry.until))
            .map(|(pair, _)| *pair);
        if let Some(pair) = least {
            pairs.remove(&pair);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Purpose;

    fn pair(account: &str, last: u8) -> Pair {
        (Purpose::Link.digest(account), [192, 0, 2, last].into())
    }

    #[test]
    fn delays_grow_up_to_a_quarter_of_an_hour() {
        let (guard, mut now) = (Guard::new(), Instant::now());
        for _ in 0..5 {
            guard.begin(pair("ada", 1), now).unwrap();
        }
        let mut waits = Vec::new();
        for _ in 0..12 {
            let wait = guard.begin(pair("ada", 1), now).unwrap_err();
            waits.push(wait.as_secs());
            now += wait;
            guard.begin(pair("ada", 1), now).unwrap();
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
    }

    #[test]
    fn who_guesses_locks_out_nobody_else() {
        let (guard, now) = (Guard::new(), Instant::now());
        while guard.begin(pair("ada", 1), now).is_ok() {}
        assert!(guard.begin(pair("ada", 2), now).is_ok(), "another address");
        assert!(guard.begin(pair("bob", 1), now).is_ok(), "another account");
    }

    #[test]
    fn the_right_password_forgives_and_half_a_sign_in_does_not() {
        let (guard, now) = (Guard::new(), Instant::now());
        for _ in 0..4 {
            guard.begin(pair("ada", 1), now).unwrap();
        }
        for _ in 0..20 {
            guard.begin(pair("ada", 1), now).unwrap();
            guard.undo(&pair("ada", 1), now);
        }
        guard.begin(pair("ada", 1), now).unwrap();
        assert!(
            guard.begin(pair("ada", 1), now).is_err(),
            "the four still count"
        );
        guard.succeeded(&pair("ada", 1));
        assert!(guard.begin(pair("ada", 1), now).is_ok());
    }

    #[test]
    fn many_addresses_together_meet_a_limit_of_the_account() {
        let (guard, now) = (Guard::new(), Instant::now());
        for number in 0..200_u8 {
            let pair = pair("ada", number);
            assert!(guard.account(&pair.0, now).is_ok());
            guard.failed(&pair, now);
        }
        assert!(guard.account(&pair("ada", 0).0, now).is_err());
        assert!(guard.account(&pair("bob", 0).0, now).is_ok());
    }

    #[test]
    fn one_event_tells_of_many_failures() {
        let (guard, now) = (Guard::new(), Instant::now());
        let address = IpAddr::from([192, 0, 2, 1]);
        assert_eq!(guard.sample(address, now), Some(1));
        for _ in 0..7 {
            assert_eq!(guard.sample(address, now), None);
        }
        assert_eq!(guard.sample(address, now + SAMPLE_EVERY), Some(8));
    }

    #[test]
    fn memory_is_bounded() {
        let (guard, now) = (Guard::new(), Instant::now());
        for number in 0..MAX_ENTRIES + 10 {
            guard.begin(pair(&number.to_string(), 1), now).unwrap();
        }
        assert!(guard.lock().len() <= MAX_ENTRIES);
    }
}
