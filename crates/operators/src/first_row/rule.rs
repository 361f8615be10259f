//! Finds statements that want the first row of each group.

use std::sync::Arc;

use datafusion::common::ScalarValue;
use datafusion::error::Result;
use datafusion::logical_expr::Operator;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::{BinaryExpr, Column, Literal};
use datafusion::physical_expr::utils::split_conjunction;
use datafusion::physical_expr::window::{StandardWindowExpr, WindowExpr};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::filter::FilterExec;
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::repartition::RepartitionExec;
use datafusion::physical_plan::sorts::sort::SortExec;
use datafusion::physical_plan::windows::{BoundedWindowAggExec, WindowUDFExpr};

use super::aggregate;
use super::groups::Wanted;
use super::operator::FirstRowExec;
use crate::nodes::{Rule, with_instead};

/// Puts a [`FirstRowExec`] below the sort of a `row_number()` of which only the first is wanted, and below aggregates that need no more.
pub(crate) const FIRST_ROW: Rule = Rule {
    name: "first_row",
    instead: |node| match reduced(node)? {
        Some(reduced) => Ok(Some(reduced)),
        None => aggregate::reduced(node),
    },
};

fn reduced(node: &Arc<dyn ExecutionPlan>) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    let Some(filter) = node.downcast_ref::<FilterExec>() else {
        return Ok(None);
    };
    for place in split_conjunction(filter.predicate())
        .into_iter()
        .filter_map(wants_first)
    {
        if let Some(found) = with_instead(node, |below| above_window(below, place))? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// The column that `condition` wants to be 1, or at the most 1.
fn wants_first(condition: &Arc<dyn PhysicalExpr>) -> Option<usize> {
    let binary = condition.downcast_ref::<BinaryExpr>()?;
    let column = |side: &Arc<dyn PhysicalExpr>| side.downcast_ref::<Column>().map(Column::index);
    let number = |side: &Arc<dyn PhysicalExpr>| integer(side.downcast_ref::<Literal>()?.value());
    let (column, operator, number) = match (column(binary.left()), number(binary.right())) {
        (Some(column), Some(number)) => (column, *binary.op(), number),
        _ => (
            column(binary.right())?,
            binary.op().swap()?,
            number(binary.left())?,
        ),
    };
    let first = matches!(
        (operator, number),
        (Operator::Eq | Operator::LtEq, 1) | (Operator::Lt, 2)
    );
    first.then_some(column)
}

fn integer(value: &ScalarValue) -> Option<i64> {
    match value {
        ScalarValue::Int64(number) => *number,
        ScalarValue::UInt64(number) => number.and_then(|number| i64::try_from(number).ok()),
        ScalarValue::Int32(number) => number.map(i64::from),
        _ => None,
    }
}

/// The same plan with its window's rows reduced, where its column `place` is that window's `row_number()`.
fn above_window(
    plan: &Arc<dyn ExecutionPlan>,
    place: usize,
) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    if let Some(projection) = plan.downcast_ref::<ProjectionExec>() {
        let source = projection.expr().get(place);
        let Some(source) = source.and_then(|source| source.expr.downcast_ref::<Column>()) else {
            return Ok(None);
        };
        return with_instead(plan, |below| above_window(below, source.index()));
    }
    if plan.downcast_ref::<RepartitionExec>().is_some() {
        return with_instead(plan, |below| above_window(below, place));
    }
    let Some(window) = plan.downcast_ref::<BoundedWindowAggExec>() else {
        return Ok(None);
    };
    // Any other function of the window may want the rows that would go.
    let [expression] = window.window_expr() else {
        return Ok(None);
    };
    let is_place = place == window.input().schema().fields().len();
    if !is_place || expression.partition_by().is_empty() || !is_row_number(&**expression) {
        return Ok(None);
    }
    with_instead(plan, |below| below_sort(below, &**expression, false))
}

fn is_row_number(expression: &dyn WindowExpr) -> bool {
    let standard = expression.as_any().downcast_ref::<StandardWindowExpr>();
    let function = standard.and_then(|standard| {
        let function = standard.get_standard_func_expr().as_any();
        function.downcast_ref::<WindowUDFExpr>()
    });
    function.is_some_and(|function| function.fun().name() == "row_number")
}

/// Goes down through the sort and what deals its rows out, which all keep the columns as they are.
fn below_sort(
    plan: &Arc<dyn ExecutionPlan>,
    window: &dyn WindowExpr,
    sorted: bool,
) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    let sort = plan.downcast_ref::<SortExec>();
    if sort.is_some_and(|sort| sort.fetch().is_some()) {
        return Ok(None);
    }
    let passes = sort.is_some() || plan.downcast_ref::<RepartitionExec>().is_some();
    if passes {
        let sorted = sorted || sort.is_some();
        return with_instead(plan, |below| below_sort(below, window, sorted));
    }
    // Rows that come in their order by themselves are not sorted, and what lets them out of order would break it.
    if !sorted {
        return Ok(None);
    }
    let wanted = Wanted {
        keys: window.partition_by().to_vec(),
        order: window.order_by().to_vec(),
    };
    Ok(Some(Arc::new(FirstRowExec::over(plan, wanted)?)))
}
