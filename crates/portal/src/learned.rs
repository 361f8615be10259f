//! What traffic shows of services.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use trunkline_contract::{LearnLimits, Learner, Seen};

/// Services that are learnt of; a request of another is passed over.
const MAX_SERVICES: usize = 200;

/// One service's learner, and whether it learnt something since it was last written.
#[derive(Debug, Default)]
struct Entry {
    learner: Learner,
    changed: bool,
}

/// The learners of all services.
#[derive(Debug, Default)]
pub(crate) struct Learned(RwLock<HashMap<String, Arc<Mutex<Entry>>>>);

impl Learned {
    /// What was learnt before. A state that cannot be read is begun anew.
    pub(crate) fn restore(states: Vec<(String, String)>) -> Self {
        let entries = states.into_iter().map(|(service, state)| {
            let learner = serde_json::from_str(&state).unwrap_or_else(|error| {
                tracing::warn!(%error, service, "what was learnt of a service cannot be read and begins anew");
                Learner::new(LearnLimits::default())
            });
            let entry = Entry {
                learner,
                changed: false,
            };
            (service, Arc::new(Mutex::new(entry)))
        });
        Self(RwLock::new(entries.collect()))
    }

    /// Looks at one request to `service`.
    pub(crate) fn observe(&self, service: &str, seen: &Seen<'_>) {
        if let Some(entry) = self.entry(service) {
            let mut entry = entry.lock().unwrap_or_else(PoisonError::into_inner);
            entry.learner.observe(seen);
            entry.changed = true;
        }
    }

    fn entry(&self, service: &str) -> Option<Arc<Mutex<Entry>>> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = known.get(service) {
            return Some(Arc::clone(entry));
        }
        if known.len() >= MAX_SERVICES {
            return None;
        }
        drop(known);
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let fresh = || {
            Arc::new(Mutex::new(Entry {
                learner: Learner::new(LearnLimits::default()),
                changed: false,
            }))
        };
        Some(Arc::clone(
            known.entry(service.to_owned()).or_insert_with(fresh),
        ))
    }

    /// What `ask` reads from the learner of `service`, if it was seen.
    pub(crate) fn read<T>(&self, service: &str, ask: impl FnOnce(&Learner) -> T) -> Option<T> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let entry = Arc::clone(known.get(service)?);
        drop(known);
        let entry = entry.lock().unwrap_or_else(PoisonError::into_inner);
        Some(ask(&entry.learner))
    }

    /// The states that changed since they were last taken.
    pub(crate) fn take_changed(&self) -> BTreeMap<String, String> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let mut states = BTreeMap::new();
        for (service, entry) in &*known {
            let mut entry = entry.lock().unwrap_or_else(PoisonError::into_inner);
            if std::mem::take(&mut entry.changed)
                && let Ok(state) = serde_json::to_string(&entry.learner)
            {
                states.insert(service.clone(), state);
            }
        }
        states
    }

    /// The services that were seen.
    pub(crate) fn services(&self) -> Vec<String> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.keys().cloned().collect()
    }
}
