//! What a caller may see in SQL and in the tail, by the platform's policies.

use std::sync::Arc;

use trunkline_lake::{Sight, Visible};
use trunkline_model::action;
use trunkline_web::{Caller, Decision};

/// Stands for every team that nobody made: a row may name any. No team can have this name.
const ANY_OTHER: &str = "?";

/// The tables and rows that one caller may see.
#[derive(Debug)]
pub(crate) struct OwnSight(Caller);

impl OwnSight {
    /// What `caller` may see.
    pub(crate) fn of(caller: &Caller) -> Arc<dyn Visible> {
        Arc::new(Self(caller.clone()))
    }

    fn may_see_rows(&self, table: &str, team: Option<&str>) -> bool {
        self.0.may_do(&action::ROW_READ, table, team)
    }
}

impl Visible for OwnSight {
    fn sight(&self, table: &str, by_team: bool) -> Sight {
        if let Decision::Deny(reason) = self.0.decide(&action::TABLE_READ, table) {
            return Sight::Nothing(reason);
        }
        if !by_team {
            return Sight::Whole;
        }
        let all = self.0.authorize().teams();
        let count = all.len();
        let teams: Vec<String> = all
            .into_iter()
            .filter(|team| self.may_see_rows(table, Some(team)))
            .collect();
        let without_team = self.may_see_rows(table, None);
        if without_team && teams.len() == count && self.may_see_rows(table, Some(ANY_OTHER)) {
            return Sight::Whole;
        }
        Sight::Teams {
            teams,
            without_team,
        }
    }
}
