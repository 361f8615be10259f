//! Making, looking at, calling off and deleting jobs.

use std::collections::BTreeSet;

use serde_json::json;
use trunkline_job::{
    AbortCriterion, CancelExecution, CancelJob, Document, Job, JobStatus, Limits, Status,
};
use trunkline_model::{Event, catalogue};
use trunkline_store::{Transaction, outbox};

use super::model::{ExecutionPage, ExecutionShown, JobPage, JobShown, NewJob};
use super::row::Row;
use super::{executions, second, store};
use crate::{Fleet, FleetError, Tell, Told};

/// Jobs that are not over, at the most.
const OPEN: i64 = 100;
/// Jobs at the most, those that are over counted too.
const JOBS: i64 = 10_000;
/// Groups that one job may have for targets.
const GROUPS: usize = 10;
/// The most entries of one page.
const PAGE: u32 = 1_000;

/// Why a job changes, for its event.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Why<'a> {
    /// Who wanted it; empty where it was the platform.
    pub(super) by: &'a str,
    /// The statement that held.
    pub(super) statement: Option<&'a str>,
    /// The criterion that was met.
    pub(super) criterion: Option<&'a AbortCriterion>,
    /// What devices are to do, where the job is new.
    pub(super) document: Option<&'a Document>,
    /// Whether it is gone.
    pub(super) removed: bool,
}

impl<'a> Why<'a> {
    pub(super) fn by(by: &'a str) -> Self {
        Self {
            by,
            ..Self::default()
        }
    }
}

impl Fleet {
    /// Makes a job. Its targets are told by [`Fleet::tick`].
    ///
    /// # Errors
    /// [`FleetError`] where there is one of its id, where it breaks a rule, where a thing or a group is unknown, where a group's statement
    /// cannot be evaluated, and where there are too many jobs.
    pub async fn create_job(&self, wanted: NewJob, by: &str) -> Result<JobShown, FleetError> {
        let now = second(self.clock.now());
        let (id, definition, groups, rollback) = wanted.split();
        let (job, things) = Job::create(&id, definition, &Limits::default(), now)?;
        if let Some(document) = &rollback {
            document.check(&Limits::default())?;
        }
        let gates = job.gates.iter();
        let gates = gates.flat_map(|gates| [&gates.advance, &gates.abort]);
        for statement in gates.flatten() {
            self.check_statement(statement)?;
        }
        self.check_groups(&groups).await?;
        if things.is_empty() && groups.is_empty() {
            return Err(FleetError::JobInvalid(
                "a job has at least one target".into(),
            ));
        }
        let begins = job.status == JobStatus::InProgress;
        let resolved = if begins {
            self.things_of_groups(&groups).await?
        } else {
            Vec::new()
        };
        let row = Row {
            job,
            groups,
            resolved_at: begins.then_some(now),
            rollout: Default::default(),
            failed: Default::default(),
            open: true,
            rollback,
            rolls_back: None,
        };
        let mut transaction = self.store.begin().await?;
        let (all, open) = store::number(transaction.connection()).await?;
        if open >= OPEN || all >= JOBS {
            return Err(FleetError::Full(format!(
                "there are {open} jobs that are not over, at most {OPEN}, and {all} in all, at most {JOBS}"
            )));
        }
        // Within the transaction, so that nothing that it names goes meanwhile.
        for document in row.rollback.iter().chain([&row.job.document]) {
            self.check_document(document)?;
        }
        if !store::insert(transaction.connection(), &row).await? {
            return Err(FleetError::JobExists(id));
        }
        add_named(&mut transaction, &id, &things).await?;
        store::add_targets(transaction.connection(), &id, &resolved, false).await?;
        let why = Why {
            document: Some(&row.job.document),
            ..Why::by(by)
        };
        self.job_changed(&mut transaction, &row.job, why).await?;
        transaction.commit().await?;
        self.job(&id).await
    }

    async fn check_groups(&self, groups: &[String]) -> Result<(), FleetError> {
        if groups.len() > GROUPS {
            return Err(FleetError::JobInvalid(format!(
                "the job has {} groups for targets, at most {GROUPS}",
                groups.len()
            )));
        }
        let mut seen = BTreeSet::new();
        for group in groups {
            if !seen.insert(group) {
                return Err(FleetError::JobInvalid(format!(
                    "target group:{group} is named twice"
                )));
            }
            self.group(group).await?;
        }
        Ok(())
    }

