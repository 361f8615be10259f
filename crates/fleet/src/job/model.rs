//! Jobs and executions as people see them, with the names that AWS gives.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use trunkline_job::{
    AbortConfig, Counts, Definition, Document, Execution, Gates, Job, JobStatus, RetryConfig,
    RolloutConfig, Selection, Stage, Status, TimeoutConfig, Verdict,
};
use utoipa::ToSchema;

use super::row::{Numbers, Row};
use super::watch::Watch;

/// What the name of a group begins with where it stands among things.
const GROUP: &str = "group:";

/// A job that is to be made. Stages, gates and the beginning in seconds are our own, the rest has the names that AWS gives.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewJob {
    /// What it is called: letters, digits, `_` and `-`, at most 64.
    #[schema(example = "ota-7", min_length = 1, max_length = 64)]
    pub job_id: String,
    /// The things that it is for, at most 10,000, and groups as `group:NAME`. They are told in this order.
    #[schema(example = json!(["pump-7", "group:cellar"]))]
    pub targets: Vec<String>,
    /// What they are to do; at most 32 KiB.
    #[schema(value_type = Object)]
    pub document: Document,
    /// A few words for people.
    #[serde(default)]
    pub description: Option<String>,
    /// `SNAPSHOT` for the things that are in its groups when it begins, `CONTINUOUS` for those too that come later.
    #[serde(default)]
    #[schema(value_type = String, example = "SNAPSHOT")]
    pub target_selection: Selection,
    /// How fast it spreads: `maximumPerMinute`, `exponentialRate`, or `stages` one after another.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub job_executions_rollout_config: RolloutConfig,
    /// When it calls itself off because it goes wrong.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub abort_config: AbortConfig,
    /// How long a device may take.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub timeout_config: TimeoutConfig,
    /// How often it is tried again.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub job_executions_retry_config: RetryConfig,
    /// Statements in SQL, asked every `everySeconds`: `advance` must hold before the next stage, `abort` must not.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub gates: Option<Gates>,
    /// When it begins, in seconds since 1970; at once where nothing is said.
    #[serde(default)]
    pub starts_at: Option<i64>,
    /// What the devices that have begun are to do, in a job of their own, where this one calls itself off or somebody rolls it back.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub rollback_document: Option<Document>,
}

impl NewJob {
    /// A group as it stands among the targets.
    pub(super) fn group(name: &str) -> String {
        format!("{GROUP}{name}")
    }

    /// Its id, what is wanted of it for things by name, the groups that are its targets, and what rolls it back.
    pub(super) fn split(self) -> (String, Definition, Vec<String>, Option<Document>) {
        let group = |target: &String| target.strip_prefix(GROUP).map(ToOwned::to_owned);
        let groups = self.targets.iter().filter_map(group).collect();
        let named = |target: &String| !target.starts_with(GROUP);
        let definition = Definition {
            targets: self.targets.into_iter().filter(named).collect(),
            document: self.document,
            description: self.description,
            target_selection: self.target_selection,
            job_executions_rollout_config: self.job_executions_rollout_config,
            abort_config: self.abort_config,
            timeout_config: self.timeout_config,
            job_executions_retry_config: self.job_executions_retry_config,
            gates: self.gates,
            starts_at: self.starts_at,
        };
        (self.job_id, definition, groups, self.rollback_document)
    }
}

/// A job in a list.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct JobSummary {
    /// What it is called.
    #[schema(example = "ota-7")]
    pub job_id: String,
    /// `SCHEDULED`, `IN_PROGRESS`, `COMPLETED`, `CANCELED` or `DELETION_IN_PROGRESS`.
    #[schema(value_type = String, example = "IN_PROGRESS")]
    pub status: JobStatus,
    /// `SNAPSHOT` or `CONTINUOUS`.
    #[schema(value_type = String, example = "SNAPSHOT")]
    pub target_selection: Selection,
    /// When it was made, in seconds since 1970.
    pub created_at: i64,
    /// When it last changed.
    pub last_updated_at: i64,
    /// When it was over.
    pub completed_at: Option<i64>,
}

impl From<Job> for JobSummary {
    fn from(job: Job) -> Self {
        Self {
            job_id: job.id,
            status: job.status,
            target_selection: job.selection,
            created_at: job.created_at,
            last_updated_at: job.updated_at,
            completed_at: job.completed_at,
        }
    }
}

/// Jobs from the newest to the oldest.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct JobPage {
    /// The jobs.
    pub jobs: Vec<JobSummary>,
    /// What to hand in as `after` for more; nothing where there are none.
    pub next: Option<String>,
}

