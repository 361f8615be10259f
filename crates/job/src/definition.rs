//! What somebody wants of a job.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::name::{is_thing_name, is_visible};
use crate::timer::MINUTES;
use crate::{AbortConfig, Document, Gates, Limits, Rejected, RetryConfig, RolloutConfig};

/// The most characters of a description or a comment.
pub(crate) const TEXT: usize = 2_028;

/// For whom a job is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Selection {
    /// For those who are targets when it begins.
    #[default]
    Snapshot,
    /// For those who become targets later too.
    Continuous,
}

/// How long a device may take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TimeoutConfig {
    /// Minutes from when it begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_progress_timeout_in_minutes: Option<u32>,
}

/// What somebody wants of a job, with the names that AWS gives; stages, gates and the beginning in seconds are our own.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Definition {
    /// Things that it is for. None where whoever hands it in finds them otherwise.
    #[serde(default)]
    pub targets: Vec<String>,
    /// What they are to do.
    pub document: Document,
    /// A few words for people.
    #[serde(default)]
    pub description: Option<String>,
    /// Whether it is for further things too.
    #[serde(default)]
    pub target_selection: Selection,
    /// How fast it spreads.
    #[serde(default)]
    pub job_executions_rollout_config: RolloutConfig,
    /// When it is called off because it goes wrong.
    #[serde(default)]
    pub abort_config: AbortConfig,
    /// How long a device may take.
    #[serde(default)]
    pub timeout_config: TimeoutConfig,
    /// How often it is tried again.
    #[serde(default)]
    pub job_executions_retry_config: RetryConfig,
    /// Questions on which it goes on or is called off.
    #[serde(default)]
    pub gates: Option<Gates>,
    /// When it begins, in seconds since 1970; at once where nothing is said.
    #[serde(default)]
    pub starts_at: Option<i64>,
}

impl Definition {
    /// Whether it can be a job.
    pub(crate) fn check(&self, limits: &Limits, now: i64) -> Result<(), Rejected> {
        self.check_targets(limits)?;
        self.document.check(limits)?;
        if let Some(description) = &self.description {
            check_text("description", description)?;
        }
        let rollout = &self.job_executions_rollout_config;
        rollout.check(limits)?;
        self.abort_config.check(limits)?;
        let minutes = self.timeout_config.in_progress_timeout_in_minutes;
        if minutes.is_some_and(|minutes| !MINUTES.contains(&minutes)) {
            return Err(Rejected::request(format!(
                "inProgressTimeoutInMinutes must be from {} to {}",
                MINUTES.start(),
                MINUTES.end()
            )));
        }
        self.job_executions_retry_config.check(minutes.is_some())?;
        if let Some(gates) = &self.gates {
            gates.check(!rollout.stages.is_empty(), limits)?;
        }
        self.check_beginning(now)
    }

    fn check_targets(&self, limits: &Limits) -> Result<(), Rejected> {
        if self.targets.len() > limits.targets {
            return Err(Rejected::request(format!(
                "the job has {} targets, at most {}",
                self.targets.len(),
                limits.targets
            )));
        }
        let mut seen = BTreeSet::new();
        for (index, target) in self.targets.iter().enumerate() {
            if !is_thing_name(target) {
                return Err(Rejected::request(format!(
                    "target {} is no thing's name: 1 to 128 letters, digits, ':', '_' and '-'",
                    index + 1
                )));
            }
            if !seen.insert(target) {
                return Err(Rejected::request(format!("target {target} is named twice")));
            }
        }
        Ok(())
    }

    /// As AWS has it, a job begins within a year.
    fn check_beginning(&self, now: i64) -> Result<(), Rejected> {
        const YEAR: i64 = 366 * 24 * 3_600;
        if self
            .starts_at
            .is_some_and(|at| at > now.saturating_add(YEAR))
        {
            return Err(Rejected::request("startsAt must be within a year"));
        }
        Ok(())
    }
}

/// Whether `text` can stand beside a job.
pub(crate) fn check_text(name: &str, text: &str) -> Result<(), Rejected> {
    if is_visible(text) && (1..=TEXT).contains(&text.chars().count()) {
        return Ok(());
    }
    Err(Rejected::request(format!(
        "{name} must be 1 to {TEXT} characters that can be seen"
    )))
}
