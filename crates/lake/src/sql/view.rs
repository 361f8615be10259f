//! Views as statements see them: a view's plan stands in the place of its name, so that whatever is asked of tables is asked of its own.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use datafusion::arrow::datatypes::{DataType, SchemaRef};
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::internal_err;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::datasource::source_as_provider;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::context::SessionContext;
use datafusion::execution::session_state::SessionState;
use datafusion::logical_expr::{Expr, LogicalPlan, TableType};
use datafusion::physical_plan::ExecutionPlan;

use super::plan::verify;
use super::provider::LakeTable;
use crate::{LakeError, View};

/// Plans the statements of views with the session that all statements share.
///
/// It holds the session weakly, as the session holds the tables, and these hold it.
#[derive(Clone)]
pub(crate) struct Planner(Arc<dyn Fn() -> Option<SessionState> + Send + Sync>);

impl fmt::Debug for Planner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Planner")
    }
}

impl Planner {
    pub(super) fn of(context: &SessionContext) -> Self {
        let session = context.state_weak_ref();
        Self(Arc::new(move || {
            let session = session.upgrade()?;
            let state = session.read().clone();
            Some(state)
        }))
    }

    async fn plan(&self, query: &str) -> Result<LogicalPlan> {
        match (self.0)() {
            Some(state) => state.create_logical_plan(query).await,
            None => internal_err!("the SQL engine has ended"),
        }
    }
}

/// A view in the place of a table.
#[derive(Debug)]
pub(super) struct LakeView {
    plan: LogicalPlan,
    schema: SchemaRef,
    query: String,
}

#[async_trait]
impl TableProvider for LakeView {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::View
    }

    fn get_table_definition(&self) -> Option<&str> {
        Some(&self.query)
    }

    fn get_logical_plan(&self) -> Option<Cow<'_, LogicalPlan>> {
        Some(Cow::Borrowed(&self.plan))
    }

    /// Never done: who may see what is decided over the plan of the whole statement, and a scan would come after that.
    async fn scan(
        &self,
        _: &dyn Session,
        _: Option<&Vec<usize>>,
        _: &[Expr],
        _: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        internal_err!("a view is read by its plan only")
    }
}

/// A view with its plan, which holds until a table changes its shape.
#[derive(Debug)]
pub(crate) struct PlannedView {
    declared: View,
    reads: Vec<String>,
    latest: Mutex<(u64, Arc<LakeView>)>,
}

impl PlannedView {
    /// Plans `view` over the tables as they are at `version` of the registry.
    pub(crate) async fn new(
        view: View,
        version: u64,
        planner: &Planner,
    ) -> Result<Self, LakeError> {
        let planned = planned(&view, planner).await?;
        verify(&planned.plan)?;
        check_columns(&view, &planned.schema)?;
        Ok(Self {
            reads: tables_of(&planned.plan)?,
            declared: view,
            latest: Mutex::new((version, Arc::new(planned))),
        })
    }

    /// As it was declared.
    pub(crate) const fn declared(&self) -> &View {
        &self.declared
    }

    /// The names of the tables that it reads, by itself or by other views.
    pub(crate) fn reads(&self) -> &[String] {
        &self.reads
    }

    /// What stands for it in a statement, with the tables as they are at `version` of the registry.
    pub(super) async fn as_of(&self, version: u64, planner: &Planner) -> Result<Arc<LakeView>> {
        if let Some(view) = self.kept(version) {
            return Ok(view);
        }
        let view = Arc::new(planned(&self.declared, planner).await?);
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        *latest = (version, Arc::clone(&view));
        Ok(view)
    }

    fn kept(&self, version: u64) -> Option<Arc<LakeView>> {
        let latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        (latest.0 == version).then(|| Arc::clone(&latest.1))
    }
}

async fn planned(view: &View, planner: &Planner) -> Result<LakeView> {
    let plan = planner.plan(&view.query).await?;
    Ok(LakeView {
        schema: Arc::clone(plan.schema().inner()),
        plan,
        query: view.query.clone(),
    })
}

/// The names of the tables of the lake that a plan reads, wherever in it they stand.
fn tables_of(plan: &LogicalPlan) -> Result<Vec<String>> {
    let mut names = BTreeSet::new();
    plan.apply_with_subqueries(|node| {
        if let LogicalPlan::TableScan(scan) = node
            && source_as_provider(&scan.source)?.is::<LakeTable>()
        {
            names.insert(scan.table_name.table().to_owned());
        }
        Ok::<_, DataFusionError>(TreeNodeRecursion::Continue)
    })?;
    Ok(names.into_iter().collect())
}

/// What is said of the columns is what comes: their names, their order and their types.
fn check_columns(view: &View, schema: &SchemaRef) -> Result<(), LakeError> {
    let declared = view.columns.iter();
    let declared: Vec<(&str, DataType)> = declared
        .map(|column| (column.name.as_str(), column.kind.arrow()))
        .collect();
    let given: Vec<(&str, DataType)> = schema
        .fields()
        .iter()
        .map(|field| (field.name().as_str(), field.data_type().clone()))
        .collect();
    if declared == given {
        return Ok(());
    }
    Err(LakeError::InvalidColumn(format!(
        "the view `{}` declares {declared:?} and gives {given:?}",
        view.name
    )))
}
