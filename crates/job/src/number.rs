//! Numbers with few places behind the point, which are counted exactly.

use serde::{Deserialize, Serialize};

/// A share from 0.01 to 100 percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Percentage(u32);

/// How much faster a rollout becomes at each step, from 1.1 to 5.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Factor(u32);

/// A number that cannot be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a number from {from} to {to} with at most {places} places behind the point is wanted")]
pub struct NumberError {
    from: &'static str,
    to: &'static str,
    places: u32,
}

impl Percentage {
    /// All.
    pub const ALL: Self = Self(10_000);

    /// So much of `whole`, and rather one more than too few.
    #[must_use]
    pub const fn of(self, whole: u64) -> u64 {
        let share = (whole as u128 * self.0 as u128).div_ceil(10_000);
        share as u64
    }

    /// Whether `part` is so much of `whole`; of nothing, nothing is enough.
    #[must_use]
    pub const fn is_reached(self, part: u64, whole: u64) -> bool {
        part as u128 * 10_000 >= whole as u128 * self.0 as u128
    }
}

impl Factor {
    /// So many times `number`, cut.
    pub(crate) const fn times(self, number: u64) -> u64 {
        number.saturating_mul(self.0 as u64) / 10
    }
}

/// `value` in so small parts as there are places, if it is one that can be written with them.
fn parts(value: f64, places: i32, from: u32, to: u32) -> Option<u32> {
    let exact = value * 10_f64.powi(places);
    let whole = exact.round();
    let near = (exact - whole).abs() < 1e-6;
    let within = (f64::from(from)..=f64::from(to)).contains(&whole);
    (near && within).then_some(whole as u32)
}

impl TryFrom<f64> for Percentage {
    type Error = NumberError;

    fn try_from(value: f64) -> Result<Self, Self::Error> {
        parts(value, 2, 1, 10_000).map(Self).ok_or(NumberError {
            from: "0.01",
            to: "100",
            places: 2,
        })
    }
}

impl From<Percentage> for f64 {
    fn from(percentage: Percentage) -> Self {
        Self::from(percentage.0) / 100.0
    }
}

impl TryFrom<f64> for Factor {
    type Error = NumberError;

    fn try_from(value: f64) -> Result<Self, Self::Error> {
        parts(value, 1, 11, 50).map(Self).ok_or(NumberError {
            from: "1.1",
            to: "5",
            places: 1,
        })
    }
}

impl From<Factor> for f64 {
    fn from(factor: Factor) -> Self {
        Self::from(factor.0) / 10.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_few_places_and_ends() {
        for good in [0.01, 10.9, 10.99, 29.29, 100.0] {
            let percentage = Percentage::try_from(good).unwrap();
            assert!((f64::from(percentage) - good).abs() < f64::EPSILON * 100.0);
            let text = serde_json::to_string(&percentage).unwrap();
            let back: Percentage = serde_json::from_str(&text).unwrap();
            assert_eq!(back, percentage);
        }
        for bad in [0.0, 0.001, 10.999, 100.01, -1.0, f64::NAN, f64::INFINITY] {
            assert!(Percentage::try_from(bad).is_err(), "{bad}");
        }
        for good in [1.1, 1.5, 2.0, 5.0] {
            assert!(Factor::try_from(good).is_ok(), "{good}");
        }
        for bad in [1.0, 1.55, 5.1, f64::NAN] {
            assert!(Factor::try_from(bad).is_err(), "{bad}");
        }
        assert_eq!(
            Factor::try_from(1.0).unwrap_err().to_string(),
            "a number from 1.1 to 5 with at most 1 places behind the point is wanted"
        );
    }

    #[test]
    fn a_share_is_rather_one_more_than_too_few() {
        let one = Percentage::try_from(1.0).unwrap();
        assert_eq!(
            [0, 1, 100, 101, 10_000].map(|n| one.of(n)),
            [0, 1, 1, 2, 100]
        );
        assert_eq!(Percentage::ALL.of(u64::MAX), u64::MAX);
        assert!(one.is_reached(1, 100) && !one.is_reached(1, 101));
        assert!(Percentage::ALL.is_reached(3, 3) && !Percentage::ALL.is_reached(2, 3));
        assert!(Percentage::ALL.is_reached(0, 0));
    }

    #[test]
    fn a_factor_is_exact() {
        assert_eq!(Factor::try_from(1.1).unwrap().times(1_000), 1_100);
        assert_eq!(Factor::try_from(5.0).unwrap().times(7), 35);
    }
}
