//! The tables that there are.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use crate::sql::PlannedView;
use crate::table::Table;
use crate::{LakeError, Present};

/// All tables by name. Its version grows with each change of a shape, so that what was derived from the shapes can be told stale.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    tables: RwLock<BTreeMap<String, Arc<Table>>>,
    present: RwLock<BTreeMap<String, Arc<dyn Present>>>,
    views: RwLock<BTreeMap<String, Arc<PlannedView>>>,
    version: AtomicU64,
}

impl Registry {
    /// Adds or replaces a table.
    pub(crate) fn insert(&self, table: Arc<Table>) {
        let mut tables = self.tables.write().unwrap_or_else(PoisonError::into_inner);
        tables.insert(table.name().to_owned(), table);
        self.touch();
    }

    /// Adds a table that another room holds.
    pub(crate) fn add_present(&self, table: Arc<dyn Present>) {
        let name = table.schema().name.clone();
        let mut present = self.present.write().unwrap_or_else(PoisonError::into_inner);
        present.insert(name, table);
        self.touch();
    }

    /// The table called `name` that another room holds, if there is one.
    pub(crate) fn find_present(&self, name: &str) -> Option<Arc<dyn Present>> {
        let present = self.present.read().unwrap_or_else(PoisonError::into_inner);
        present.get(name).cloned()
    }

    /// The tables that other rooms hold, by name.
    pub(crate) fn all_present(&self) -> Vec<Arc<dyn Present>> {
        let present = self.present.read().unwrap_or_else(PoisonError::into_inner);
        present.values().cloned().collect()
    }

    /// Adds a view.
    pub(crate) fn add_view(&self, view: Arc<PlannedView>) {
        let name = view.declared().name.clone();
        let mut views = self.views.write().unwrap_or_else(PoisonError::into_inner);
        views.insert(name, view);
        self.touch();
    }

    /// The view called `name`, if there is one.
    pub(crate) fn find_view(&self, name: &str) -> Option<Arc<PlannedView>> {
        let views = self.views.read().unwrap_or_else(PoisonError::into_inner);
        views.get(name).cloned()
    }

    /// All views, by name.
    pub(crate) fn all_views(&self) -> Vec<Arc<PlannedView>> {
        let views = self.views.read().unwrap_or_else(PoisonError::into_inner);
        views.values().cloned().collect()
    }

    /// Says that a shape has changed.
    pub(crate) fn touch(&self) {
        self.version.fetch_add(1, Ordering::Release);
    }

    /// Grows with each change.
    pub(crate) fn version(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }

    /// The table called `name`, which has files.
    pub(crate) fn get(&self, name: &str) -> Result<Arc<Table>, LakeError> {
        self.check_free(name)?;
        self.find(name)
            .ok_or_else(|| LakeError::UnknownTable(name.into()))
    }

    /// Whether nothing that keeps no rows itself has this name: no table of how things are now, and no view.
    pub(crate) fn check_free(&self, name: &str) -> Result<(), LakeError> {
        if self.find_present(name).is_some() {
            return Err(LakeError::Taken(format!(
                "`{name}` shows how things are now, and keeps nothing itself"
            )));
        }
        if self.find_view(name).is_some() {
            return Err(LakeError::Taken(format!(
                "`{name}` is a view: its rows are those of its tables"
            )));
        }
        Ok(())
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