/// A job with all that is known of it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct JobShown {
    /// What stands in lists too.
    #[serde(flatten)]
    pub summary: JobSummary,
    /// What devices are to do.
    #[schema(value_type = Object)]
    pub document: Document,
    /// A few words for people.
    pub description: Option<String>,
    /// The groups whose things are its targets.
    pub target_groups: Vec<String>,
    /// How fast it spreads.
    #[schema(value_type = Object)]
    pub job_executions_rollout_config: RolloutConfig,
    /// When it calls itself off.
    #[schema(value_type = Object)]
    pub abort_config: AbortConfig,
    /// How long a device may take.
    #[schema(value_type = Object)]
    pub timeout_config: TimeoutConfig,
    /// How often it is tried again.
    #[schema(value_type = Object)]
    pub job_executions_retry_config: RetryConfig,
    /// Statements on which it goes on or is called off.
    #[schema(value_type = Option<Object>)]
    pub gates: Option<Gates>,
    /// When it begins or began, in seconds since 1970.
    pub starts_at: i64,
    /// Whether it was called off for those who had begun too.
    pub force_canceled: bool,
    /// Why it was called off, in a word.
    pub reason_code: Option<String>,
    /// Why it was called off, for people.
    pub comment: Option<String>,
    /// What rolls it back.
    #[schema(value_type = Option<Object>)]
    pub rollback_document: Option<Document>,
    /// How far it is.
    pub progress: JobProgress,
}

/// How far a job is.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct JobProgress {
    /// Things that it is for.
    pub targets: u64,
    /// Those of them that were told.
    pub notified: u64,
    /// Executions by status, further tries counted too.
    #[schema(value_type = Object)]
    pub executions: Counts,
    /// The stage in which it is, where it goes by stages.
    pub stage: Option<String>,
    /// Since when that stage is served and is watched.
    pub served_at: Option<i64>,
    /// What came of asking whether the next stage may begin, if it was asked since the platform started.
    #[schema(value_type = Option<Object>)]
    pub advance: Option<Verdict>,
    /// Statements that cannot be evaluated, and why.
    pub failed: BTreeMap<String, String>,
}

impl JobShown {
    pub(super) fn of(row: Row, numbers: Numbers, watch: &Watch) -> Self {
        let at = row.rollout.stage;
        let name = |stage: &Stage| stage.name.clone();
        let progress = JobProgress {
            targets: numbers.targets,
            notified: numbers.notified,
            executions: numbers.counts,
            stage: row.job.rollout.stages.get(at.index).map(name),
            served_at: at.served_at,
            advance: watch.advance,
            failed: row.failed,
        };
        let job = row.job;
        Self {
            document: job.document.clone(),
            description: job.description.clone(),
            target_groups: row.groups,
            job_executions_rollout_config: job.rollout.clone(),
            abort_config: job.abort.clone(),
            timeout_config: job.timeout,
            job_executions_retry_config: job.retry.clone(),
            gates: job.gates.clone(),
            starts_at: job.starts_at,
            force_canceled: job.forced,
            reason_code: job.reason.clone(),
            comment: job.comment.clone(),
            rollback_document: row.rollback,
            summary: job.into(),
            progress,
        }
    }
}

/// One thing's work on one job.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExecutionShown {
    /// The job.
    #[schema(example = "ota-7")]
    pub job_id: String,
    /// The thing.
    #[schema(example = "pump-7")]
    pub thing_name: String,
    /// Its number among those of this thing for this job: a further try has the next one.
    pub execution_number: u64,
    /// `QUEUED`, `IN_PROGRESS`, `SUCCEEDED`, `FAILED`, `TIMED_OUT`, `REJECTED`, `REMOVED` or `CANCELED`.
    #[schema(value_type = String, example = "QUEUED")]
    pub status: Status,
    /// What the device says beside it.
    pub status_details: BTreeMap<String, String>,
    /// Whether it was called off though the device had begun.
    pub force_canceled: bool,
    /// When the device was told, in seconds since 1970.
    pub queued_at: i64,
    /// When the device began.
    pub started_at: Option<i64>,
    /// When it last changed.
    pub last_updated_at: i64,
    /// When its time is over, if a timer runs.
    pub due_at: Option<i64>,
    /// How often it has changed.
    pub version_number: u64,
}

impl ExecutionShown {
    pub(super) fn of(thing: String, execution: Execution) -> Self {
        Self {
            due_at: execution.due(),
            job_id: execution.job,
            thing_name: thing,
            execution_number: execution.number,
            status: execution.status,
            status_details: execution.details,
            force_canceled: execution.forced,
            queued_at: execution.queued_at,
            started_at: execution.started_at,
            last_updated_at: execution.updated_at,
            version_number: execution.version,
        }
    }
}

/// Executions.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExecutionPage {
    /// The executions.
    pub executions: Vec<ExecutionShown>,
    /// What to hand in as `after` for more; nothing where there are none.
    pub next: Option<String>,
}
