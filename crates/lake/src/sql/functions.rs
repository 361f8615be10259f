//! Functions that people of other systems look for.

use datafusion::error::Result;
use datafusion::execution::context::SessionContext;
use datafusion::functions::datetime::date_bin;
use datafusion::logical_expr::ScalarUDF;

use super::past;

/// Adds `time_bucket` (as TimescaleDB calls `date_bin`), the JSON functions and operators, and quicker forms of some functions.
pub(super) fn register(context: &mut SessionContext) -> Result<()> {
    let time_bucket = ScalarUDF::clone(&date_bin()).with_aliases(["time_bucket"]);
    SessionContext::register_udf(context, time_bucket);
    datafusion_functions_json::register_all(context)?;
    trunkline_operators::register(context)
}

/// What the lake adds to the functions of the SQL engine, for completion and documents.
pub(super) const ADDED: &[&str] = &["time_bucket", past::AT, past::DIFF];

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
