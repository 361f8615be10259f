//! All keys that are in use.

use std::sync::Arc;

use serde_json::json;
use trunkline_model::Timestamp;

use super::Key;
use super::schedule::signing;

/// The keys, those that begin to sign first first, and how the world sees them.
#[derive(Clone, Debug)]
pub(crate) struct KeyRing {
    keys: Vec<Arc<Key>>,
    jwks: Arc<str>,
    /// Counts the changes, so that who keeps a copy knows when it is stale.
    version: u64,
}

impl KeyRing {
    pub(crate) fn new(mut keys: Vec<Arc<Key>>, version: u64) -> Self {
        keys.sort_by_key(|key| key.starts);
        let shown: Vec<_> = keys.iter().map(|key| key.to_jwk()).collect();
        Self {
            keys,
            jwks: json!({ "keys": shown }).to_string().into(),
            version,
        }
    }

    /// The key that signs at `now`.
    pub(crate) fn signing(&self, now: Timestamp) -> Option<&Key> {
        let place = signing(&self.starts(), now)?;
        self.keys.get(place).map(|key| &**key)
    }

    /// The key with this id.
    pub(crate) fn find(&self, id: &str) -> Option<&Key> {
        self.keys.iter().find(|key| key.id == id).map(|key| &**key)
    }

    pub(crate) fn starts(&self) -> Vec<Timestamp> {
        self.keys.iter().map(|key| key.starts).collect()
    }

    pub(crate) fn keys(&self) -> &[Arc<Key>] {
        &self.keys
    }

    pub(crate) fn jwks(&self) -> Arc<str> {
        Arc::clone(&self.jwks)
    }

    pub(crate) const fn version(&self) -> u64 {
        self.version
    }

    /// Whether the other ring has the same keys.
    pub(crate) fn has_same(&self, other: &[Arc<Key>]) -> bool {
        self.keys.len() == other.len() && other.iter().all(|key| self.find(&key.id).is_some())
    }
}
