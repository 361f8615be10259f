//! A job as it is kept.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use trunkline_job::{AtStage, Counts, Document, Job, JobStatus, Progress, QueuedAt};

use super::watch::Watch;

/// Seconds for which it is kept how many things were told.
const RECENT: i64 = 60;

/// Whether what was told then matters. What lies far ahead was told before the clock was set back, and must not hold up the job.
fn is_recent(told: &QueuedAt, now: i64) -> bool {
    (now - told.at).abs() < RECENT
}

/// How far the rollout of a job is, so far as its targets and executions do not say it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Rollout {
    /// Where it stands.
    pub(super) stage: AtStage,
    /// Things that were told within the last minute.
    pub(super) recent: Vec<QueuedAt>,
}

impl Rollout {
    /// Notes that so many things are told now.
    pub(super) fn told(&mut self, now: i64, number: u64) {
        self.recent.retain(|told| is_recent(told, now));
        self.recent.push(QueuedAt { at: now, number });
    }
}

/// A job with what is kept beside it.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) job: Job,
    /// The groups whose things are its targets.
    pub(super) groups: Vec<String>,
    /// When the things of the groups were last looked up; nothing before that was done once.
    pub(super) resolved_at: Option<i64>,
    pub(super) rollout: Rollout,
    /// The statements that could not be evaluated when they were last asked, and why, by what they are for.
    pub(super) failed: BTreeMap<String, String>,
    /// Whether the platform still has something to do for it.
    pub(super) open: bool,
    /// What those who have begun are to do where it is called off because it goes wrong.
    pub(super) rollback: Option<Document>,
    /// The job that this one rolls back.
    pub(super) rolls_back: Option<String>,
}

impl Row {
    /// Whether things may be told of it.
    pub(super) fn is_under_way(&self) -> bool {
        self.job.status == JobStatus::InProgress && self.resolved_at.is_some()
    }

    /// How far it is.
    pub(super) fn progress(&self, numbers: Numbers, watch: &Watch, now: i64) -> Progress {
        let recent = self.rollout.recent.iter();
        Progress {
            targets: numbers.targets,
            notified: numbers.notified,
            counts: numbers.counts,
            recent: recent
                .filter(|told| is_recent(told, now))
                .copied()
                .collect(),
            asked_at: watch.planned_at,
            stage: self.rollout.stage,
            advance: watch.advance,
        }
    }
}

/// What is counted of a job.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Numbers {
    pub(super) targets: u64,
    pub(super) notified: u64,
    pub(super) counts: Counts,
}
