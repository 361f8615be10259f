//! Counters of a route that live as long as its name.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// Four steps for each doubling, up to an hour.
const STEPS: usize = 130;

/// What happened at a route since the process started.
#[derive(Debug)]
pub(crate) struct Stats {
    pub(crate) requests: AtomicU64,
    pub(crate) errors: AtomicU64,
    pub(crate) refused: AtomicU64,
    times: [AtomicU32; STEPS],
}

impl Default for Stats {
    fn default() -> Self {
        Self {
            requests: AtomicU64::new(0),
            errors: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            times: std::array::from_fn(|_| AtomicU32::new(0)),
        }
    }
}

impl Stats {
    /// Counts a request that took `micros`.
    pub(crate) fn count(&self, micros: u64, error: bool, refused: bool) {
        self.requests.fetch_add(1, Ordering::Relaxed);
        if error {
            self.errors.fetch_add(1, Ordering::Relaxed);
        }
        if refused {
            self.refused.fetch_add(1, Ordering::Relaxed);
            return;
        }
        self.times[step(micros)].fetch_add(1, Ordering::Relaxed);
    }

    /// The time in microseconds that `share` of the requests stayed below; nothing before the first.
    pub(crate) fn quantile(&self, share: f64) -> Option<u64> {
        let counts: Vec<u64> = self
            .times
            .iter()
            .map(|count| u64::from(count.load(Ordering::Relaxed)))
            .collect();
        let total: u64 = counts.iter().sum();
        let wanted = ((total as f64) * share).ceil() as u64;
        let mut sum = 0;
        for (place, count) in counts.iter().enumerate() {
            sum += count;
            if total > 0 && sum >= wanted.max(1) {
                return Some(upper(place));
            }
        }
        None
    }
}

fn step(micros: u64) -> usize {
    if micros < 4 {
        return micros as usize;
    }
    let doubling = 63 - micros.leading_zeros() as usize;
    let quarter = (micros >> (doubling - 2)) as usize & 3;
    ((doubling - 1) * 4 + quarter).min(STEPS - 1)
}

fn upper(step: usize) -> u64 {
    if step < 4 {
        return step as u64;
    }
    let (doubling, quarter) = (step / 4 + 1, step as u64 % 4);
    ((4 + quarter + 1) << (doubling - 2)) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_close() {
        let stats = Stats::default();
        assert_eq!(stats.quantile(0.5), None);
        (1..=1000).for_each(|micros| stats.count(micros, false, false));
        let p50 = stats.quantile(0.5).unwrap();
        let p99 = stats.quantile(0.99).unwrap();
        assert!(
            (450..=640).contains(&p50) && (900..=1100).contains(&p99),
            "{p50} {p99}"
        );
        for micros in [0, 3, 4, 5, 7, 8, 1_000, 123_456] {
            assert!(
                upper(step(micros)) >= micros && upper(step(micros)) <= micros + micros / 4 + 1,
                "{micros}"
            );
        }
    }
}
