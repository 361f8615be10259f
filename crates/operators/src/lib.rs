//! What the SQL engine does slowly, done quickly: operators, the rules that put them into plans, and functions.
//!
//! Everything here is `DataFusion`'s in meaning and gives the same answers without it. It knows no table of the lake and no event.

mod batched;
mod first_row;
mod nodes;
mod once_per_text;
mod ranges;
mod stretches;
mod utc;
mod wrapped;
mod yielding;

use std::sync::Arc;

use datafusion::error::Result;
use datafusion::execution::FunctionRegistry;
use datafusion::execution::context::SessionContext;
use datafusion::physical_optimizer::PhysicalOptimizerRule;

pub use utc::quick_date_trunc;

/// The rules, in the order in which they want to be applied, after the engine's own.
#[must_use]
pub fn rules() -> Vec<Arc<dyn PhysicalOptimizerRule + Send + Sync>> {
    vec![
        Arc::new(first_row::FirstRow),
        Arc::new(stretches::Stretches),
        Arc::new(yielding::YieldingJoins),
    ]
}

/// Puts the quicker functions in place of those of `context`; the functions over JSON must be there already.
///
/// # Errors
///
/// Where the engine refuses a function.
pub fn register(context: &mut SessionContext) -> Result<()> {
    SessionContext::register_udf(context, utc::quick_date_trunc());
    SessionContext::register_udaf(context, batched::quick_percentile());
    context.register_function_rewrite(Arc::new(once_per_text::OncePerTextRewrite))
}
