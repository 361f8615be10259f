//! How things were: twins as of a moment, and what changed between two.
//!
//! The table `twins` has every version of every twin, so the past is a question to it: of each twin the last version until then.

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, TimeUnit};
use datafusion::catalog::view::ViewTable;
use datafusion::catalog::{TableFunctionArgs, TableFunctionImpl, TableProvider};
use datafusion::common::{JoinType, plan_err};
use datafusion::datasource::provider_as_source;
use datafusion::error::Result;
use datafusion::execution::context::SessionContext;
use datafusion::functions::core::expr_fn::coalesce;
use datafusion::logical_expr::{
    Expr, LogicalPlan, LogicalPlanBuilder, Operator, binary_expr, cast,
};
use datafusion::prelude::{col, ident};

use super::catalog::{Reach, find};
use crate::registry::Registry;
use crate::schema::{OFFSET, TIME};
use crate::tables::twins;

/// The twins as of a moment.
pub(super) const AT: &str = "twins_at";
/// What changed between two moments.
pub(super) const DIFF: &str = "twins_diff";

/// The columns of the table that are asked for.
const THING: &str = "thing";
const SHADOW: &str = "shadow";
const VERSION: &str = "version";
const DELETED: &str = "deleted";
const DESIRED: &str = "desired";
const REPORTED: &str = "reported";
const METADATA: &str = "metadata";

/// Where the past is looked up.
#[derive(Clone, Debug)]
struct Past {
    registry: Arc<Registry>,
    reach: Reach,
}

#[derive(Debug)]
struct At(Past);

#[derive(Debug)]
struct Diff(Past);

/// Adds the functions.
pub(super) fn register(context: &SessionContext, registry: &Arc<Registry>, reach: &Reach) {
    let past = Past {
        registry: Arc::clone(registry),
        reach: reach.clone(),
    };
    context.register_udtf(AT, Arc::new(At(past.clone())));
    context.register_udtf(DIFF, Arc::new(Diff(past)));
}

/// Whether a statement asks for the past. What such a function means is settled when the statement is planned.
#[must_use]
pub fn is_asked(query: &str) -> bool {
    let query = query.to_ascii_lowercase();
    query.contains(AT) || query.contains(DIFF)
}

impl TableFunctionImpl for At {
    fn call_with_args(&self, args: TableFunctionArgs<'_, '_>) -> Result<Arc<dyn TableProvider>> {
        let [moment] = args.exprs() else {
            return plan_err!("`{AT}` takes one time, such as {AT}('2026-11-26T08:00:00Z')");
        };
        Ok(view(self.0.at(moment)?))
    }
}

impl TableFunctionImpl for Diff {
    fn call_with_args(&self, args: TableFunctionArgs<'_, '_>) -> Result<Arc<dyn TableProvider>> {
        let [from, to] = args.exprs() else {
            return plan_err!(
                "`{DIFF}` takes two times, such as {DIFF}(now() - interval '1 hour', now())"
            );
        };
        Ok(view(self.0.diff(from, to)?))
    }
}

impl Past {
    /// The last version of each twin until `moment`, without those that were deleted by then. The log says which is the last: a clock may
    /// go back.
    fn at(&self, moment: &Expr) -> Result<LogicalPlan> {
        let Some(table) = find(&self.registry, &self.reach, twins::NAME) else {
            return plan_err!("there is no table of twins yet");
        };
        let until = ident(TIME).lt_eq(timestamp(moment));
        let key = || vec![ident(THING), ident(SHADOW)];
        let newest = |name: &str| ident(name).sort(false, false);
        let order = key().into_iter().map(|column| column.sort(true, true));
        let order = order.chain([newest(OFFSET)]).collect();
        let source = provider_as_source(Arc::new(table));
        LogicalPlanBuilder::scan(twins::NAME, source, None)?
            .filter(until)?
            .distinct_on(key(), columns(), Some(order))?
            .filter(ident(DELETED).is_not_true())?
            .build()
    }

    /// The twins that were not the same at two moments.
    fn diff(&self, from: &Expr, to: &Expr) -> Result<LogicalPlan> {
        let side = |moment: &Expr, alias: &str| {
            LogicalPlanBuilder::from(self.at(moment)?)
                .alias(alias)?
                .build()
        };
        let (before, after) = (side(from, "before")?, side(to, "after")?);
        let on = [THING, SHADOW];
        let of = |alias: &str, name: &str| col(format!("{alias}.{name}"));
        let either = |name: &str| coalesce(vec![of("before", name), of("after", name)]).alias(name);
        let both = |name: &str| {
            [
                of("before", name).alias(format!("{name}_before")),
                of("after", name).alias(format!("{name}_after")),
            ]
        };
        let mut shown: Vec<Expr> = on.iter().map(|name| either(name)).collect();
        for name in [VERSION, TIME, DESIRED, REPORTED] {
            shown.extend(both(name));
        }
        let changed = |name: &str| {
            binary_expr(
                of("before", name),
                Operator::IsDistinctFrom,
                of("after", name),
            )
        };
        LogicalPlanBuilder::from(before)
            .join(after, JoinType::Full, (on.to_vec(), on.to_vec()), None)?
            .filter(changed(DESIRED).or(changed(REPORTED)))?
            .project(shown)?
            .build()
    }
}

/// What is shown of a twin.
fn columns() -> Vec<Expr> {
    let names = [
        THING, SHADOW, VERSION, DELETED, DESIRED, REPORTED, METADATA, TIME,
    ];
    names.into_iter().map(ident).collect()
}

fn timestamp(moment: &Expr) -> Expr {
    cast(
        moment.clone(),
        DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
    )
}

fn view(plan: LogicalPlan) -> Arc<dyn TableProvider> {
    Arc::new(ViewTable::new(plan, None))
}
