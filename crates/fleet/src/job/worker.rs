//! What the platform does for jobs of itself, each second.

use std::sync::Arc;

use trunkline_job::{AbortCriterion, CancelJob, JobStatus, Progress, is_complete, plan};
use trunkline_store::{Connection, StoreError};

use super::row::Row;
use super::service::Why;
use super::{second, store};
use crate::{Fleet, FleetError, Tell};

/// What is to be done for a job now.
#[derive(Debug)]
enum Step {
    /// Nothing.
    Rest,
    /// So many things are told, and the rollout stands where the row says.
    Tell(u64),
    /// It goes wrong.
    CallOff(AbortCriterion),
    /// It is done.
    Complete,
}

impl Fleet {
    /// Does what is to be done for jobs: those begin whose time has come, things are told as the rollout allows, what takes too long ends,
    /// statements are asked, and what goes wrong is called off, with all that it has queued. To be called every second.
    ///
    /// # Errors
    /// The first of the errors on the way; what failed is tried again the next time, and does not keep other jobs.
    pub async fn tick(self: &Arc<Self>, tell: &dyn Tell) -> Result<(), FleetError> {
        let mut rows = self.open_jobs().await?;
        let mut result = self.sweep_due(tell).await;
        let mut news = false;
        for row in rows
            .iter()
            .filter(|row| row.job.status == JobStatus::Scheduled)
        {
            news |= keep(&mut result, self.begin(row).await);
        }
        if news {
            rows = self.open_jobs().await?;
        }
        if keep(&mut result, self.look_up_targets(&rows, tell).await) {
            rows = self.open_jobs().await?;
        }
        for (id, statement) in keep(&mut result, self.ask_gates(&rows).await) {
            let outcome = self.call_off_by_gate(&id, &statement, tell).await;
            keep(&mut result, outcome);
        }
        for row in &rows {
            let id = &row.job.id;
            let outcome = match row.job.status {
                JobStatus::InProgress if row.is_under_way() => self.advance(id, tell).await,
                JobStatus::Canceled | JobStatus::DeletionInProgress => {
                    self.sweep_job(id, tell).await
                }
                _ => Ok(()),
            };
            keep(&mut result, outcome);
        }
        result
    }

    async fn open_jobs(&self) -> Result<Vec<Row>, FleetError> {
        let mut reader = self.store.readers().acquire().await?;
        let rows = store::open(&mut reader).await?;
        self.watches
            .keep(|id| rows.iter().any(|row| row.job.id == id));
        Ok(rows)
    }

    /// Begins a job whose time has come; whether it does.
    async fn begin(&self, row: &Row) -> Result<bool, FleetError> {
        let now = second(self.clock.now());
        if !row.job.clone().begin(now) {
            return Ok(false);
        }
        let mut transaction = self.store.begin().await?;
        let row = store::one(transaction.connection(), &row.job.id).await?;
        let Some(mut row) = row else {
            return Ok(false);
        };
        if !row.job.begin(now) {
            return Ok(false);
        }
        if row.groups.is_empty() {
            row.resolved_at = Some(now);
        }
        store::update(transaction.connection(), &row).await?;
        self.job_changed(&mut transaction, &row.job, Why::default())
            .await?;
        transaction.commit().await?;
        Ok(true)
    }

    async fn call_off_by_gate(
        &self,
        id: &str,
        statement: &str,
        tell: &dyn Tell,
    ) -> Result<(), FleetError> {
        let why = Why {
            statement: Some(statement),
            ..Why::default()
        };
        self.call_itself_off(id, "ABORTED_BY_GATE", why, tell).await
    }

    /// Calls a job off without force, rolls it back where it says how, and ends in the same breath what it has queued.
    async fn call_itself_off(
        &self,
        id: &str,
        reason: &str,
        why: Why<'_>,
        tell: &dyn Tell,
    ) -> Result<(), FleetError> {
        let cancel = CancelJob {
            reason_code: Some(reason.to_owned()),
            ..CancelJob::default()
        };
        match self.call_off(id, cancel, why, true).await {
            // Somebody was faster.
            Err(FleetError::JobUnknown(_) | FleetError::Job(_)) => {}
            outcome => outcome?,
        }
        self.sweep_job(id, tell).await
    }

