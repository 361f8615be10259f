//! The tables as the planner looks them up.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use datafusion::catalog::{CatalogProvider, SchemaProvider, TableProvider};
use datafusion::error::DataFusionError;
use datafusion::execution::cache::cache_manager::FileMetadataCache;

use super::provider::LakeTable;
use super::view::{LakeView, Planner};
use crate::Storage;
use crate::registry::Registry;

/// The name of the only database.
pub(super) const CATALOG: &str = "trunkline";
/// The name of the only schema.
pub(super) const SCHEMA: &str = "public";

/// What a scan needs besides the table.
#[derive(Clone, Debug)]
pub(super) struct Reach {
    pub(super) storage: Storage,
    pub(super) footers: Arc<FileMetadataCache>,
}

#[derive(Debug)]
pub(super) struct LakeCatalog {
    tables: Arc<LakeSchema>,
    /// Schemas of a protocol adapter, such as `pg_catalog`.
    others: RwLock<BTreeMap<String, Arc<dyn SchemaProvider>>>,
}

impl LakeCatalog {
    pub(super) fn new(registry: Arc<Registry>, reach: Reach, planner: Planner) -> Self {
        Self {
            tables: Arc::new(LakeSchema {
                registry,
                reach,
                planner,
            }),
            others: RwLock::default(),
        }
    }
}

impl CatalogProvider for LakeCatalog {
    fn schema_names(&self) -> Vec<String> {
        let others = self.others.read().unwrap_or_else(PoisonError::into_inner);
        std::iter::once(SCHEMA.to_owned())
            .chain(others.keys().cloned())
            .collect()
    }

    fn schema(&self, name: &str) -> Option<Arc<dyn SchemaProvider>> {
        if name == SCHEMA {
            return Some(Arc::clone(&self.tables) as _);
        }
        let others = self.others.read().unwrap_or_else(PoisonError::into_inner);
        others.get(name).cloned()
    }

    fn register_schema(
        &self,
        name: &str,
        schema: Arc<dyn SchemaProvider>,
    ) -> Result<Option<Arc<dyn SchemaProvider>>, DataFusionError> {
        let mut others = self.others.write().unwrap_or_else(PoisonError::into_inner);
        Ok(others.insert(name.to_owned(), schema))
    }
}

#[derive(Debug)]
struct LakeSchema {
    registry: Arc<Registry>,
    reach: Reach,
    planner: Planner,
}

impl LakeSchema {
    /// The view called `name`, unless a table has the name.
    async fn view(&self, name: &str) -> Result<Option<Arc<LakeView>>, DataFusionError> {
        let Some(view) = self.registry.find_view(name) else {
            return Ok(None);
        };
        let version = self.registry.version();
        Ok(Some(view.as_of(version, &self.planner).await?))
    }
}

#[async_trait]
impl SchemaProvider for LakeSchema {
    fn table_names(&self) -> Vec<String> {
        let tables = self.registry.all();
        let present = self.registry.all_present();
        let present = present.iter().map(|table| table.schema().name.clone());
        let views = self.registry.all_views();
        let views = views.iter().map(|view| view.declared().name.clone());
        let own = tables.iter().map(|table| table.name().to_owned());
        let names: BTreeSet<String> = own.chain(present).chain(views).collect();
        names.into_iter().collect()
    }

    async fn table(&self, name: &str) -> Result<Option<Arc<dyn TableProvider>>, DataFusionError> {
        match find(&self.registry, &self.reach, name) {
            Some(table) => Ok(Some(Arc::new(table))),
            None => Ok(self.view(name).await?.map(|view| view as _)),
        }
    }

    fn table_exist(&self, name: &str) -> bool {
        let registry = &self.registry;
        registry.find(name).is_some()
            || registry.find_present(name).is_some()
            || registry.find_view(name).is_some()
    }
}

/// The table called `name` as statements see it, if there is one.
pub(super) fn find(registry: &Registry, reach: &Reach, name: &str) -> Option<LakeTable> {
    if let Some(table) = registry.find_present(name) {
        return Some(LakeTable::present(table, reach.clone()));
    }
    let table = registry.find(name)?;
    Some(LakeTable::live(table, reach.clone()))
}
