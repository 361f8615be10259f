//! Where a device stands.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A device between two steps. It can be kept and taken up again at any time: what follows is the same.
///
/// It keeps its values by their names. So it can be taken up by a newer version of its model: what that does not know goes, and what
/// is new begins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    pub(crate) thing: Arc<str>,
    pub(crate) seed: u64,
    /// Which names the model has, so that they need not be compared at each step.
    pub(crate) shape: u64,
    pub(crate) steps: u64,
    pub(crate) seconds: f64,
    /// The state of the model's state machine, where it has one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) state: Option<Arc<str>>,
    #[serde(skip_serializing_if = "is_zero", default)]
    pub(crate) in_state: f64,
    /// Truth values are 1 and 0.
    pub(crate) values: Vec<(Arc<str>, f64)>,
    /// What was reported last, in the order of the model's report.
    pub(crate) reported: Vec<Option<f64>>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks with a reference"
)]
fn is_zero(seconds: &f64) -> bool {
    *seconds == 0.0
}

impl State {
    /// The thing's name.
    #[must_use]
    pub fn thing(&self) -> &str {
        &self.thing
    }

    /// How many steps it has made.
    #[must_use]
    pub const fn steps(&self) -> u64 {
        self.steps
    }

    /// Seconds since the start.
    #[must_use]
    pub const fn seconds(&self) -> f64 {
        self.seconds
    }

    /// The state of the model's state machine, where it has one.
    #[must_use]
    pub fn state(&self) -> Option<&str> {
        self.state.as_deref()
    }

    /// A variable; 1 and 0 stand for true and false.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<f64> {
        let mut values = self.values.iter();
        values
            .find(|(known, _)| &**known == name)
            .map(|(_, value)| *value)
    }
}
