//! Operators over other inputs than those that they were planned with, and rules that put one in the place of another.

use std::sync::Arc;

use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::config::ConfigOptions;
use datafusion::error::Result;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::{ChildrenPropertiesMode, ExecutionPlan, ReplaceChildrenOptions};

type Plan = Arc<dyn ExecutionPlan>;

/// A rule that looks at each operator of a plan once, from below.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) name: &'static str,
    /// What takes the operator's place, if anything does.
    pub(crate) instead: fn(&Plan) -> Result<Option<Plan>>,
}

impl PhysicalOptimizerRule for Rule {
    fn optimize(&self, plan: Plan, _: &ConfigOptions) -> Result<Plan> {
        plan.transform_up(|node| {
            let instead = (self.instead)(&node)?;
            Ok(instead.map_or_else(|| Transformed::no(node), Transformed::yes))
        })
        .data()
    }

    fn name(&self) -> &str {
        self.name
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// The same operator over another input.
pub(crate) fn with_child(plan: &Plan, child: Plan) -> Result<Plan> {
    with_children(plan, vec![child])
}

/// The same operator over other inputs.
pub(crate) fn with_children(plan: &Plan, children: Vec<Plan>) -> Result<Plan> {
    let recompute = ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute);
    Arc::clone(plan).replace_children(children, recompute)
}

/// The same operator over what `instead` puts in the place of its first input; nothing where that is nothing.
pub(crate) fn with_instead(
    plan: &Plan,
    instead: impl FnOnce(&Plan) -> Result<Option<Plan>>,
) -> Result<Option<Plan>> {
    let Some(child) = plan.children().first().copied() else {
        return Ok(None);
    };
    let child = instead(child)?;
    child.map(|child| with_child(plan, child)).transpose()
}
