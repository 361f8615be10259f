//! What was made of a credential, kept for as long as the credential itself is.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use trunkline_gateway::Admitted;

/// Credentials that are remembered; beyond that it begins anew.
const MOST: usize = 8_192;

/// Whom each credential admits, by the place of the credential in memory.
type ByPlace<T> = HashMap<usize, (Arc<T>, Arc<Admitted>)>;

/// Who a credential admits, by the credential as another room keeps it.
#[derive(Debug)]
pub(super) struct Remembered<T>(RwLock<ByPlace<T>>);

impl<T> Default for Remembered<T> {
    fn default() -> Self {
        Self(RwLock::default())
    }
}

impl<T> Remembered<T> {
    /// What was made of `of`, or is made of it now. As long as it is kept here, its address belongs to nothing else.
    pub(super) fn get(&self, of: &Arc<T>, make: impl FnOnce(&T) -> Admitted) -> Arc<Admitted> {
        let place = Arc::as_ptr(of) as usize;
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, admitted)) = known.get(&place) {
            return Arc::clone(admitted);
        }
        drop(known);
        let admitted = Arc::new(make(of));
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(place, (Arc::clone(of), Arc::clone(&admitted)));
        admitted
    }
}
