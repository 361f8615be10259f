//! A log in memory.

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use trunkline_model::Event;

use crate::{Journal, NotKept, Place};

/// A log that ends with the process: for rooms above that are tested without one on disk.
#[derive(Debug, Default)]
pub struct MemoryJournal {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    events: Vec<Event>,
    full: bool,
}

impl MemoryJournal {
    /// All events, in their order.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        self.with(|kept| kept.events.clone())
    }

    /// Refuses everything from now on, as a full disk does, or takes it again.
    pub fn set_full(&self, full: bool) {
        self.with(|kept| kept.full = full);
    }

    fn with<T>(&self, act: impl FnOnce(&mut Kept) -> T) -> T {
        act(&mut self.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl Journal for MemoryJournal {
    async fn append(&self, events: &[Event]) -> Result<Place, NotKept> {
        self.with(|kept| {
            if kept.full {
                return Err(NotKept("it is full".into()));
            }
            kept.events.extend_from_slice(events);
            Ok(kept.events.len() as Place)
        })
    }

    fn next(&self) -> Place {
        self.with(|kept| kept.events.len() as Place)
    }

    async fn replay(
        &self,
        from: Place,
        take: &mut (dyn FnMut(Event) + Send),
    ) -> Result<Place, NotKept> {
        let events = self.events();
        let from = usize::try_from(from).unwrap_or(usize::MAX);
        events
            .get(from..)
            .unwrap_or_default()
            .iter()
            .cloned()
            .for_each(take);
        Ok(events.len() as Place)
    }

    async fn release(&self, _: Place) {}
}
