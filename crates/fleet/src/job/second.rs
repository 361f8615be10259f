//! How jobs count time.

use trunkline_model::Timestamp;

/// The second of a moment.
pub(crate) const fn second(now: Timestamp) -> i64 {
    now.as_micros().div_euclid(1_000_000)
}
