//! What is counted.

use serde::{Deserialize, Serialize};

/// Answers of one side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// All of them.
    pub answers: u64,
    /// The bad ones; never more than all.
    pub bad: u64,
}

impl Counts {
    /// `bad` of `answers`.
    #[must_use]
    pub const fn new(answers: u64, bad: u64) -> Self {
        Self {
            answers,
            bad: if bad < answers { bad } else { answers },
        }
    }

    /// Both together.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            answers: self.answers.saturating_add(other.answers),
            bad: self.bad.saturating_add(other.bad),
        }
    }

    /// The share of the bad ones, 0 where there is nothing.
    #[must_use]
    pub fn share(self) -> f64 {
        if self.answers == 0 {
            0.0
        } else {
            self.bad as f64 / self.answers as f64
        }
    }
}

/// Both sides in one stretch of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// The release that is judged.
    pub canary: Counts,
    /// The release before it.
    pub baseline: Counts,
}

/// What is known of a service from before the deployment.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct History {
    /// How the release before did.
    pub counts: Counts,
    /// How clumped its bad answers come, at least 1.
    pub dispersion: f64,
}

impl Default for History {
    fn default() -> Self {
        Self {
            counts: Counts::default(),
            dispersion: 1.0,
        }
    }
}
