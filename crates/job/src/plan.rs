//! How many things are told of a job, and when it is over.

use serde::{Deserialize, Serialize};

use crate::stage::{AtStage, advance};
use crate::{AbortCriterion, Counts, Job, JobStatus, Selection, Verdict, judge};

/// Seconds of a minute.
const MINUTE: i64 = 60;

/// Things that were told in one second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueuedAt {
    /// The second.
    pub at: i64,
    /// How many.
    pub number: u64,
}

/// How far a job is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Progress {
    /// Things that the job is for.
    pub targets: u64,
    /// Those of them that have been told since they are targets, each once however often it tries again.
    pub notified: u64,
    /// Executions by status, further tries counted too.
    pub counts: Counts,
    /// Things that were told in the last minute, by second. Older ones may be there, and do not count; further tries are not there.
    pub recent: Vec<QueuedAt>,
    /// When [`plan`] was last asked, so that what may be told is spread over the minute; nothing where nobody knows.
    pub asked_at: Option<i64>,
    /// Where the rollout stands, as the last [`Plan`] said.
    pub stage: AtStage,
    /// What came of asking the statement `advance` last.
    pub advance: Option<Verdict>,
}

/// What is to be done now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan<'a> {
    /// How many more things are to be told.
    pub queue: u64,
    /// Where the rollout stands, to be kept for the next time.
    pub stage: AtStage,
    /// By which criterion the job must be called off; then nobody is told.
    pub abort: Option<&'a AbortCriterion>,
}

/// How many more things are to be told of `job` at `now`, in seconds since 1970.
///
/// Within sixty seconds never more are told than the rate allows, however often this is asked; and where it is asked seldom, the rate is
/// made use of all the same. A job that is not in progress, or that must be called off, tells nobody.
#[must_use]
pub fn plan<'a>(job: &'a Job, progress: &Progress, now: i64) -> Plan<'a> {
    let abort = judge(job, &progress.counts);
    if job.status != JobStatus::InProgress || abort.is_some() {
        return Plan {
            queue: 0,
            stage: progress.stage,
            abort,
        };
    }
    let gated = job
        .gates
        .as_ref()
        .is_some_and(|gates| gates.advance.is_some());
    let stages = &job.rollout.stages;
    let stage = advance(stages, gated, progress, now);
    let wanted = stages.get(stage.index).map_or(progress.targets, |stage| {
        stage.percentage.of(progress.targets)
    });
    let left = wanted.saturating_sub(progress.notified);
    Plan {
        queue: left.min(allowed(job, progress, now)),
        stage,
        abort: None,
    }
}

/// How many may be told at `now` by the rate: no more than it leaves of the minute, and no more than what belongs to the time since
/// this was asked before.
fn allowed(job: &Job, progress: &Progress, now: i64) -> u64 {
    let rate = job.rollout.rate(progress);
    let within = |queued: &&QueuedAt| queued.at > now.saturating_sub(MINUTE);
    let told = progress
        .recent
        .iter()
        .filter(within)
        .fold(0_u64, |sum, queued| sum.saturating_add(queued.number));
    let seconds = progress
        .asked_at
        .map_or(1, |asked_at| now.saturating_sub(asked_at).clamp(1, MINUTE));
    let share = rate
        .saturating_mul(seconds.unsigned_abs())
        .div_ceil(MINUTE.unsigned_abs());
    rate.saturating_sub(told).min(share)
}

/// Whether `job` is done: it is in progress and for certain things once, each has been told, and none is at it any more. A job for
/// whatever becomes a target is never done.
#[must_use]
pub fn is_complete(job: &Job, progress: &Progress) -> bool {
    job.status == JobStatus::InProgress
        && job.selection == Selection::Snapshot
        && progress.notified >= progress.targets
        && progress.counts.pending() == 0
}
