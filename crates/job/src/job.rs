//! A job as it is.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::definition::{Definition, Selection, TimeoutConfig, check_text};
use crate::{
    AbortConfig, Document, Gates, Limits, Rejected, RetryConfig, RolloutConfig, is_job_id,
};

/// The most bytes of a reason.
const REASON: usize = 128;

/// The state of a job, in the words of AWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum JobStatus {
    /// It begins later.
    Scheduled,
    /// Things are told, and work.
    InProgress,
    /// All have ended.
    Completed,
    /// It was called off; whoever has begun may go on.
    Canceled,
    /// It goes, and its executions with it.
    DeletionInProgress,
}

impl JobStatus {
    /// As AWS writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Scheduled => "SCHEDULED",
            Self::InProgress => "IN_PROGRESS",
            Self::Completed => "COMPLETED",
            Self::Canceled => "CANCELED",
            Self::DeletionInProgress => "DELETION_IN_PROGRESS",
        }
    }
}

/// A job. Its targets are not here, since they may be many.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Job {
    /// What it is called.
    pub id: String,
    /// What devices are to do.
    pub document: Document,
    /// A few words for people.
    #[serde(default)]
    pub description: Option<String>,
    /// Whether it is for further things too.
    #[serde(default)]
    pub selection: Selection,
    /// How fast it spreads.
    #[serde(default)]
    pub rollout: RolloutConfig,
    /// When it is called off because it goes wrong.
    #[serde(default)]
    pub abort: AbortConfig,
    /// How long a device may take.
    #[serde(default)]
    pub timeout: TimeoutConfig,
    /// How often it is tried again.
    #[serde(default)]
    pub retry: RetryConfig,
    /// Questions on which it goes on or is called off.
    #[serde(default)]
    pub gates: Option<Gates>,
    /// How far it is.
    pub status: JobStatus,
    /// Whether it was called off for those who had begun too.
    #[serde(default)]
    pub forced: bool,
    /// Why it was called off, in a word.
    #[serde(default)]
    pub reason: Option<String>,
    /// Why it was called off, for people.
    #[serde(default)]
    pub comment: Option<String>,
    /// When it was made, in seconds since 1970.
    pub created_at: i64,
    /// When it begins or began.
    pub starts_at: i64,
    /// When it last changed.
    pub updated_at: i64,
    /// When it was over.
    #[serde(default)]
    pub completed_at: Option<i64>,
}

/// Calls off a job.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct CancelJob {
    /// Also for those who have begun.
    pub force: bool,
    /// Why, in a word of capitals, digits and `_`.
    pub reason_code: Option<String>,
    /// Why, for people.
    pub comment: Option<String>,
}

/// What an execution must know of its job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Terms {
    /// What the device is to do.
    pub document: Document,
    /// Minutes that it has from when it begins.
    pub in_progress_minutes: Option<u32>,
    /// How often it is tried again.
    pub retry: RetryConfig,
    /// How far the job is.
    pub status: JobStatus,
    /// Whether the job was called off for those who had begun too.
    pub forced: bool,
}

impl Terms {
    pub(crate) fn document(&self) -> Value {
        self.document.clone().into()
    }
}

impl Job {
    /// A job called `id` as `definition` wants it, and its targets.
    ///
    /// # Errors
    /// [`Rejected`] with the first rule that id or definition break.
    pub fn create(
        id: &str,
        definition: Definition,
        limits: &Limits,
        now: i64,
    ) -> Result<(Self, Vec<String>), Rejected> {
        if !is_job_id(id) {
            return Err(Rejected::request(
                "jobId must be 1 to 64 letters, digits, '_' and '-'",
            ));
        }
        definition.check(limits, now)?;
        let starts_at = definition.starts_at.unwrap_or(now).max(now);
        let job = Self {
            id: id.to_owned(),
            document: definition.document,
            description: definition.description,
            selection: definition.target_selection,
            rollout: definition.job_executions_rollout_config,
            abort: definition.abort_config,
            timeout: definition.timeout_config,
            retry: definition.job_executions_retry_config,
            gates: definition.gates,
            status: if starts_at > now {
                JobStatus::Scheduled
            } else {
                JobStatus::InProgress
            },
            forced: false,
            reason: None,
            comment: None,
            created_at: now,
            starts_at,
            updated_at: now,
            completed_at: None,
        };
        Ok((job, definition.targets))
    }

