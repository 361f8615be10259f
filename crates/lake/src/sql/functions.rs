//! Functions that people of other systems look for.

use std::sync::Arc;

use datafusion::error::Result;
use datafusion::execution::FunctionRegistry;
use datafusion::execution::context::SessionContext;
use datafusion::functions::datetime::date_bin;
use datafusion::logical_expr::ScalarUDF;

use super::batched::quick_percentile;
use super::once_per_text::OncePerTextRewrite;
use super::utc::quick_date_trunc;

/// Adds `time_bucket` (as TimescaleDB calls `date_bin`), a quicker `date_trunc` and `approx_percentile_cont`, and the JSON functions and operators.
pub(super) fn register(context: &mut SessionContext) -> Result<()> {
    let time_bucket = ScalarUDF::clone(&date_bin()).with_aliases(["time_bucket"]);
    SessionContext::register_udf(context, time_bucket);
    SessionContext::register_udf(context, quick_date_trunc());
    SessionContext::register_udaf(context, quick_percentile());
    datafusion_functions_json::register_all(context)?;
    context.register_function_rewrite(Arc::new(OncePerTextRewrite))
}

/// What the lake adds to the functions of the SQL engine, for completion and documents.
pub(super) const ADDED: &[&str] = &["time_bucket"];

/// The names of all functions, sorted.
pub(super) fn names(context: &SessionContext) -> Vec<String> {
    let state = context.state();
    let mut names: Vec<String> = state
        .scalar_functions()
        .keys()
        .chain(state.aggregate_functions().keys())
        .chain(state.window_functions().keys())
        .cloned()
        .chain(ADDED.iter().map(|name| (*name).to_owned()))
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}
