//! What all queues have in common.

use serde::{Deserialize, Serialize};

use crate::view::{Reason, View};
use crate::{BatchBisect, ChangeId, Event, GreenKey, Order, Serial, Speculation};

/// The rules of a queue. Equal events yield equal orders.
pub trait Strategy: std::fmt::Debug {
    /// Takes one event in and says what is to be done.
    fn step(&mut self, event: Event) -> Vec<Order>;

    /// What a person sees of the queue.
    fn view(&self) -> View;

    /// Why a change has not landed yet; nothing where it is not in the queue.
    fn why(&self, change: ChangeId) -> Vec<Reason> {
        let lanes = self.view().lanes.into_iter();
        lanes
            .flat_map(|lane| lane.changes)
            .find(|one| one.change == change)
            .map_or_else(Vec::new, |one| one.reasons)
    }
}

/// Which rules a queue has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// One change at a time.
    Serial,
    /// Batches that are halved when red, as bors does.
    BatchBisect,
    /// Each change tested on those ahead of it, as Zuul does.
    Speculation,
    /// The same, and a green key is never run again.
    SpeculationWithKeys,
    /// Green-key landing, which is the default.
    GreenKey,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Serial,
        Self::BatchBisect,
        Self::Speculation,
        Self::SpeculationWithKeys,
        Self::GreenKey,
    ];

    /// A queue with these rules.
    #[must_use]
    pub fn queue(self, settings: Settings) -> Box<dyn Strategy + Send> {
        match self {
            Self::Serial => Box::new(Serial::new(settings)),
            Self::BatchBisect => Box::new(BatchBisect::new(settings)),
            Self::Speculation => Box::new(Speculation::new(settings)),
            Self::SpeculationWithKeys => Box::new(Speculation::with_keys(settings)),
            Self::GreenKey => Box::new(GreenKey::new(settings)),
        }
    }
}

/// The limits of a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How many changes it may have.
    pub changes: usize,
    /// How many keys it remembers; the oldest are forgotten and run again if they are needed.
    pub keys: usize,
    /// How many changes are batched at most.
    pub batch: usize,
    /// How many changes submitted later may overtake one that touches many projects, with green-key landing.
    pub overtaking: u64,
    /// Whether a red task is run once more on the same key before its change is refused.
    pub confirm: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            changes: 10_000,
            keys: 200_000,
            batch: 8,
            overtaking: 16,
            confirm: true,
        }
    }
}
