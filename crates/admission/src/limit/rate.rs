//! The arithmetic of a token bucket, without rounding.
//!
//! The generic cell rate algorithm keeps, instead of a count of tokens, the moment at which the bucket is full again. Here it is kept in
//! units of which one nanosecond has as many as the rate has thousandths of a request in a second, and a request a fixed number: both are
//! whole numbers, so that nothing is lost however long it runs.

/// The units of one request: the nanoseconds in 1,000 seconds.
const REQUEST: u128 = 1_000_000_000_000;

/// How much may be done how fast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rate {
    /// Requests in 1,000 seconds, which are the units in a nanosecond; never 0.
    units: u64,
    /// Requests at once; never 0.
    pub(super) burst: u32,
}

/// When a bucket is full again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Full {
    /// Whole nanoseconds after the limiter's beginning.
    pub(super) at: u64,
    /// What is missing of the next nanosecond, in units of the rate.
    rest: u64,
}

/// What a bucket has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Level {
    /// Requests that would pass at once.
    pub(super) remaining: u32,
    /// Nanoseconds until it is full.
    pub(super) until_full: u64,
}

impl Rate {
    /// `per_second` must be positive and `burst` at least 1; both are checked with the configuration.
    pub(super) fn new(per_second: f64, burst: u32) -> Self {
        Self {
            units: ((per_second * 1_000.0).round() as u64).max(1),
            burst: burst.max(1),
        }
    }

    fn units(self, nanos: u64) -> u128 {
        u128::from(nanos) * u128::from(self.units)
    }

    /// The units until the bucket is full, from `now` on.
    fn debt(self, full: Full, now: u64) -> u128 {
        // The rest may come from a former, faster rate.
        let full = self.units(full.at) + u128::from(full.rest.min(self.units - 1));
        full.saturating_sub(self.units(now))
    }

    fn nanos_up(self, units: u128) -> u64 {
        u64::try_from(units.div_ceil(u128::from(self.units))).unwrap_or(u64::MAX)
    }

    fn most(self) -> u128 {
        u128::from(self.burst) * REQUEST
    }

    /// When the bucket is full again after one more request at `now`; or, if there is no room for it, in how many nanoseconds there is.
    pub(super) fn take(self, full: Full, now: u64) -> Result<Full, u64> {
        // A bucket that was filled by a larger burst holds no more than this one's.
        let debt = self.debt(full, now).min(self.most()) + REQUEST;
        if debt > self.most() {
            return Err(self.nanos_up(debt - self.most()));
        }
        let until = self.units(now) + debt;
        let units = u128::from(self.units);
        Ok(Full {
            at: u64::try_from(until / units).unwrap_or(u64::MAX),
            rest: (until % units) as u64,
        })
    }

    /// What the bucket has at `now`.
    pub(super) fn level(self, full: Full, now: u64) -> Level {
        let debt = self.debt(full, now).min(self.most());
        Level {
            remaining: u32::try_from((self.most() - debt) / REQUEST).unwrap_or(u32::MAX),
            until_full: self.nanos_up(debt),
        }
    }

    /// Whole seconds in which an empty bucket fills, at least 1.
    pub(super) fn window_seconds(self) -> u64 {
        self.nanos_up(self.most()).div_ceil(1_000_000_000).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SECOND: u64 = 1_000_000_000;

    #[test]
    fn a_burst_passes_and_then_the_rate_holds() {
        let (rate, mut full) = (Rate::new(2.0, 3), Full::default());
        for left in [2, 1, 0] {
            full = rate.take(full, SECOND).unwrap();
            assert_eq!(rate.level(full, SECOND).remaining, left);
        }
        assert_eq!(rate.take(full, SECOND), Err(SECOND / 2));
        assert_eq!(rate.take(full, SECOND + SECOND / 2 - 1), Err(1));
        assert!(rate.take(full, SECOND + SECOND / 2).is_ok());
        assert_eq!(rate.level(full, SECOND).until_full, 3 * SECOND / 2);
        assert_eq!(rate.window_seconds(), 2);
    }

    #[test]
    fn a_smaller_burst_holds_at_once_and_keeps_nobody_out_for_longer() {
        let large = Rate::new(0.1, 1_000);
        let mut full = Full::default();
        for _ in 0..1_000 {
            full = large.take(full, 0).unwrap();
        }
        assert_eq!(Rate::new(1.0, 2).take(full, 0), Err(SECOND));
    }

    proptest! {
        /// Asked without a pause, a bucket lets through burst + rate x time, whatever the rate: not one more, and not one fewer.
        #[test]
        fn what_passes_is_exact(
            millis in 1_u32..5_000_000,
            burst in 2_u32..50,
            steps in proptest::collection::vec(0_u64..3_000_000_000, 1..200),
        ) {
            let rate = Rate::new(f64::from(millis) / 1_000.0, burst);
            let (mut full, mut now, mut passed) = (Full::default(), 0_u64, 0_u128);
            let request = REQUEST as u64 / u64::from(millis);
            for step in std::iter::once(0).chain(steps) {
                // Less comes back between two looks than fits into the bucket, so nothing is lost to a full one.
                now += step.min(u64::from(burst - 1) * request);
                while let Ok(next) = rate.take(full, now) {
                    full = next;
                    passed += 1;
                }
                let exact = u128::from(burst) + u128::from(now) * u128::from(millis) / REQUEST;
                prop_assert_eq!(passed, exact);
            }
        }
    }
}
