//! Where executions are worked on: loaded for one thing after another, and written back with their events.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::json;
use trunkline_job::{Change, Execution, Executions, Limits, Terms};
use trunkline_model::{Event, IdGen, Timestamp, catalogue};
use trunkline_store::{StoreError, Transaction, outbox};

use super::fill::{Filler, told};
use super::{executions, second, store};
use crate::{Fleet, Tell, Told};

/// One change of executions. Nobody is told before it is committed.
#[derive(Debug)]
pub(crate) struct Desk<'a> {
    pub(crate) transaction: Transaction,
    ids: &'a dyn IdGen,
    now: Timestamp,
    pub(super) filler: &'a Filler,
    /// What executions must know of their jobs. The jobs do not change while this lasts.
    terms: HashMap<String, Arc<Terms>>,
    told: Vec<Told>,
}

impl Fleet {
    /// Begins a change of executions that happens at `now`.
    pub(crate) async fn desk(&self, now: Timestamp) -> Result<Desk<'_>, StoreError> {
        let transaction = self.store.begin().await?;
        Ok(Desk::new(transaction, (&*self.ids, &self.filler), now))
    }
}

impl<'a> Desk<'a> {
    pub(crate) fn new(
        transaction: Transaction,
        (ids, filler): (&'a dyn IdGen, &'a Filler),
        now: Timestamp,
    ) -> Self {
        Self {
            transaction,
            ids,
            now,
            filler,
            terms: HashMap::new(),
            told: Vec::new(),
        }
    }

    /// The second in which all of it happens.
    pub(super) const fn second(&self) -> i64 {
        second(self.now)
    }

    /// What a thing has to do, and all that it had to do for `job`.
    pub(super) async fn load(
        &mut self,
        thing: &str,
        job: Option<&str>,
    ) -> Result<Executions, StoreError> {
        let rows = executions::of_thing(self.transaction.connection(), thing, job).await?;
        let mut all = Vec::with_capacity(rows.len());
        for execution in rows {
            // The tables let no execution stand without its job.
            if let Some(terms) = self.terms(&execution.job).await? {
                all.push((execution, terms));
            }
        }
        Ok(Executions::new(thing, all, &Limits::default()))
    }

    async fn terms(&mut self, job: &str) -> Result<Option<Arc<Terms>>, StoreError> {
        if let Some(terms) = self.terms.get(job) {
            return Ok(Some(Arc::clone(terms)));
        }
        let row = store::one(self.transaction.connection(), job).await?;
        Ok(row.map(|row| {
            let terms = Arc::new(row.job.terms());
            self.terms.insert(job.to_owned(), Arc::clone(&terms));
            terms
        }))
    }

    /// Writes down what became of a thing's executions.
    pub(super) async fn write(&mut self, thing: &str, change: Change) -> Result<(), StoreError> {
        for execution in &change.changed {
            executions::put(self.transaction.connection(), thing, execution).await?;
            let event = self.changed(thing, execution)?;
            outbox::put(&mut self.transaction, &event).await?;
        }
        for key in &change.deleted {
            executions::remove(self.transaction.connection(), thing, key).await?;
        }
        let notifications = change.notifications.into_iter();
        let filled = notifications.map(|message| told(message, thing, self.filler));
        self.told.extend(filled);
        Ok(())
    }

    /// Does what time and the jobs demand of a thing's executions; whether anything changed.
    pub(super) async fn settle(&mut self, thing: &str) -> Result<bool, StoreError> {
        let change = self.load(thing, None).await?.settle(self.second());
        let changed = !change.changed.is_empty() || !change.deleted.is_empty();
        self.write(thing, change).await?;
        Ok(changed)
    }

    /// Ends what a thing has to do, since it goes; it is not told.
    pub(crate) async fn dismiss(&mut self, thing: &str) -> Result<(), StoreError> {
        let mut executions = self.load(thing, None).await?;
        let pending: Vec<String> = executions
            .pending()
            .iter()
            .map(|execution| execution.job.clone())
            .collect();
        for job in pending {
            let mut change = executions.remove(&job, self.second());
            change.notifications.clear();
            self.write(thing, change).await?;
        }
        Ok(())
    }

    fn changed(&self, thing: &str, execution: &Execution) -> Result<Event, StoreError> {
        let data = json!({
            "job": execution.job, "thing": thing, "number": execution.number, "status": execution.status,
            "version": execution.version, "details": execution.details,
        });
        let kind = catalogue::FLEET_JOB_EXECUTION_CHANGED;
        Ok(Event::platform(
            "fleet", kind, thing, self.now, self.ids, &data,
        )?)
    }

    /// Makes all of it durable; what is to be told now.
    pub(crate) async fn commit(self) -> Result<Vec<Told>, StoreError> {
        self.transaction.commit().await?;
        Ok(self.told)
    }
}

impl Desk<'_> {
    /// Makes all of it durable, and then tells.
    pub(super) async fn commit_and_tell(self, tell: &dyn Tell) -> Result<(), StoreError> {
        let told = self.commit().await?;
        if !told.is_empty() {
            tell.tell(told);
        }
        Ok(())
    }
}
