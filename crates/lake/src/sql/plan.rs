//! From text to a plan that only reads.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use datafusion::execution::context::SQLOptions;
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::ExecutionPlan;

use super::visible::{Visible, restrict};
use super::{Engine, Query, past};
use crate::LakeError;
use crate::registry::Registry;

/// Plans that are kept; the oldest go when there are more.
const KEPT: usize = 256;

/// Statements that were planned already, as long as no table has changed its shape since.
#[derive(Debug, Default)]
pub(super) struct PlanCache(Mutex<HashMap<String, (u64, Arc<LogicalPlan>)>>);

impl PlanCache {
    fn get(&self, query: &str, version: u64) -> Option<Arc<LogicalPlan>> {
        let plans = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (planned_at, plan) = plans.get(query)?;
        (*planned_at == version).then(|| Arc::clone(plan))
    }

    fn put(&self, query: &str, version: u64, plan: &Arc<LogicalPlan>) {
        let mut plans = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if plans.len() >= KEPT {
            plans.clear();
        }
        plans.insert(query.to_owned(), (version, Arc::clone(plan)));
    }
}

impl Engine {
    /// Plans `query`, which must be one statement that reads.
    pub(super) async fn plan(
        &self,
        registry: &Registry,
        query: &Query,
        visible: &dyn Visible,
    ) -> Result<Arc<dyn ExecutionPlan>, LakeError> {
        match query {
            Query::Text(text) => self.plan_text(registry, text, visible).await,
            Query::Plan(plan) => {
                verify(plan)?;
                let plan = restrict(&Arc::new(LogicalPlan::clone(plan)), visible)?;
                Ok(self.context().state().create_physical_plan(&plan).await?)
            }
        }
    }

    async fn plan_text(
        &self,
        registry: &Registry,
        query: &str,
        visible: &dyn Visible,
    ) -> Result<Arc<dyn ExecutionPlan>, LakeError> {
        let state = self.context().state();
        let version = registry.version();
        let logical = match self.plans.get(query, version) {
            Some(plan) => plan,
            None => {
                let plan = Arc::new(state.create_logical_plan(meant(query)).await?);
                verify(&plan)?;
                // How things were an hour ago is not what it will be in a minute.
                if !past::is_asked(query) {
                    self.plans.put(query, version, &plan);
                }
                plan
            }
        };
        // After the cache: two people may ask the same and see different rows.
        let logical = restrict(&logical, visible)?;
        Ok(state.create_physical_plan(&logical).await?)
    }
}

/// `show tables` as people mean it: the tables and views of the lake, without those by which a protocol describes them.
fn meant(query: &str) -> &str {
    const SHOW_TABLES: &str = "select table_name from information_schema.tables where table_schema = 'public' order by table_name";
    let words = query.trim().trim_end_matches(';').split_whitespace();
    if words.map(str::to_ascii_lowercase).eq(["show", "tables"]) {
        SHOW_TABLES
    } else {
        query
    }
}

/// Refuses a plan that would change anything, `EXPLAIN ANALYZE` of such a plan included.
pub(super) fn verify(plan: &LogicalPlan) -> Result<(), LakeError> {
    SQLOptions::new()
        .with_allow_ddl(false)
        .with_allow_dml(false)
        .with_allow_statements(false)
        .verify_plan(plan)
        .map_err(|error| LakeError::ReadOnly(error.strip_backtrace()))
}
