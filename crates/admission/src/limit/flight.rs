//! Requests that are under way.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, MutexGuard};

use super::shard::{ById, Id, Padded};

type Part = HashMap<Id, u32, ById>;

/// How many requests of each holder are under way. As small as what is under way.
pub(super) struct InFlight {
    parts: Box<[Padded<Part>]>,
}

impl fmt::Debug for InFlight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InFlight")
    }
}

impl InFlight {
    pub(super) fn new() -> Self {
        Self {
            parts: Padded::parts(),
        }
    }

    /// The count of `id`, which nobody else can use until it is let go.
    pub(super) fn hold(self: &Arc<Self>, id: Id) -> Held<'_> {
        Held {
            all: self,
            part: self.parts[id.shard()].lock(),
            id,
        }
    }
}

/// A count that nobody else can use at this moment.
pub(super) struct Held<'a> {
    all: &'a Arc<InFlight>,
    part: MutexGuard<'a, Part>,
    id: Id,
}

impl Held<'_> {
    pub(super) fn count(&self) -> u32 {
        self.part.get(&self.id).copied().unwrap_or(0)
    }

    /// Counts one request until the permit is dropped.
    pub(super) fn begin(mut self) -> Permit {
        let count = self.part.entry(self.id).or_default();
        *count = count.saturating_add(1);
        Permit {
            all: Arc::clone(self.all),
            id: self.id,
        }
    }
}

/// A place among the requests that a plan lets be under way; given back when it is dropped. Keep it until the answer's body has ended.
#[must_use = "the place is given back at once when the permit is dropped"]
pub struct Permit {
    all: Arc<InFlight>,
    id: Id,
}

impl fmt::Debug for Permit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Permit")
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut part = self.all.parts[self.id.shard()].lock();
        if let Some(count) = part.get_mut(&self.id) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                part.remove(&self.id);
            }
        }
    }
}
