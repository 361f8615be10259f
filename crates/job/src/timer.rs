//! How long a device may take.

use std::ops::RangeInclusive;

/// Minutes that a timer can have: up to seven days.
pub(crate) const MINUTES: RangeInclusive<u32> = 1..=7 * 24 * 60;

/// What is to become of an execution's step timer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It goes.
    Discard,
    /// It begins anew with so many minutes.
    Minutes(u32),
}

/// The second at which `minutes` are over.
pub(crate) fn after(now: i64, minutes: u32) -> i64 {
    now.saturating_add(i64::from(minutes) * 60)
}