    /// What its executions must know of it.
    #[must_use]
    pub fn terms(&self) -> Terms {
        Terms {
            document: self.document.clone(),
            in_progress_minutes: self.timeout.in_progress_timeout_in_minutes,
            retry: self.retry.clone(),
            status: self.status,
            forced: self.forced,
        }
    }

    /// Begins it if it is time, and says whether it does.
    pub fn begin(&mut self, now: i64) -> bool {
        let begins = self.status == JobStatus::Scheduled && self.starts_at <= now;
        if begins {
            self.become_status(JobStatus::InProgress, now);
        }
        begins
    }

    /// Calls it off. Nobody is told any more, and nobody begins. One that was called off can be called off with force once more.
    ///
    /// # Errors
    /// [`Rejected`] where it is over or going, and where a reason or a comment cannot be kept.
    pub fn cancel(&mut self, cancel: CancelJob, now: i64) -> Result<(), Rejected> {
        if let Some(reason) = &cancel.reason_code {
            check_reason(reason)?;
        }
        if let Some(comment) = &cancel.comment {
            check_text("comment", comment)?;
        }
        let open = match self.status {
            JobStatus::Scheduled | JobStatus::InProgress => true,
            JobStatus::Canceled => cancel.force && !self.forced,
            JobStatus::Completed | JobStatus::DeletionInProgress => false,
        };
        if !open {
            return Err(Rejected::job(format!(
                "The job is {} and cannot be canceled",
                self.status.as_str()
            )));
        }
        self.forced = cancel.force;
        self.reason = cancel.reason_code.or(self.reason.take());
        self.comment = cancel.comment.or(self.comment.take());
        self.completed_at.get_or_insert(now);
        self.become_status(JobStatus::Canceled, now);
        Ok(())
    }

    /// Ends it, since all have ended.
    ///
    /// # Errors
    /// [`Rejected`] where it is not in progress.
    pub fn complete(&mut self, now: i64) -> Result<(), Rejected> {
        if self.status != JobStatus::InProgress {
            return Err(Rejected::job(format!(
                "The job is {} and cannot be completed",
                self.status.as_str()
            )));
        }
        self.completed_at = Some(now);
        self.become_status(JobStatus::Completed, now);
        Ok(())
    }

    /// Begins to delete it. Its executions are no more for devices.
    ///
    /// # Errors
    /// [`Rejected`] where it is going already, and where it is not over and force was not asked for.
    pub fn delete(&mut self, force: bool, now: i64) -> Result<(), Rejected> {
        let may = match self.status {
            JobStatus::Completed | JobStatus::Canceled => true,
            JobStatus::Scheduled | JobStatus::InProgress => force,
            JobStatus::DeletionInProgress => false,
        };
        if !may {
            return Err(Rejected::job(format!(
                "The job is {} and cannot be deleted{}",
                self.status.as_str(),
                if force { "" } else { " without force" }
            )));
        }
        self.become_status(JobStatus::DeletionInProgress, now);
        Ok(())
    }

    const fn become_status(&mut self, status: JobStatus, now: i64) {
        self.status = status;
        self.updated_at = now;
    }
}

fn check_reason(reason: &str) -> Result<(), Rejected> {
    let plain = reason.chars().all(|character| {
        character.is_uppercase() || character.is_ascii_digit() || character == '_'
    });
    if plain && (1..=REASON).contains(&reason.chars().count()) {
        return Ok(());
    }
    Err(Rejected::request(format!(
        "reasonCode must be 1 to {REASON} capitals, digits and '_'"
    )))
}
