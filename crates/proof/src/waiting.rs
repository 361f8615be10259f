//! What was begun and waits for its second half.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Things that wait at the same time; the oldest makes room.
const MAX_WAITING: usize = 4096;

/// Things that wait for a limited time under a key that cannot be guessed, each to be taken once.
pub struct Waiting<T> {
    life: Duration,
    entries: Mutex<HashMap<String, (Instant, T)>>,
}

impl<T> fmt::Debug for Waiting<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waiting")
            .field("life", &self.life)
            .finish_non_exhaustive()
    }
}

impl<T> Waiting<T> {
    /// Nothing waits yet; what does will for `life`.
    #[must_use]
    pub fn new(life: Duration) -> Self {
        Self {
            life,
            entries: Mutex::default(),
        }
    }

    /// Lets `value` wait under `key`.
    pub fn put(&self, key: String, value: T, now: Instant) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= MAX_WAITING {
            entries.retain(|_, (until, _)| now < *until);
        }
        if entries.len() >= MAX_WAITING {
            let oldest = entries
                .iter()
                .min_by_key(|(_, (until, _))| *until)
                .map(|(key, _)| key.clone());
            if let Some(oldest) = oldest {
                entries.remove(&oldest);
            }
        }
        entries.insert(key, (now + self.life, value));
    }

    /// Takes what waits under `key`, unless it waited too long.
    pub fn take(&self, key: &str, now: Instant) -> Option<T> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let (until, value) = entries.remove(key)?;
        (now < until).then_some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIFE: Duration = Duration::from_secs(300);

    #[test]
    fn what_waits_is_taken_once_and_in_time() {
        let (waiting, now) = (Waiting::new(LIFE), Instant::now());
        waiting.put("a".into(), 1, now);
        waiting.put("b".into(), 2, now);
        assert_eq!(waiting.take("a", now), Some(1));
        assert_eq!(waiting.take("a", now), None);
        assert_eq!(waiting.take("b", now + LIFE), None);
    }

    #[test]
    fn the_oldest_makes_room() {
        let (waiting, now) = (Waiting::new(LIFE), Instant::now());
        for number in 0..=MAX_WAITING {
            let later = now + Duration::from_millis(number as u64);
            waiting.put(number.to_string(), number, later);
        }
        assert_eq!(waiting.take("0", now), None);
        assert_eq!(waiting.take("1", now), Some(1));
    }
}
