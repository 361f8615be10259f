//! How a release is to take the place of the one before.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// For how long a release may be brought, in milliseconds.
const FETCHING: u64 = 15 * 60_000;
/// What starting may take beyond the time to get well, in milliseconds.
const STARTING: u64 = 5_000;
/// For how long somebody may be waited for, in milliseconds.
const HELD: u64 = 24 * 3_600_000;
/// For how long routes may take to be changed back, in milliseconds.
const RETURNING: u64 = 60_000;
/// A step without enough answers is waited for at least so long beyond its pause, in milliseconds.
const PATIENCE: u64 = 10 * 60_000;
/// The share that a release gets while it bakes; the rest shows how the one before does in the same time.
const BAKING: u8 = 90;

/// A step of a canary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The share of the requests, from 1 to 99.
    pub percent: u8,
    /// For how long at least, in milliseconds.
    pub pause: u64,
}

/// How a release is to take the place of the one before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The steps; without any it gets its requests at once.
    pub steps: Vec<Step>,
    /// For how long it is judged with nearly all requests, in milliseconds.
    pub bake: u64,
    /// Answers that it has to have given at each step before the next one; none where nothing is judged.
    pub answers: u64,
    /// For how long the release before stays ready to come back, in milliseconds; 0 where it ends.
    pub warm: u64,
    /// The time that it has to get well, in milliseconds.
    pub within: u64,
}

impl Plan {
    /// At once, as a person wants it who goes back. Nothing is judged.
    #[must_use]
    pub fn at_once(within: Duration, warm: Duration) -> Self {
        let milliseconds = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        Self {
            steps: Vec::new(),
            bake: 0,
            answers: 0,
            warm: milliseconds(warm),
            within: milliseconds(within),
        }
    }

    /// The share that a release gets while it bakes. Where it came by steps there is something to hold it against, and a share is kept for that.
    pub(crate) fn baking(&self) -> u8 {
        if self.steps.is_empty() || self.bake == 0 {
            100
        } else {
            BAKING.max(self.steps.last().map_or(0, |step| step.percent))
        }
    }

    pub(crate) const fn fetching() -> u64 {
        FETCHING
    }

    pub(crate) const fn starting(&self) -> u64 {
        self.within + STARTING
    }

    /// How long a step that is to take `pause` may take in all.
    pub(crate) fn patience(pause: u64) -> u64 {
        pause.saturating_mul(3).max(pause.saturating_add(PATIENCE))
    }

    pub(crate) const fn held() -> u64 {
        HELD
    }

    pub(crate) const fn returning() -> u64 {
        RETURNING
    }
}
