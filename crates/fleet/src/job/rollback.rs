//! Rolling a job back: those who have begun get another document, in a job of their own.

use trunkline_job::{CancelJob, Definition, Document, Job, JobStatus, Limits};
use trunkline_store::Transaction;

use super::model::JobShown;
use super::row::Row;
use super::service::Why;
use super::{second, store};
use crate::{Fleet, FleetError, Tell};

/// Why a job was called off by a statement.
pub(super) const BY_GATE: &str = "ABORTED_BY_GATE";
/// Why a job was called off by a criterion.
pub(super) const BY_CRITERION: &str = "ABORTED_BY_CRITERION";
/// Why a job was called off by whoever rolled it back.
const BY_ROLLBACK: &str = "ROLLED_BACK";
/// What the id of a job that rolls another back ends with.
const SUFFIX: &str = "-rollback";
/// The most letters of a job's id.
const ID: usize = 64;

impl Row {
    /// Whether the job called itself off.
    pub(super) fn has_gone_wrong(&self) -> bool {
        let reason = self.job.reason.as_deref();
        matches!(reason, Some(BY_GATE | BY_CRITERION))
    }
}

impl Fleet {
    /// Rolls a job back: it is called off where it is not over, and those who have begun are given `document`, or else its own rollback
    /// document, in a job of their own, which this returns.
    ///
    /// # Errors
    /// [`FleetError::JobUnknown`]; [`FleetError::JobInvalid`] where nobody has begun or there is no document;
    /// [`FleetError::JobExists`] where it was rolled back already.
    pub async fn roll_back_job(
        &self,
        id: &str,
        document: Option<Document>,
        by: &str,
        tell: &dyn Tell,
    ) -> Result<JobShown, FleetError> {
        if let Some(document) = &document {
            document.check(&Limits::default())?;
        }
        let mut transaction = self.store.begin().await?;
        let row = store::one(transaction.connection(), id).await?;
        let mut row = row.ok_or_else(|| FleetError::JobUnknown(id.into()))?;
        if matches!(row.job.status, JobStatus::Scheduled | JobStatus::InProgress) {
            let cancel = CancelJob {
                reason_code: Some(BY_ROLLBACK.to_owned()),
                ..CancelJob::default()
            };
            row.job.cancel(cancel, second(self.clock.now()))?;
            row.open = true;
            store::update(transaction.connection(), &row).await?;
            self.job_changed(&mut transaction, &row.job, Why::by(by))
                .await?;
        }
        let made = self
            .roll_back_now(&mut transaction, &row, document, by)
            .await?;
        let made = made?;
        transaction.commit().await?;
        self.sweep_job(id, tell).await?;
        self.job(&made).await
    }

    /// Makes the job that rolls another back; its id, or why there is none.
    pub(super) async fn roll_back_now(
        &self,
        transaction: &mut Transaction,
        row: &Row,
        document: Option<Document>,
        by: &str,
    ) -> Result<Result<String, FleetError>, FleetError> {
        let invalid = |why: &str| Ok(Err(FleetError::JobInvalid(why.into())));
        let Some(document) = document.or_else(|| row.rollback.clone()) else {
            return invalid("it has no rollback document, and none was handed in");
        };
        if let Err(error) = self.check_document(&document) {
            return Ok(Err(error));
        }
        let things = store::things_begun(transaction.connection(), &row.job.id).await?;
        if things.is_empty() {
            return invalid("no device has begun with it");
        }
        let room = ID - SUFFIX.len();
        let id = row.job.id.get(..room).unwrap_or(&row.job.id).to_owned() + SUFFIX;
        let now = second(self.clock.now());
        let definition = Definition {
            targets: Vec::new(),
            document,
            description: Some(format!("rolls {} back", row.job.id)),
            target_selection: Default::default(),
            job_executions_rollout_config: Default::default(),
            abort_config: Default::default(),
            timeout_config: row.job.timeout,
            job_executions_retry_config: row.job.retry.clone(),
            gates: None,
            starts_at: None,
        };
        let (job, _) = Job::create(&id, definition, &Limits::default(), now)?;
        let made = Row {
            job,
            groups: Vec::new(),
            resolved_at: Some(now),
            rollout: Default::default(),
            failed: Default::default(),
            open: true,
            rollback: None,
        };
        if !store::insert(transaction.connection(), &made).await? {
            return Ok(Err(FleetError::JobExists(id)));
        }
        store::add_targets(transaction.connection(), &id, &things, true).await?;
        let why = Why {
            document: Some(&made.job.document),
            ..Why::by(by)
        };
        self.job_changed(transaction, &made.job, why).await?;
        Ok(Ok(id))
    }
}