    /// Writes the event of a job that has changed.
    pub(super) async fn job_changed(
        &self,
        transaction: &mut Transaction,
        job: &Job,
        why: Why<'_>,
    ) -> Result<(), FleetError> {
        let data = json!({
            "job": job.id, "status": job.status, "forced": job.forced, "reason": job.reason, "comment": job.comment,
            "document": why.document, "statement": why.statement, "criterion": why.criterion, "removed": why.removed, "by": why.by,
        });
        let kind = catalogue::FLEET_JOB_CHANGED;
        let now = self.clock.now();
        let event = Event::platform("fleet", kind, &job.id, now, &*self.ids, &data)?;
        Ok(outbox::put(transaction, &event).await?)
    }

    /// Jobs from the newest to the oldest, at most `count`, after where an earlier page ended.
    ///
    /// # Errors
    /// [`FleetError::Store`] when they cannot be read.
    pub async fn jobs(
        &self,
        status: Option<JobStatus>,
        after: &str,
        count: u32,
    ) -> Result<JobPage, FleetError> {
        let count = count.clamp(1, PAGE);
        let after = split(after)?.map(|(id, at)| (at, id));
        let mut reader = self.store.readers().acquire().await?;
        let status = status.map(JobStatus::as_str);
        let jobs = store::page(&mut reader, status, after, count + 1).await?;
        let (jobs, more) = cut(jobs, count);
        let next = jobs
            .last()
            .filter(|_| more)
            .map(|job| format!("{}/{}", job.id, job.created_at));
        Ok(JobPage {
            jobs: jobs.into_iter().map(Into::into).collect(),
            next,
        })
    }

    /// One job, and how far it is.
    ///
    /// # Errors
    /// [`FleetError::JobUnknown`] where there is none of this id.
    pub async fn job(&self, id: &str) -> Result<JobShown, FleetError> {
        let mut reader = self.store.readers().acquire().await?;
        let row = store::one(&mut reader, id).await?;
        let row = row.ok_or_else(|| FleetError::JobUnknown(id.into()))?;
        let numbers = store::numbers(&mut reader, id).await?;
        Ok(JobShown::of(row, numbers, &self.watches.get(id)))
    }

    /// The things that a job names as its targets, in their order; those of its groups are not among them.
    ///
    /// # Errors
    /// [`FleetError::Store`] when they cannot be read.
    pub async fn named_targets(&self, job: &str) -> Result<Vec<String>, FleetError> {
        let mut reader = self.store.readers().acquire().await?;
        Ok(store::targets(&mut reader, job, true).await?)
    }

    /// Calls a job off: nobody is told of it any more, and nobody begins. With force those who have begun are called off too.
    ///
    /// # Errors
    /// [`FleetError::JobUnknown`]; others where it is over, and where a reason or a comment cannot be kept.
    pub async fn cancel_job(
        &self,
        id: &str,
        cancel: CancelJob,
        by: &str,
        tell: &dyn Tell,
    ) -> Result<JobShown, FleetError> {
        self.call_off(id, cancel, Why::by(by), false).await?;
        self.sweep_job(id, tell).await?;
        self.job(id).await
    }

    /// Calls a job off, and leaves its executions to be swept. With `roll_back` those who have begun get the document that rolls it back,
    /// where it has one.
    pub(super) async fn call_off(
        &self,
        id: &str,
        cancel: CancelJob,
        why: Why<'_>,
        roll_back: bool,
    ) -> Result<(), FleetError> {
        let now = second(self.clock.now());
        let mut transaction = self.store.begin().await?;
        let row = store::one(transaction.connection(), id).await?;
        let mut row = row.ok_or_else(|| FleetError::JobUnknown(id.into()))?;
        row.job.cancel(cancel, now)?;
        row.open = true;
        if roll_back && let Some(document) = row.rollback.clone() {
            self.roll_back_itself(&mut transaction, &mut row, document)
                .await?;
        }
        store::update(transaction.connection(), &row).await?;
        self.job_changed(&mut transaction, &row.job, why).await?;
        Ok(transaction.commit().await?)
    }

    /// Deletes a job and its executions; one that is not over only with force.
    ///
    /// # Errors
    /// [`FleetError::JobUnknown`]; others where it is not over and force was not asked for.
    pub async fn delete_job(
        &self,
        id: &str,
        force: bool,
        by: &str,
        tell: &dyn Tell,
    ) -> Result<(), FleetError> {
        let now = second(self.clock.now());
        let mut transaction = self.store.begin().await?;
        let row = store::one(transaction.connection(), id).await?;
        let mut row = row.ok_or_else(|| FleetError::JobUnknown(id.into()))?;
        row.job.delete(force, now)?;
        row.open = true;
        store::update(transaction.connection(), &row).await?;
        self.job_changed(&mut transaction, &row.job, Why::by(by))
            .await?;
        transaction.commit().await?;
        self.sweep_job(id, tell).await
    }

