//! Finds aggregates whose rows may stand together.

use std::sync::Arc;

use datafusion::physical_plan::InputOrderMode;
use datafusion::physical_plan::aggregates::{AggregateExec, AggregateMode};

use super::operator::StretchExec;
use super::quick::is_light;
use crate::nodes::Rule;

/// Puts a [`StretchExec`] in the place of the first step of aggregates by columns.
pub(crate) const STRETCHES: Rule = Rule {
    name: "stretches",
    instead: |node| {
        let partial = node.downcast_ref::<AggregateExec>();
        let partial = partial.filter(|partial| is_plain(partial));
        Ok(partial.map(|partial| Arc::new(StretchExec::new(partial)) as _))
    },
};

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
