//! How it all comes into a session.

use std::sync::Arc;

use datafusion::error::Result;
use datafusion::execution::FunctionRegistry;
use datafusion::execution::context::SessionContext;
use datafusion::physical_optimizer::PhysicalOptimizerRule;

use crate::batched::quick_percentile;
use crate::first_row::FIRST_ROW;
use crate::once_per_text::OncePerTextRewrite;
use crate::stretches::STRETCHES;
use crate::utc::quick_date_trunc;
use crate::yielding::YIELDING_JOINS;

/// The rules, in the order in which they want to be applied, after the engine's own.
#[must_use]
pub fn rules() -> Vec<Arc<dyn PhysicalOptimizerRule + Send + Sync>> {
    vec![
        Arc::new(FIRST_ROW),
        Arc::new(STRETCHES),
        Arc::new(YIELDING_JOINS),
    ]
}

/// Puts the quicker functions in place of those of `context`; the functions over JSON must be there already.
///
/// # Errors
///
/// Where the engine refuses a function.
pub fn register(context: &mut SessionContext) -> Result<()> {
    SessionContext::register_udf(context, quick_date_trunc());
    SessionContext::register_udaf(context, quick_percentile());
    context.register_function_rewrite(Arc::new(OncePerTextRewrite))
}
