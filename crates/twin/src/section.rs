//! One of the two halves of a twin.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::Times;
use crate::merge::merge;
use crate::request::SectionChange;

/// Values, and when each was written.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Section {
    /// The values.
    pub state: Map<String, Value>,
    /// When each was written.
    pub metadata: Times,
}

impl Section {
    pub(crate) fn apply(&mut self, change: &SectionChange, now: i64) {
        match change {
            SectionChange::Remove => *self = Self::default(),
            SectionChange::Merge(change) => {
                merge(&mut self.state, &mut self.metadata.0, change, now);
            }
        }
    }

    /// Whether there is nothing in it; then the document does not have it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.state.is_empty()
    }
}
