//! One execution with what its job says of it.

use std::sync::Arc;

use crate::details::Details;
use crate::retry::Retried;
use crate::status::Actor;
use crate::{Execution, JobStatus, Rejected, Status, Terms};

/// An execution in the list of its thing.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) execution: Execution,
    pub(crate) terms: Arc<Terms>,
    /// Whether it is to be written.
    pub(crate) changed: bool,
}

impl Entry {
    /// A new one, which nobody has begun.
    pub(crate) fn queued(
        job: &str,
        number: u64,
        retried: Retried,
        terms: Arc<Terms>,
        now: i64,
    ) -> Self {
        Self {
            execution: Execution::queued(job, number, retried, now),
            terms,
            changed: true,
        }
    }

    /// Whether the job is being deleted.
    pub(crate) fn is_gone(&self) -> bool {
        self.terms.status == JobStatus::DeletionInProgress
    }

    /// Whether it has the version that somebody has seen.
    pub(crate) fn expect(&self, expected: Option<u64>) -> Result<(), Rejected> {
        match expected {
            Some(expected) if expected != self.execution.version => {
                Err(Rejected::version(expected, &self.execution))
            }
            _ => Ok(()),
        }
    }

    /// Takes it to `next`. Where it is to be tried again, the further execution comes back.
    pub(crate) fn go(
        &mut self,
        next: Status,
        by: Actor,
        details: Option<Details>,
        now: i64,
    ) -> Result<Option<Self>, Rejected> {
        let execution = &mut self.execution;
        if !execution.status.may_become(next, by) {
            return Err(Rejected::transition(execution, next));
        }
        execution.forced = next == Status::Canceled && execution.status == Status::InProgress;
        execution.become_status(next, &self.terms, now);
        if let Some(details) = details {
            execution.details = details;
        }
        self.changed = true;
        Ok(self.again(now))
    }

    /// What time and the job demand; where it is to be tried again, the further execution comes back.
    pub(crate) fn demand(&mut self, now: i64) -> Option<Self> {
        let off = self.terms.status == JobStatus::Canceled;
        let (next, by) = match self.execution.status {
            Status::Queued if off => (Status::Canceled, Actor::Platform),
            Status::InProgress if off && self.terms.forced => (Status::Canceled, Actor::Force),
            Status::InProgress if self.execution.due().is_some_and(|due| due <= now) => {
                (Status::TimedOut, Actor::Platform)
            }
            _ => return None,
        };
        // The platform may do each of the three.
        self.go(next, by, None, now).ok().flatten()
    }

    fn again(&self, now: i64) -> Option<Self> {
        if self.terms.status != JobStatus::InProgress {
            return None;
        }
        let Execution {
            job,
            number,
            retried,
            status,
            ..
        } = &self.execution;
        let retried = self.terms.retry.next(*retried, *status)?;
        Some(Self::queued(
            job,
            number + 1,
            retried,
            Arc::clone(&self.terms),
            now,
        ))
    }
}
