//! One thing's work on one job.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::details::Details;
use crate::message::Builder;
use crate::retry::Retried;
use crate::timer::{Step, after};
use crate::{Key, Status, Terms};

/// How far an execution is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// The status.
    pub status: Status,
    /// What was said beside it.
    pub details: Details,
    /// How often the execution has changed.
    pub version: u64,
}

impl State {
    /// As AWS says it.
    pub(crate) fn document(&self) -> Value {
        Builder::default()
            .with("status", self.status.as_str())
            .maybe("statusDetails", said(&self.details))
            .with("versionNumber", self.version)
            .done()
    }
}

/// One execution of a job by a thing. It has one end; to try again is another execution with the next number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Execution {
    /// Of which job.
    pub job: String,
    /// Its number among the executions of the job on this thing, from 1 on.
    pub number: u64,
    /// How far it is.
    pub status: Status,
    /// Whether it was called off though the device had begun.
    #[serde(default)]
    pub forced: bool,
    /// What was said beside the status.
    #[serde(default)]
    pub details: Details,
    /// When the device was told, in seconds since 1970.
    pub queued_at: i64,
    /// When the device began.
    #[serde(default)]
    pub started_at: Option<i64>,
    /// When it last changed.
    pub updated_at: i64,
    /// How often it has changed, the first time being that it was queued.
    pub version: u64,
    /// When the time is over that the job gives; only while the device is at it.
    #[serde(default)]
    pub progress_until: Option<i64>,
    /// When the time is over that the device gave itself; only while it is at it.
    #[serde(default)]
    pub step_until: Option<i64>,
    /// How often the job was tried again before this execution, and why.
    #[serde(default)]
    pub retried: Retried,
}

impl Execution {
    /// One that nobody has begun.
    pub(crate) fn queued(job: &str, number: u64, retried: Retried, now: i64) -> Self {
        Self {
            job: job.to_owned(),
            number,
            status: Status::Queued,
            forced: false,
            details: Details::new(),
            queued_at: now,
            started_at: None,
            updated_at: now,
            version: 1,
            progress_until: None,
            step_until: None,
            retried,
        }
    }

    /// What tells it from the others of its thing.
    #[must_use]
    pub fn key(&self) -> Key {
        Key {
            job: self.job.clone(),
            number: self.number,
        }
    }

    /// When it runs out of time, if a timer runs.
    #[must_use]
    pub fn due(&self) -> Option<i64> {
        match (self.progress_until, self.step_until) {
            (Some(progress), Some(step)) => Some(progress.min(step)),
            (progress, step) => progress.or(step),
        }
    }

    /// Takes it to `status`. Timers begin with the work and end with it.
    pub(crate) fn become_status(&mut self, status: Status, terms: &Terms, now: i64) {
        if self.status == Status::Queued && status == Status::InProgress {
            self.started_at = Some(now);
            self.progress_until = terms.in_progress_minutes.map(|minutes| after(now, minutes));
        }
        if status.is_terminal() {
            self.progress_until = None;
            self.step_until = None;
        }
        self.status = status;
        self.updated_at = now;
        self.version += 1;
    }

    /// Sets the step timer of one that is in progress.
    pub(crate) fn set_step(&mut self, step: Step, now: i64) {
        self.step_until = match step {
            Step::Discard => None,
            Step::Minutes(minutes) => Some(after(now, minutes)),
        };
    }

    /// How far it is.
    pub(crate) fn state(&self) -> State {
        State {
            status: self.status,
            details: self.details.clone(),
            version: self.version,
        }
    }

    /// As it stands in lists.
    pub(crate) fn summary(&self) -> Value {
        Builder::default()
            .with("jobId", self.job.as_str())
            .with("queuedAt", self.queued_at)
            .maybe("startedAt", self.started_at)
            .with("lastUpdatedAt", self.updated_at)
            .with("versionNumber", self.version)
            .with("executionNumber", self.number)
            .done()
    }

    /// All about it; the thing and the document are for some and not for others.
    pub(crate) fn whole(&self, thing: Option<&str>, document: Option<&Terms>, now: i64) -> Value {
        Builder::default()
            .with("jobId", self.job.as_str())
            .maybe("thingName", thing)
            .with("status", self.status.as_str())
            .maybe("statusDetails", said(&self.details))
            .with("queuedAt", self.queued_at)
            .maybe("startedAt", self.started_at)
            .with("lastUpdatedAt", self.updated_at)
            .maybe(
                "approximateSecondsBeforeTimedOut",
                self.due().map(|due| due.saturating_sub(now).max(0)),
            )
            .with("versionNumber", self.version)
            .with("executionNumber", self.number)
            .maybe("jobDocument", document.map(Terms::document))
            .done()
    }
}

/// The details, if there are any.
fn said(details: &Details) -> Option<Value> {
    let pair = |(name, value): (&String, &String)| (name.clone(), Value::from(value.as_str()));
    (!details.is_empty()).then(|| details.iter().map(pair).collect())
}
