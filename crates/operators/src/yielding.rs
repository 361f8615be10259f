//! Joins that let others run.

use std::sync::Arc;

use datafusion::physical_plan::coop::CooperativeExec;

use crate::nodes::Rule;

/// Operators that can make any number of batches from few, without asking anything below them in between.
const MULTIPLIERS: [&str; 5] = [
    "CrossJoinExec",
    "NestedLoopJoinExec",
    "HashJoinExec",
    "SortMergeJoinExec",
    "UnnestExec",
];

/// Makes operators that multiply rows give way after some batches.
///
/// DataFusion makes sources do so; a join of two small inputs that yields billions of rows would hold its thread for as long
/// as it takes, and could be neither cancelled nor timed out.
pub(crate) const YIELDING_JOINS: Rule = Rule {
    name: "yielding_joins",
    instead: |node| {
        let multiplies = MULTIPLIERS.contains(&node.name());
        Ok(multiplies.then(|| Arc::new(CooperativeExec::new(Arc::clone(node))) as _))
    },
};
