//! Finds aggregates whose rows may stand together.

use std::sync::Arc;

use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::config::ConfigOptions;
use datafusion::error::Result;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::aggregates::{AggregateExec, AggregateMode};
use datafusion::physical_plan::{ExecutionPlan, InputOrderMode};

use super::operator::StretchExec;
use super::quick::is_light;

/// Puts a [`StretchExec`] in the place of the first step of aggregates by columns.
#[derive(Debug)]
pub(crate) struct Stretches;

impl PhysicalOptimizerRule for Stretches {
    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        _: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_down(|node| {
            let Some(partial) = node.downcast_ref::<AggregateExec>() else {
                return Ok(Transformed::no(node));
            };
            if !is_plain(partial) {
                return Ok(Transformed::no(node));
            }
            let stretches = StretchExec::new(partial);
            Ok(Transformed::yes(Arc::new(stretches)))
        })
        .data()
    }

    fn name(&self) -> &'static str {
        "stretches"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// Whether it is a first step that may as well give several partial results for a group.
fn is_plain(aggregate: &AggregateExec) -> bool {
    let functions = aggregate.aggr_expr();
    let schema = aggregate.input_schema();
    let keys = aggregate.group_expr().input_exprs();
    *aggregate.mode() == AggregateMode::Partial
        && *aggregate.input_order_mode() == InputOrderMode::Linear
        && aggregate.limit_options().is_none()
        && aggregate.filter_expr().iter().all(Option::is_none)
        && aggregate.group_expr().is_single()
        && !keys.is_empty()
        && keys.iter().all(|key| {
            let kind = key.data_type(&schema);
            kind.is_ok_and(|kind| !kind.is_nested())
        })
        && !functions.is_empty()
        && functions.iter().all(|function| {
            is_light(function)
                && function.groups_accumulator_supported()
                && !function.is_distinct()
                && function.order_bys().is_empty()
        })
}