    /// Executions of a job in the order of things, at most `count`, after where an earlier page ended.
    ///
    /// # Errors
    /// [`FleetError::JobUnknown`] where there is no such job.
    pub async fn executions(
        &self,
        job: &str,
        status: Option<Status>,
        after: &str,
        count: u32,
    ) -> Result<ExecutionPage, FleetError> {
        let count = count.clamp(1, PAGE);
        let after = split(after)?.unwrap_or(("", 0));
        let mut reader = self.store.readers().acquire().await?;
        if store::one(&mut reader, job).await?.is_none() {
            return Err(FleetError::JobUnknown(job.into()));
        }
        let all = executions::page_of_job(&mut reader, job, status, after, count + 1).await?;
        let (executions, more) = cut(all, count);
        let next = executions
            .last()
            .filter(|_| more)
            .map(|last| format!("{}/{}", last.thing_name, last.execution_number));
        Ok(ExecutionPage { executions, next })
    }

    /// Executions of all jobs in the order in which they were queued, at most `count`, after the one of that place; each with its place.
    ///
    /// # Errors
    /// [`FleetError::Store`] when they cannot be read.
    pub async fn all_executions(
        &self,
        after: i64,
        count: u32,
    ) -> Result<Vec<(i64, ExecutionShown)>, FleetError> {
        let mut reader = self.store.readers().acquire().await?;
        Ok(executions::all_after(&mut reader, after, count).await?)
    }

    /// What a thing has and had to do, the newest first, at most `count`, after where an earlier page ended.
    ///
    /// # Errors
    /// [`FleetError::ThingUnknown`] where there is no such thing.
    pub async fn executions_of(
        &self,
        thing: &str,
        after: &str,
        count: u32,
    ) -> Result<ExecutionPage, FleetError> {
        let count = count.clamp(1, PAGE);
        let before = match after {
            "" => i64::MAX,
            after => after.parse().map_err(|_| FleetError::Page)?,
        };
        self.thing(thing).await?;
        let mut reader = self.store.readers().acquire().await?;
        let all = executions::page_of_thing(&mut reader, thing, before, count + 1).await?;
        let (all, more) = cut(all, count);
        let next = all
            .last()
            .filter(|_| more)
            .map(|(place, _)| place.to_string());
        let executions = all.into_iter().map(|(_, execution)| execution).collect();
        Ok(ExecutionPage { executions, next })
    }

    /// Calls off the latest execution of a job by a thing; it is not tried again. What is to be told follows.
    ///
    /// # Errors
    /// [`FleetError::JobUnknown`] where there is none; others where it has ended or another version, and where the device has begun and
    /// force was not asked for.
    pub async fn cancel_execution(
        &self,
        job: &str,
        thing: &str,
        cancel: &CancelExecution,
    ) -> Result<Vec<Told>, FleetError> {
        let now = self.clock.now();
        let mut desk = self.desk(now).await?;
        let mut executions = desk.load(thing, Some(job)).await?;
        let change = executions.cancel(job, cancel, second(now))?;
        desk.write(thing, change).await?;
        Ok(desk.commit().await?)
    }
}

/// Puts the things that a job names among its targets.
async fn add_named(
    transaction: &mut Transaction,
    job: &str,
    things: &[String],
) -> Result<(), FleetError> {
    let connection = transaction.connection();
    let added = store::add_targets(connection, job, things, true).await?;
    if added == things.len() as u64 {
        return Ok(());
    }
    for thing in things {
        if !store::has_target(transaction.connection(), job, thing).await? {
            return Err(FleetError::ThingUnknown(thing.clone()));
        }
    }
    Ok(())
}

/// A name and a number out of what says where a page ended.
fn split(after: &str) -> Result<Option<(&str, i64)>, FleetError> {
    if after.is_empty() {
        return Ok(None);
    }
    let (name, number) = after.split_once('/').ok_or(FleetError::Page)?;
    let number = number.parse().map_err(|_| FleetError::Page)?;
    Ok(Some((name, number)))
}

/// The first `count`, and whether there were more.
fn cut<T>(mut all: Vec<T>, count: u32) -> (Vec<T>, bool) {
    let more = all.len() > count as usize;
    all.truncate(count as usize);
    (all, more)
}
