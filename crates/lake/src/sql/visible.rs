//! What somebody may see: tables that are not there for everybody, and rows that belong to teams.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use datafusion::catalog::TableProvider as _;
use datafusion::common::tree_node::{Transformed, TreeNodeRecursion};
use datafusion::common::{Column, DataFusionError, TableReference};
use datafusion::datasource::source_as_provider;
use datafusion::logical_expr::logical_plan::TableScanBuilder;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, TableScan};
use datafusion::prelude::lit;

use super::provider::LakeTable;
use crate::LakeError;

/// The column that says to which team a row belongs.
pub const TEAM: &str = "team";

/// How much of a table somebody may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sight {
    /// All of it.
    Whole,
    /// Nothing, for this reason.
    Nothing(String),
    /// The rows of these teams.
    Teams {
        /// The teams' names.
        teams: Vec<String>,
        /// Whether rows that belong to no team are seen too.
        without_team: bool,
    },
}

impl Sight {
    /// Whether a row of `team` is seen; none is a row of no team.
    #[must_use]
    pub fn shows(&self, team: Option<&str>) -> bool {
        match (self, team) {
            (Self::Whole, _) => true,
            (Self::Nothing(_), _) => false,
            (Self::Teams { teams, .. }, Some(team)) => teams.iter().any(|name| name == team),
            (Self::Teams { without_team, .. }, None) => *without_team,
        }
    }
}

/// Says how much of each table somebody may see.
pub trait Visible: Send + Sync + fmt::Debug {
    /// How much of the table called `table` may be seen; `by_team` says whether its rows belong to teams at all.
    fn sight(&self, table: &str, by_team: bool) -> Sight;
}

/// Everybody sees everything: for the platform's own statements.
#[derive(Clone, Copy, Debug, Default)]
pub struct AllVisible;

impl Visible for AllVisible {
    fn sight(&self, _: &str, _: bool) -> Sight {
        Sight::Whole
    }
}

/// `plan` with no more rows than `visible` allows, wherever in it a table stands.
///
/// # Errors
/// [`LakeError::Hidden`] where a table may not be seen.
pub(super) fn restrict(
    plan: &Arc<LogicalPlan>,
    visible: &dyn Visible,
) -> Result<Arc<LogicalPlan>, LakeError> {
    let mut narrowed = HashMap::new();
    plan.apply_with_subqueries(|node| {
        if let LogicalPlan::TableScan(scan) = node
            && let Some(by_team) = by_team(scan)
        {
            let name = scan.table_name.table();
            match visible.sight(name, by_team) {
                Sight::Whole => {}
                sight => drop(narrowed.insert(name.to_owned(), sight)),
            }
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    if let Some(Sight::Nothing(reason)) = narrowed
        .values()
        .find(|sight| matches!(sight, Sight::Nothing(_)))
    {
        return Err(LakeError::Hidden(reason.clone()));
    }
    if narrowed.is_empty() {
        return Ok(Arc::clone(plan));
    }
    let plan = LogicalPlan::clone(plan).transform_up_with_subqueries(|node| match &node {
        LogicalPlan::TableScan(scan) if by_team(scan).is_some() => {
            match narrowed.get(scan.table_name.table()) {
                Some(sight) => Ok(Transformed::yes(narrow(scan, sight)?)),
                None => Ok(Transformed::no(node)),
            }
        }
        _ => Ok(Transformed::no(node)),
    })?;
    Ok(Arc::new(plan.data))
}

/// Whether the rows of a table of the lake belong to teams; nothing for the tables by which a protocol describes itself.
fn by_team(scan: &TableScan) -> Option<bool> {
    let provider = source_as_provider(&scan.source).ok()?;
    let table = provider.downcast_ref::<LakeTable>()?;
    Some(table.schema().field_with_name(TEAM).is_ok())
}

/// The rows of `scan` that are in `sight`. A limit and a choice of columns that the scan has already come after the filter.
fn narrow(scan: &TableScan, sight: &Sight) -> Result<LogicalPlan, DataFusionError> {
    let filter = match sight {
        Sight::Teams {
            teams,
            without_team,
        } => of_teams(&scan.table_name, teams, *without_team),
        // A table whose rows belong to nobody has none to show.
        Sight::Nothing(_) | Sight::Whole => lit(false),
    };
    let wanted = scan
        .projected_schema
        .columns()
        .into_iter()
        .map(Expr::Column);
    let whole = TableScanBuilder::new(scan.table_name.clone(), Arc::clone(&scan.source))
        .with_filters(scan.filters.clone())
        .build()?;
    LogicalPlanBuilder::from(LogicalPlan::TableScan(whole))
        .filter(filter)?
        .project(wanted)?
        .limit(0, scan.fetch)?
        .build()
}

fn of_teams(table: &TableReference, teams: &[String], without_team: bool) -> Expr {
    let team = Expr::Column(Column::new(Some(table.clone()), TEAM));
    let names = teams.iter().map(|name| lit(name.as_str())).collect();
    let listed = team.clone().in_list(names, false);
    if without_team {
        listed.or(team.is_null())
    } else {
        listed
    }
}