    /// Takes a job that is in progress a step further.
    async fn advance(&self, id: &str, tell: &dyn Tell) -> Result<(), FleetError> {
        let now = second(self.clock.now());
        let mut reader = self.store.readers().acquire().await?;
        let step = self.step(&mut reader, id, now).await?;
        drop(reader);
        let outcome = match step.map(|(_, step)| step) {
            None | Some(Step::Rest) => Ok(()),
            Some(Step::Tell(_)) => self.tell_targets(id, tell).await,
            Some(Step::Complete) => self.complete(id).await,
            Some(Step::CallOff(criterion)) => {
                let why = Why {
                    criterion: Some(&criterion),
                    ..Why::default()
                };
                self.call_itself_off(id, "ABORTED_BY_CRITERION", why, tell)
                    .await
            }
        };
        self.watches
            .change(id, |watch| watch.planned_at = Some(now));
        outcome
    }

    /// What is to be done for a job now, by what stands in the tables; nothing where it is not under way.
    async fn step(
        &self,
        connection: &mut Connection,
        id: &str,
        now: i64,
    ) -> Result<Option<(Row, Step)>, StoreError> {
        let row = store::one(connection, id).await?;
        let Some(mut row) = row.filter(Row::is_under_way) else {
            return Ok(None);
        };
        let numbers = store::numbers(connection, id).await?;
        let progress = row.progress(numbers, &self.watches.get(id), now);
        let step = decide(&mut row, &progress, now);
        Ok(Some((row, step)))
    }

    /// Tells as many of a job's targets as may be told now. It is decided once more, so that nobody is told of a job that was called off
    /// a moment ago.
    async fn tell_targets(&self, id: &str, tell: &dyn Tell) -> Result<(), FleetError> {
        let now = self.clock.now();
        let mut desk = self.desk(now).await?;
        let now = second(now);
        let step = self.step(desk.transaction.connection(), id, now).await?;
        let Some((mut row, Step::Tell(number))) = step else {
            return Ok(());
        };
        let things = store::waiting(desk.transaction.connection(), id, number).await?;
        let terms = std::sync::Arc::new(row.job.terms());
        for thing in &things {
            let change = desk.load(thing, Some(id)).await?.queue(id, &terms, now);
            desk.write(thing, change).await?;
            store::told(desk.transaction.connection(), id, thing, now).await?;
        }
        row.rollout.told(now, things.len() as u64);
        store::update(desk.transaction.connection(), &row).await?;
        desk.commit_and_tell(tell).await?;
        Ok(())
    }

    async fn complete(&self, id: &str) -> Result<(), FleetError> {
        let now = second(self.clock.now());
        let mut transaction = self.store.begin().await?;
        let step = self.step(transaction.connection(), id, now).await?;
        let Some((mut row, Step::Complete)) = step else {
            return Ok(());
        };
        row.job.complete(now)?;
        row.open = false;
        store::update(transaction.connection(), &row).await?;
        self.job_changed(&mut transaction, &row.job, Why::default())
            .await?;
        Ok(transaction.commit().await?)
    }
}

/// What is to be done; where the rollout stands is written into the row.
fn decide(row: &mut Row, progress: &Progress, now: i64) -> Step {
    let plan = plan(&row.job, progress, now);
    if let Some(criterion) = plan.abort {
        return Step::CallOff(*criterion);
    }
    let moved = plan.stage != row.rollout.stage;
    let queue = plan.queue;
    row.rollout.stage = plan.stage;
    if queue > 0 || moved {
        Step::Tell(queue)
    } else if is_complete(&row.job, progress) {
        Step::Complete
    } else {
        Step::Rest
    }
}

/// What came of something; the first error is kept.
fn keep<T: Default>(first: &mut Result<(), FleetError>, outcome: Result<T, FleetError>) -> T {
    match outcome {
        Ok(value) => value,
        Err(error) => {
            if first.is_ok() {
                *first = Err(error);
            }
            T::default()
        }
    }
}
