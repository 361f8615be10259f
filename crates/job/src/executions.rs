//! All that one thing has to do.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::details::{self, Details};
use crate::entry::Entry;
use crate::message::Message;
use crate::outlook::{self, Outlook};
use crate::retry::Retried;
use crate::status::Actor;
use crate::{Execution, JobStatus, Limits, Rejected, Status, Terms};

/// What tells an execution from the others of its thing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Key {
    /// Of which job.
    pub job: String,
    /// Its number among the executions of that job.
    pub number: u64,
}

/// What is to be written and told after something was done.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Change {
    /// Executions that are new or other than before, as they are now.
    pub changed: Vec<Execution>,
    /// Executions that are no more.
    pub deleted: Vec<Key>,
    /// What the thing is told of its list, after the answer if it asked for something.
    pub notifications: Vec<Message>,
}

/// Calls off one execution.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CancelExecution {
    /// Also where the device has begun.
    pub force: bool,
    /// The version that was seen; nothing where any will do.
    pub expected: Option<u64>,
    /// What is said beside the status; what was said before stays where nothing is.
    pub details: Option<Details>,
}

/// The executions of one thing, as they are loaded, worked on and written back.
///
/// Whatever is done here first does what time and the jobs demand: what has taken too long ends, and what a job that was called off
/// had queued is called off too. So no request ever finds an execution that should be over.
#[derive(Clone, Debug)]
pub struct Executions {
    thing: String,
    limits: Limits,
    entries: Vec<Entry>,
    deleted: Vec<Key>,
}

impl Executions {
    /// The executions of `thing`, each with the terms of its job, in the order in which they were queued. Those that have not ended
    /// must all be there, and those of the job that is asked about; others that have ended need not.
    #[must_use]
    pub fn new(
        thing: &str,
        rows: impl IntoIterator<Item = (Execution, Arc<Terms>)>,
        limits: &Limits,
    ) -> Self {
        let entry = |(execution, terms)| Entry {
            execution,
            terms,
            changed: false,
        };
        Self {
            thing: thing.to_owned(),
            limits: *limits,
            entries: rows.into_iter().map(entry).collect(),
            deleted: Vec::new(),
        }
    }

    /// Whose they are.
    #[must_use]
    pub fn thing(&self) -> &str {
        &self.thing
    }

    /// Each of them, in the order in which they were queued.
    pub fn iter(&self) -> impl Iterator<Item = &Execution> {
        self.entries.iter().map(|entry| &entry.execution)
    }

    /// Those that have not ended: first what is in progress, then what is queued, each in the order in which it was queued.
    #[must_use]
    pub fn pending(&self) -> Vec<&Execution> {
        self.line()
            .into_iter()
            .map(|entry| &entry.execution)
            .collect()
    }

    /// The one that the thing should work on.
    #[must_use]
    pub fn next(&self) -> Option<&Execution> {
        self.next_entry().map(|entry| &entry.execution)
    }

    /// The list as `…/jobs/notify` has it, for who wants it without a change.
    #[must_use]
    pub fn list_notification(&self, now: i64) -> Message {
        outlook::list(self, now)
    }

    /// The next execution as `…/jobs/notify-next` has it, for who wants it without a change.
    #[must_use]
    pub fn next_notification(&self, now: i64) -> Message {
        outlook::next(self, now)
    }

    /// Does what time and the jobs demand, and nothing else.
    pub fn settle(&mut self, now: i64) -> Change {
        self.step(now, |_| ()).1
    }

    /// Gives the thing something to do. While it has not ended with the job's last execution, and where the job is not in progress,
    /// there is no further one.
    pub fn queue(&mut self, job: &str, terms: &Arc<Terms>, now: i64) -> Change {
        self.step(now, |this| {
            let last = this.find(job, None).map(|entry| &entry.execution);
            let busy = last.is_some_and(|execution| !execution.status.is_terminal());
            if busy || terms.status != JobStatus::InProgress {
                return;
            }
            let number = last.map_or(1, |execution| execution.number + 1);
            let (retried, terms) = (Retried::default(), Arc::clone(terms));
            this.entries
                .push(Entry::queued(job, number, retried, terms, now));
        })
        .1
    }

    /// Calls off the last execution of `job`. It is not tried again.
    ///
    /// # Errors
    /// [`Rejected`] where there is none, where it has another version than the expected one, where it has ended, and where the device
    /// has begun and force was not asked for. Then nothing is to be written.
    pub fn cancel(
        &mut self,
        job: &str,
        cancel: &CancelExecution,
        now: i64,
    ) -> Result<Change, Rejected> {
        if let Some(details) = &cancel.details {
            details::check(details, &self.limits)?;
        }
        let by = if cancel.force {
            Actor::Force
        } else {
            Actor::Platform
        };
        let (result, change) = self.step(now, |this| {
            let entry = this.existing(job, None)?;
            entry.expect(cancel.expected)?;
            entry.go(Status::Canceled, by, cancel.details.clone(), now)
        });
        result.map(|_| change)
    }

