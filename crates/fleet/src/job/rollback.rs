//! Rolling a job back: those who have begun get another document, in a job of their own.

use trunkline_job::{CancelJob, Definition, Document, Job, JobStatus, Limits};
use trunkline_store::Transaction;

use super::model::JobShown;
use super::row::Row;
use super::service::Why;
use super::{executions, second, store};
use crate::{Fleet, FleetError, Tell};

/// Why a job was called off by whoever rolled it back.
const BY_ROLLBACK: &str = "ROLLED_BACK";
/// What the id of a job that rolls another back ends with.
const SUFFIX: &str = "-rollback";
/// Ids that are tried where others have them already.
const IDS: usize = 100;
/// The most letters of a job's id.
const ID: usize = 64;

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
        let mut transaction = self.store.begin().await?;
        let row = store::one(transaction.connection(), id).await?;
        let mut row = row.ok_or_else(|| FleetError::JobUnknown(id.into()))?;
        let invalid = |why: &str| FleetError::JobInvalid(why.into());
        let document = document.or_else(|| row.rollback.clone());
        let document = document
            .ok_or_else(|| invalid("it has no rollback document, and none was handed in"))?;
        document.check(&Limits::default())?;
        let things = executions::begun(transaction.connection(), id).await?;
        if things.is_empty() {
            return Err(invalid("no device has begun with it"));
        }
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
            .roll_back_now(&mut transaction, &row.job, document, (&things, by))
            .await?;
        transaction.commit().await?;
        self.sweep_job(id, tell).await?;
        self.job(&made).await
    }

    /// Rolls a job back that calls itself off. Where that cannot be, the job says so in its comment: it is called off all the same.
    pub(super) async fn roll_back_itself(
        &self,
        transaction: &mut Transaction,
        row: &mut Row,
        document: Document,
    ) -> Result<(), FleetError> {
        let things = executions::begun(transaction.connection(), &row.job.id).await?;
        if things.is_empty() {
            return Ok(());
        }
        let made = self.roll_back_now(transaction, &row.job, document, (&things, ""));
        match made.await {
            Ok(_) => Ok(()),
            Err(FleetError::Store(error)) => Err(error.into()),
            Err(error) => {
                tracing::error!(job = row.job.id, %error, "a job is not rolled back");
                row.job.comment = Some(format!("it was not rolled back: {error}"));
                Ok(())
            }
        }
    }

    /// Makes the job that rolls another back for `things`; its id. Where it is refused nothing was written.
    async fn roll_back_now(
        &self,
        transaction: &mut Transaction,
        job: &Job,
        document: Document,
        (things, by): (&[String], &str),
    ) -> Result<String, FleetError> {
        self.check_document(&document)?;
        if let Some(id) = store::rolled_back_by(transaction.connection(), &job.id).await? {
            return Err(FleetError::JobExists(id));
        }
        let now = second(self.clock.now());
        for number in 1..=IDS {
            let id = id_of(&job.id, number);
            let definition = Definition {
                targets: Vec::new(),
                document: document.clone(),
                description: Some(format!("rolls {} back", job.id)),
                target_selection: Default::default(),
                job_executions_rollout_config: Default::default(),
                abort_config: Default::default(),
                timeout_config: job.timeout,
                job_executions_retry_config: job.retry.clone(),
                gates: None,
                starts_at: None,
            };
            let (made, _) = Job::create(&id, definition, &Limits::default(), now)?;
            let row = Row {
                job: made,
                groups: Vec::new(),
                resolved_at: Some(now),
                rollout: Default::default(),
                failed: Default::default(),
                open: true,
                rollback: None,
                rolls_back: Some(job.id.clone()),
            };
            // Somebody's own job may have the name.
            if !store::insert(transaction.connection(), &row).await? {
                continue;
            }
            store::add_targets(transaction.connection(), &id, things, true).await?;
            let why = Why {
                document: Some(&row.job.document),
                ..Why::by(by)
            };
            self.job_changed(transaction, &row.job, why).await?;
            return Ok(id);
        }
        Err(FleetError::JobExists(id_of(&job.id, IDS)))
    }
}

/// The `number`th id for a job that rolls `job` back.
fn id_of(job: &str, number: usize) -> String {
    let suffix = match number {
        1 => SUFFIX.to_owned(),
        number => format!("{SUFFIX}-{number}"),
    };
    let stem = job.get(..ID - suffix.len()).unwrap_or(job);
    format!("{stem}{suffix}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_short_enough_and_differ() {
        assert_eq!(id_of("ota-7", 1), "ota-7-rollback");
        assert_eq!(id_of("ota-7", 2), "ota-7-rollback-2");
        let long = "x".repeat(ID);
        let ids: Vec<String> = (1..=IDS).map(|number| id_of(&long, number)).collect();
        assert!(ids.iter().all(|id| id.len() == ID));
        assert!(ids.windows(2).all(|pair| pair[0] != pair[1]));
    }
}
