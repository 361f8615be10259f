//! Executions that time or their jobs have ended, swept in portions so that devices are served in between.
//!
//! Nothing depends on how soon this is done: whatever a device asks, its executions are settled first.

use trunkline_job::JobStatus;

use super::service::Why;
use super::{second, store};
use crate::{Fleet, FleetError, Tell};

/// Things that are one transaction.
const PORTION: u32 = 500;
/// Portions of executions that have run out of time in one sweep; what is left is for the next.
const PORTIONS: usize = 20;

impl Fleet {
    /// Ends what has run out of time.
    pub(super) async fn sweep_due(&self, tell: &dyn Tell) -> Result<(), FleetError> {
        for _ in 0..PORTIONS {
            let now = second(self.clock.now());
            let mut reader = self.store.readers().acquire().await?;
            let things = store::things_due(&mut reader, now, PORTION).await?;
            drop(reader);
            if things.is_empty() || !self.settle(&things, tell).await? {
                break;
            }
        }
        Ok(())
    }

    /// Ends what a job that was called off has queued, and what a job that is being deleted has left; then the latter is gone.
    pub(super) async fn sweep_job(&self, id: &str, tell: &dyn Tell) -> Result<(), FleetError> {
        loop {
            let mut reader = self.store.readers().acquire().await?;
            let Some(row) = store::one(&mut reader, id).await? else {
                return Ok(());
            };
            let all = match row.job.status {
                JobStatus::Canceled => row.job.forced,
                JobStatus::DeletionInProgress => true,
                JobStatus::Scheduled | JobStatus::InProgress | JobStatus::Completed => {
                    return Ok(());
                }
            };
            let things = store::things_with(&mut reader, id, all, PORTION).await?;
            drop(reader);
            if things.is_empty() || !self.settle(&things, tell).await? {
                return self.close(id).await;
            }
        }
    }

    /// Settles the executions of `things`; whether anything changed.
    async fn settle(&self, things: &[String], tell: &dyn Tell) -> Result<bool, FleetError> {
        let now = self.clock.now();
        let mut desk = self.desk(now).await?;
        let mut changed = false;
        for thing in things {
            changed |= desk.settle(thing).await?;
        }
        desk.commit_and_tell(tell).await?;
        Ok(changed)
    }

    /// Notes that nothing more is to be done for a job that is over; one that is being deleted goes.
    async fn close(&self, id: &str) -> Result<(), FleetError> {
        let mut transaction = self.store.begin().await?;
        let Some(mut row) = store::one(transaction.connection(), id).await? else {
            return Ok(());
        };
        match row.job.status {
            JobStatus::DeletionInProgress => {
                let why = Why {
                    removed: true,
                    ..Why::default()
                };
                store::remove(transaction.connection(), id).await?;
                self.job_changed(&mut transaction, &row.job, why).await?;
            }
            JobStatus::Canceled => {
                row.open = false;
                store::update(transaction.connection(), &row).await?;
            }
            JobStatus::Scheduled | JobStatus::InProgress | JobStatus::Completed => return Ok(()),
        }
        Ok(transaction.commit().await?)
    }
}