    /// Ends the last execution of `job`, since the thing is no target of it any more. What has ended stays as it ended.
    pub fn remove(&mut self, job: &str, now: i64) -> Change {
        self.step(now, |this| {
            let entry = this.find_mut(job, None);
            entry.map(|entry| entry.go(Status::Removed, Actor::Platform, None, now))
        })
        .1
    }

    /// Deletes an execution.
    ///
    /// # Errors
    /// [`Rejected`] where there is no such execution, and where it has not ended and force was not asked for. Then nothing is to be
    /// written.
    pub fn delete(
        &mut self,
        job: &str,
        number: u64,
        force: bool,
        now: i64,
    ) -> Result<Change, Rejected> {
        let (result, change) = self.step(now, |this| {
            let Execution { status, .. } = this.existing(job, Some(number))?.execution;
            if !force && !status.is_terminal() {
                return Err(Rejected::job(format!(
                    "The execution is {status}; to delete it all the same takes force"
                )));
            }
            this.forget(|execution| execution.job == job && execution.number == number);
            Ok(())
        });
        result.map(|()| change)
    }

    /// Does `work` after what time and the jobs demand, and says what became of both.
    pub(crate) fn step<T>(&mut self, now: i64, work: impl FnOnce(&mut Self) -> T) -> (T, Change) {
        let before = Outlook::of(self);
        let gone: Vec<Key> = self
            .entries
            .extract_if(.., |entry| entry.is_gone())
            .map(|entry| entry.execution.key())
            .collect();
        self.deleted.extend(gone);
        let again: Vec<Entry> = self
            .entries
            .iter_mut()
            .filter_map(|entry| entry.demand(now))
            .collect();
        self.entries.extend(again);
        let result = work(self);
        let changed = self
            .entries
            .iter_mut()
            .filter_map(|entry| std::mem::take(&mut entry.changed).then(|| entry.execution.clone()))
            .collect();
        let change = Change {
            changed,
            deleted: std::mem::take(&mut self.deleted),
            notifications: before.notifications(self, now),
        };
        (result, change)
    }

    pub(crate) fn next_entry(&self) -> Option<&Entry> {
        self.line().into_iter().next()
    }

    /// Those with `status` that a list for the device has.
    pub(crate) fn listed(&self, status: Status) -> Vec<Value> {
        self.line()
            .into_iter()
            .take(self.limits.listed)
            .filter(|entry| entry.execution.status == status)
            .map(|entry| entry.execution.summary())
            .collect()
    }

    /// The execution of `job` with that number; the latest where none is said.
    pub(crate) fn find(&self, job: &str, number: Option<u64>) -> Option<&Entry> {
        self.entries
            .iter()
            .filter(|entry| is(entry, job, number))
            .max_by_key(|entry| entry.execution.number)
    }

    pub(crate) fn existing(
        &mut self,
        job: &str,
        number: Option<u64>,
    ) -> Result<&mut Entry, Rejected> {
        self.find_mut(job, number)
            .ok_or_else(|| Rejected::no_execution(job, number))
    }

    pub(crate) fn add(&mut self, entry: Option<Entry>) {
        self.entries.extend(entry);
    }

    fn find_mut(&mut self, job: &str, number: Option<u64>) -> Option<&mut Entry> {
        self.entries
            .iter_mut()
            .filter(|entry| is(entry, job, number))
            .max_by_key(|entry| entry.execution.number)
    }

    /// Who waits, the first first.
    fn line(&self) -> Vec<&Entry> {
        let mut line: Vec<_> = self
            .entries
            .iter()
            .filter(|entry| !entry.execution.status.is_terminal())
            .collect();
        line.sort_by_key(|entry| {
            let Execution {
                status, queued_at, ..
            } = entry.execution;
            (status != Status::InProgress, queued_at)
        });
        line
    }

    fn forget(&mut self, which: impl Fn(&Execution) -> bool) {
        let gone = self
            .entries
            .extract_if(.., |entry| which(&entry.execution))
            .map(|entry| entry.execution.key());
        self.deleted.extend(gone);
    }
}

fn is(entry: &Entry, job: &str, number: Option<u64>) -> bool {
    entry.execution.job == job && number.is_none_or(|number| entry.execution.number == number)
}
