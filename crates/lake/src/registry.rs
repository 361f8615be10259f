//! The tables that there are.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use crate::LakeError;
use crate::table::Table;

/// All tables by name. Its version grows with each change of a shape, so that what was derived from the shapes can be told stale.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    tables: RwLock<BTreeMap<String, Arc<Table>>>,
    version: AtomicU64,
}

impl Registry {
    /// Adds or replaces a table.
    pub(crate) fn insert(&self, table: Arc<Table>) {
        let mut tables = self.tables.write().unwrap_or_else(PoisonError::into_inner);
        tables.insert(table.name().to_owned(), table);
        self.touch();
    }

    /// Says that a shape has changed.
    pub(crate) fn touch(&self) {
        self.version.fetch_add(1, Ordering::Release);
    }

    /// Grows with each change.
    pub(crate) fn version(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }

    /// The table called `name`.
    pub(crate) fn get(&self, name: &str) -> Result<Arc<Table>, LakeError> {
        self.find(name)
            .ok_or_else(|| LakeError::UnknownTable(name.into()))
    }

    /// The table called `name`, if there is one.
    pub(crate) fn find(&self, name: &str) -> Option<Arc<Table>> {
        let tables = self.tables.read().unwrap_or_else(PoisonError::into_inner);
        tables.get(name).cloned()
    }

    /// All tables, by name.
    pub(crate) fn all(&self) -> Vec<Arc<Table>> {
        let tables = self.tables.read().unwrap_or_else(PoisonError::into_inner);
        tables.values().cloned().collect()
    }
}
