//! Aggregates that need no more than the first row of each group: `first_value`, `last_value`, and `distinct`.

use std::sync::Arc;

use datafusion::arrow::compute::SortOptions;
use datafusion::error::Result;
use datafusion::physical_expr::PhysicalSortExpr;
use datafusion::physical_expr::aggregate::AggregateFunctionExpr;
use datafusion::physical_plan::aggregates::{AggregateExec, AggregateMode};
use datafusion::physical_plan::sorts::sort::SortExec;
use datafusion::physical_plan::{ExecutionPlan, InputOrderMode};

use super::groups::Wanted;
use super::operator::FirstRowExec;
use crate::nodes::with_child;

/// The same aggregate over the first rows of its groups, where these are all that it needs.
pub(super) fn reduced(node: &Arc<dyn ExecutionPlan>) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    let Some(aggregate) = node.downcast_ref::<AggregateExec>() else {
        return Ok(None);
    };
    let takes_rows = matches!(
        aggregate.mode(),
        AggregateMode::Partial | AggregateMode::Single | AggregateMode::SinglePartitioned
    );
    let keys = aggregate.group_expr().input_exprs();
    let plain = aggregate.group_expr().is_single()
        && aggregate.filter_expr().iter().all(Option::is_none)
        // With a limit it may stop early by itself, before all rows are read.
        && aggregate.limit_options().is_none()
        && *aggregate.input_order_mode() == InputOrderMode::Linear
        && aggregate.input().downcast_ref::<SortExec>().is_none();
    if !takes_rows || !plain || keys.is_empty() {
        return Ok(None);
    }
    let Some(order) = shared_order(aggregate.aggr_expr()) else {
        return Ok(None);
    };
    let first = FirstRowExec::over(aggregate.input(), Wanted { keys, order })?;
    with_child(node, Arc::new(first)).map(Some)
}

/// The order in which all of `functions` take the first row; none at all for none of them.
fn shared_order(functions: &[Arc<AggregateFunctionExpr>]) -> Option<Vec<PhysicalSortExpr>> {
    let mut orders = functions.iter().map(|function| first_in(function));
    let Some(shared) = orders.next() else {
        return Some(Vec::new());
    };
    let shared = shared?;
    orders
        .all(|order| order.as_ref() == Some(&shared))
        .then_some(shared)
}

fn first_in(function: &AggregateFunctionExpr) -> Option<Vec<PhysicalSortExpr>> {
    if function.ignore_nulls() || function.is_distinct() || function.order_bys().is_empty() {
        return None;
    }
    let order = function.order_bys().iter().cloned();
    match function.fun().name() {
        "first_value" => Some(order.collect()),
        "last_value" => Some(order.map(reversed).collect()),
        _ => None,
    }
}

fn reversed(sort: PhysicalSortExpr) -> PhysicalSortExpr {
    let SortOptions {
        descending,
        nulls_first,
    } = sort.options;
    PhysicalSortExpr {
        options: SortOptions {
            descending: !descending,
            nulls_first: !nulls_first,
        },
        ..sort
    }
}
