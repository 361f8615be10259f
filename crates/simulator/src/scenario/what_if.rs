//! A copy of a fleet, and what is otherwise in it.

use std::time::Duration;

use serde_json::{Map, Value};
use trunkline_behaviour::Model;

use super::change::Change;

/// A thing as it is now.
#[derive(Clone, Debug, PartialEq)]
pub struct Twin {
    /// Its name, on which its chances depend.
    pub name: String,
    /// Its kind, for which there is a model or not.
    pub kind: String,
    /// What is wanted of it.
    pub desired: Map<String, Value>,
    /// What it says of itself: a model takes over what it can.
    pub reported: Map<String, Value>,
}

/// How far ahead a scenario goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// So many steps of each thing, whatever time they take.
    Steps(u64),
    /// So much time.
    Time(Duration),
}

/// What would be if something were otherwise.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// How things behave: one model for each kind. Things of other kinds are left out.
    pub models: Vec<Model>,
    /// The fleet; at most 200,000 things.
    pub things: Vec<Twin>,
    /// What is otherwise, one after another.
    pub changes: Vec<Change>,
    /// How far ahead it goes. All things together make at most 50 million steps.
    pub length: Length,
    /// How much time a row of the statistics is about; nothing for about sixty rows of each field. At most 1,000 of them follow one another.
    pub bucket: Option<Duration>,
    /// What everything that is drawn depends on.
    pub seed: u64,
}

impl Scenario {
    /// Things at most.
    pub const THINGS: usize = 200_000;
    /// Steps of all things together at most.
    pub const STEPS: u64 = 50_000_000;
    /// Buckets at most.
    pub const BUCKETS: u64 = 1_000;

    /// The same without the changes, to compare with.
    #[must_use]
    pub fn unchanged(&self) -> Self {
        Self {
            changes: Vec::new(),
            ..self.clone()
        }
    }
}
