//! When a job is called off because it goes wrong.

use serde::{Deserialize, Serialize};

use crate::{Counts, Job, JobStatus, Limits, Percentage, Rejected};

/// The ends that count as something going wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AbortOn {
    /// Devices fail.
    Failed,
    /// Devices decline.
    Rejected,
    /// Devices take too long.
    TimedOut,
    /// Any of them.
    All,
}

/// What is done then.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AbortAction {
    /// The job is called off.
    #[default]
    Cancel,
}

/// When too much goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AbortCriterion {
    /// What counts.
    pub failure_type: AbortOn,
    /// What is done.
    pub action: AbortAction,
    /// From which share of the executions that have come to an end on.
    pub threshold_percentage: Percentage,
    /// How many executions must have come to an end before anything is judged.
    pub min_number_of_executed_things: u64,
}

/// When a job is called off because it goes wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AbortConfig {
    /// Each by itself is enough.
    #[serde(default)]
    pub criteria_list: Vec<AbortCriterion>,
}

impl AbortCriterion {
    /// Whether so much has gone wrong.
    #[must_use]
    pub const fn is_met(&self, counts: &Counts) -> bool {
        let wrong = match self.failure_type {
            AbortOn::Failed => counts.failed,
            AbortOn::Rejected => counts.rejected,
            AbortOn::TimedOut => counts.timed_out,
            AbortOn::All => counts
                .failed
                .saturating_add(counts.rejected)
                .saturating_add(counts.timed_out),
        };
        let executed = counts.executed();
        executed >= self.min_number_of_executed_things
            && self.threshold_percentage.is_reached(wrong, executed)
    }
}

impl AbortConfig {
    pub(crate) fn check(&self, limits: &Limits) -> Result<(), Rejected> {
        if self.criteria_list.len() > limits.abort_criteria {
            return Err(Rejected::request(format!(
                "abortConfig has {} criteria, at most {}",
                self.criteria_list.len(),
                limits.abort_criteria
            )));
        }
        let at_once = |criterion: &AbortCriterion| criterion.min_number_of_executed_things == 0;
        if self.criteria_list.iter().any(at_once) {
            return Err(Rejected::request(
                "minNumberOfExecutedThings must be at least 1",
            ));
        }
        Ok(())
    }
}

/// The first criterion by which `job` must be called off; nothing where it may go on, and where it does not go on anyway.
#[must_use]
pub fn judge<'a>(job: &'a Job, counts: &Counts) -> Option<&'a AbortCriterion> {
    if job.status != JobStatus::InProgress {
        return None;
    }
    job.abort
        .criteria_list
        .iter()
        .find(|criterion| criterion.is_met(counts))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn criterion(failure_type: AbortOn, threshold: f64, least: u64) -> AbortCriterion {
        AbortCriterion {
            failure_type,
            action: AbortAction::Cancel,
            threshold_percentage: Percentage::try_from(threshold).unwrap(),
            min_number_of_executed_things: least,
        }
    }

    fn counts(succeeded: u64, failed: u64, timed_out: u64, rejected: u64) -> Counts {
        Counts {
            succeeded,
            failed,
            timed_out,
            rejected,
            ..Counts::default()
        }
    }

    #[test]
    fn a_share_of_enough_executions_is_wanted() {
        let failed = criterion(AbortOn::Failed, 20.0, 100);
        assert!(failed.is_met(&counts(80, 20, 0, 0)));
        assert!(!failed.is_met(&counts(81, 19, 0, 0)));
        assert!(!failed.is_met(&counts(0, 99, 0, 0)));
        assert!(!failed.is_met(&counts(50, 0, 50, 0)));
    }

    #[test]
    fn each_kind_counts_its_own_and_all_counts_any() {
        let each = counts(7, 1, 1, 1);
        for kind in [AbortOn::Failed, AbortOn::TimedOut, AbortOn::Rejected] {
            assert!(criterion(kind, 10.0, 1).is_met(&each));
            assert!(!criterion(kind, 10.01, 1).is_met(&each));
        }
        assert!(criterion(AbortOn::All, 30.0, 10).is_met(&each));
        assert!(!criterion(AbortOn::All, 30.01, 10).is_met(&each));
    }

    #[test]
    fn what_was_called_off_or_removed_says_nothing() {
        let mut counts = counts(0, 1, 0, 0);
        counts.canceled = 1_000;
        counts.removed = 1_000;
        counts.queued = 1_000;
        assert!(criterion(AbortOn::Failed, 100.0, 1).is_met(&counts));
        assert!(!criterion(AbortOn::Failed, 1.0, 2).is_met(&counts));
    }

    #[test]
    fn criteria_are_few_and_wait_for_one_at_least() {
        let config = |number: usize, least| AbortConfig {
            criteria_list: vec![criterion(AbortOn::All, 1.0, least); number],
        };
        let limits = Limits::default();
        assert!(config(10, 1).check(&limits).is_ok());
        assert!(config(11, 1).check(&limits).is_err());
        assert!(config(1, 0).check(&limits).is_err());
    }
}
