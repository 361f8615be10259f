//! What a thing is told of its list when it changes.

use std::collections::BTreeSet;

use crate::message::{Builder, Message};
use crate::topic::{notify, notify_next};
use crate::{Execution, Executions, Key, Status};

/// What of the list is worth telling when it changes: which executions have not ended, and which of them is the next. How far one is,
/// is not.
#[derive(Debug)]
pub(crate) struct Outlook {
    pending: BTreeSet<Key>,
    next: Option<Key>,
}

impl Outlook {
    pub(crate) fn of(executions: &Executions) -> Self {
        let pending = executions.pending();
        Self {
            next: pending.first().map(|next| next.key()),
            pending: pending.into_iter().map(Execution::key).collect(),
        }
    }

    /// What is to be told of the list as it is, where it was like this before.
    pub(crate) fn notifications(&self, executions: &Executions, now: i64) -> Vec<Message> {
        let after = Self::of(executions);
        let mut told = Vec::new();
        if after.pending != self.pending {
            told.push(list(executions, now));
        }
        if after.next != self.next {
            told.push(next(executions, now));
        }
        told
    }
}

/// The list as `…/jobs/notify` has it: only those states in which there is an execution.
pub(crate) fn list(executions: &Executions, now: i64) -> Message {
    let mut jobs = Builder::default();
    for status in [Status::InProgress, Status::Queued] {
        let summaries = executions.listed(status);
        if !summaries.is_empty() {
            jobs = jobs.with(status.as_str(), summaries);
        }
    }
    Message {
        topic: notify(executions.thing()),
        document: Builder::default()
            .with("timestamp", now)
            .with("jobs", jobs.done())
            .done(),
    }
}

/// The next execution as `…/jobs/notify-next` has it; nothing but the time where there is none.
pub(crate) fn next(executions: &Executions, now: i64) -> Message {
    let execution = executions
        .next_entry()
        .map(|entry| entry.execution.whole(None, Some(&entry.terms), now));
    Message {
        topic: notify_next(executions.thing()),
        document: Builder::default()
            .with("timestamp", now)
            .maybe("execution", execution)
            .done(),
    }
}
