//! The things in memory, as whoever keeps their twins asks about them.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use serde_json::json;
use trunkline_model::{Event, IdGen, Timestamp, catalogue};
use trunkline_thingtype::{Kinds, Unfit};
use trunkline_twin::{Document, Limits};
use trunkline_twinstore::{Registered, Registry};

/// The kinds of all things by their names.
#[derive(Debug)]
pub(crate) struct Register {
    things: RwLock<HashMap<Arc<str>, Arc<str>>>,
    /// Grows with each change of a thing.
    changes: AtomicU64,
    kinds: Arc<Kinds>,
    unfit: Unfit,
    ids: Arc<dyn IdGen>,
}

impl Register {
    pub(crate) fn new(
        things: Vec<(String, String)>,
        kinds: Arc<Kinds>,
        ids: Arc<dyn IdGen>,
    ) -> Self {
        let register = Self {
            things: RwLock::default(),
            changes: AtomicU64::default(),
            kinds,
            unfit: Unfit::default(),
            ids,
        };
        for (name, kind) in things {
            register.put(&name, &kind);
        }
        register
    }

    /// There is such a thing from now on, and it is of this kind.
    pub(crate) fn put(&self, name: &str, kind: &str) {
        let mut things = self.things.write().unwrap_or_else(PoisonError::into_inner);
        things.insert(name.into(), kind.into());
        self.changes.fetch_add(1, Ordering::Release);
    }

    /// There is no such thing from now on.
    pub(crate) fn remove(&self, name: &str) {
        let mut things = self.things.write().unwrap_or_else(PoisonError::into_inner);
        things.remove(name);
        self.changes.fetch_add(1, Ordering::Release);
    }

    /// Grows with each change of a thing.
    pub(crate) fn changes(&self) -> u64 {
        self.changes.load(Ordering::Acquire)
    }

    /// The kind of a thing, if there is one of this name.
    pub(crate) fn kind(&self, name: &str) -> Option<Arc<str>> {
        let things = self.things.read().unwrap_or_else(PoisonError::into_inner);
        things.get(name).map(Arc::clone)
    }
}

impl Registry for Register {
    fn thing(&self, name: &str) -> Option<Registered> {
        let kind = self.kinds.get(&self.kind(name)?);
        let usual = Limits::default().document_bytes;
        Some(Registered {
            document_bytes: kind.map_or(usual, |kind| kind.shadow_bytes),
        })
    }

    /// Tells where what a thing reports does not fit its type, once a minute. It is accepted all the same.
    fn look_at(&self, thing: &str, twin: &Document, now: Timestamp) -> Option<Event> {
        let name = self.kind(thing)?;
        let problems = self.kinds.get(&name)?.misreported(&twin.reported.state);
        if problems.is_empty() {
            return None;
        }
        let repeated = self.unfit.note(thing, now)?;
        let data = json!({
            "thing": thing, "kind": &*name, "version": twin.version, "problems": problems, "repeated": repeated,
        });
        let kind = catalogue::FLEET_TWIN_UNFIT;
        Event::platform("fleet", kind, thing, now, &*self.ids, &data).ok()
    }
}
