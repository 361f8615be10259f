//! When devices connect and make their steps.

use std::time::Duration;

/// Between the connections of two devices, so that a broker is not stormed.
const BETWEEN: f64 = 0.01;

/// When one of many devices does something, after the beginning of the simulation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pace {
    /// When it connects.
    pub(crate) connect: Duration,
    /// When its first step ends: at least a step after it connects.
    pub(crate) first: Duration,
    /// How long a step is.
    pub(crate) period: Duration,
}

impl Pace {
    /// The pace of the device with this number of so many: their steps are spread evenly, so that they do not all send at once.
    pub(crate) fn of(number: usize, count: usize, period: Duration) -> Self {
        let connect = number as f64 * BETWEEN;
        let seconds = period.as_secs_f64();
        let place = number as f64 / count.max(1) as f64;
        let after = (place - connect / seconds).rem_euclid(1.0);
        Self {
            connect: Duration::from_secs_f64(connect),
            first: Duration::from_secs_f64(connect + seconds * (1.0 + after)),
            period,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_spread_evenly_and_follow_the_connection() {
        for (count, seconds) in [(200, 5.0), (200, 0.5), (3, 86_400.0), (1, 1.0)] {
            let period = Duration::from_secs_f64(seconds);
            let paces: Vec<Pace> = (0..count).map(|n| Pace::of(n, count, period)).collect();
            let mut places: Vec<f64> = paces
                .iter()
                .map(|pace| (pace.first.as_secs_f64() / seconds).rem_euclid(1.0))
                .collect();
            places.sort_by(f64::total_cmp);
            let apart = 1.0 / count as f64;
            for pair in places.windows(2) {
                assert!(
                    (pair[1] - pair[0] - apart).abs() < apart / 100.0,
                    "{pair:?}"
                );
            }
            for pace in paces {
                let wait = pace.first.checked_sub(pace.connect).unwrap().as_secs_f64();
                assert!((seconds * 0.999..=seconds * 2.001).contains(&wait));
                assert!(pace.connect <= Duration::from_secs(2));
            }
        }
    }
}
