//! Counting what happens, for whoever watches.

use std::sync::Arc;

use tokio::sync::watch;

use crate::Totals;

/// Where all devices of a simulation count.
#[derive(Clone, Debug)]
pub(crate) struct Count(Arc<watch::Sender<Totals>>);

impl Count {
    pub(crate) fn new(totals: Totals) -> Self {
        Self(Arc::new(watch::Sender::new(totals)))
    }

    pub(crate) fn watch(&self) -> watch::Receiver<Totals> {
        self.0.subscribe()
    }

    pub(crate) fn totals(&self) -> Totals {
        self.0.borrow().clone()
    }

    pub(crate) fn note(&self, change: impl FnOnce(&mut Totals)) {
        self.0.send_modify(change);
    }

    /// Something went wrong with `thing`.
    pub(crate) fn problem(&self, thing: &str, what: &str) {
        tracing::debug!(thing, problem = what, "a simulated device has a problem");
        let text = format!("{thing}: {what}");
        self.note(|totals| {
            if totals.problem.as_deref() != Some(text.as_str()) {
                totals.problem = Some(text.into());
            }
        });
    }
}
