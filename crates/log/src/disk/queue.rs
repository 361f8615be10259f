//! The queue between callers and the writer thread.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::codec::Encoded;
use crate::{Appended, DedupeKey, LogError, Record};

/// A batch on its way to the disk.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) record: Record,
    pub(super) keys: Vec<DedupeKey>,
    pub(super) encoded: Encoded,
    pub(super) done: oneshot::Sender<Result<Appended, LogError>>,
    /// Its share of the queue's bytes, given back when the job is dropped.
    pub(super) room: OwnedSemaphorePermit,
}

/// What a group waits for once it has a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Patience {
    /// How many jobs are enough.
    pub(super) jobs: usize,
    /// How long it waits for them at the most.
    pub(super) time: Duration,
}

/// Jobs in the order of their arrival. Its bound lies in the permits that the jobs carry.
#[derive(Debug, Default)]
pub(super) struct Queue {
    waiting: Mutex<Waiting>,
    filled: Condvar,
}

#[derive(Debug, Default)]
struct Waiting {
    jobs: VecDeque<Job>,
    /// How many jobs the writer sleeps for; nobody needs to wake it for fewer.
    wanted: usize,
    closed: bool,
}

impl Queue {
    /// Hands a job in; false when the queue is closed.
    pub(super) fn push(&self, job: Job) -> bool {
        let mut waiting = self.lock();
        if waiting.closed {
            return false;
        }
        waiting.jobs.push_back(job);
        let wake = waiting.jobs.len() == waiting.wanted;
        drop(waiting);
        if wake {
            self.filled.notify_one();
        }
        true
    }

    /// Waits for jobs and takes them, about `bytes` of encoded records; none when the queue is closed and empty.
    ///
    /// Once there is a job it waits for more, as `patience` says of how many there are already.
    pub(super) fn take(
        &self,
        bytes: usize,
        patience: impl FnOnce(usize) -> Patience,
    ) -> Option<Vec<Job>> {
        let mut waiting = self.lock();
        let Patience {
            jobs: expected,
            time: linger,
        } = patience(waiting.jobs.len());
        waiting.wanted = 1;
        while waiting.jobs.is_empty() {
            if waiting.closed {
                return None;
            }
            waiting = self
                .filled
                .wait(waiting)
                .unwrap_or_else(PoisonError::into_inner);
        }
        if waiting.jobs.len() < expected {
            waiting.wanted = expected;
            (waiting, _) = self
                .filled
                .wait_timeout_while(waiting, linger, |waiting| {
                    waiting.jobs.len() < expected && !waiting.closed
                })
                .unwrap_or_else(PoisonError::into_inner);
        }
        waiting.wanted = 0;
        let mut room = bytes;
        let count = waiting
            .jobs
            .iter()
            .take_while(|job| {
                let fits = room > 0;
                room = room.saturating_sub(job.encoded.bytes.len());
                fits
            })
            .count();
        Some(waiting.jobs.drain(..count).collect())
    }

    /// Takes no more jobs.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.filled.notify_all();
    }

    /// Takes no more jobs and drops those that wait.
    pub(super) fn abandon(&self) {
        self.close();
        let jobs = std::mem::take(&mut self.lock().jobs);
        drop(jobs);
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
