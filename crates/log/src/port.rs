//! The seam of the log: the disk adapter here, a server's stream where one machine is outgrown.

use std::sync::Arc;

use async_trait::async_trait;

use crate::{Appended, Batch, Bounds, CursorState, LogError, Offset, Record};

/// A durable, totally ordered log of messages.
#[async_trait]
pub trait EventLog: Send + Sync + std::fmt::Debug {
    /// Appends a batch and returns once it is durable.
    ///
    /// Messages whose key lies in the de-duplication window are dropped; they too are durable when this returns. Dropping the
    /// future does not take the batch back.
    ///
    /// # Errors
    /// [`LogError`] when nothing of the batch was kept: the disk is full, the queue stayed full, the batch is too large, or the
    /// log is closed.
    async fn append(&self, batch: Batch) -> Result<Appended, LogError>;

    /// What the log holds now.
    fn bounds(&self) -> Bounds;

    /// The durable records from `from` on, in order, at most about `max_bytes` of them but at least one; empty at the end.
    ///
    /// The first record may begin before `from` where `from` lies inside it.
    ///
    /// # Errors
    /// [`LogError::Gone`] when retention has removed `from`; [`LogError::Corrupt`] when a record does not match its checksum.
    async fn read(&self, from: Offset, max_bytes: usize) -> Result<Vec<Record>, LogError>;

    /// The first offset at or after `from` that can be read; the log's end where there is none. Leads over a damaged record.
    ///
    /// # Errors
    /// As [`Self::read`], but never [`LogError::Corrupt`].
    async fn next_readable(&self, from: Offset) -> Result<Offset, LogError>;

    /// Returns once the log holds a durable message at or after `offset`.
    ///
    /// # Errors
    /// [`LogError::Closed`] when the log closes first.
    async fn wait_for(&self, offset: Offset) -> Result<(), LogError>;

    /// All named cursors.
    fn cursors(&self) -> Vec<CursorState>;

    /// Moves the named cursor to `offset`, durably, and makes it when there is none; it never moves back.
    ///
    /// # Errors
    /// [`LogError::Io`] when it cannot be written.
    async fn commit(&self, name: &str, offset: Offset, archiving: bool) -> Result<(), LogError>;

    /// Removes the named cursor, if there is one.
    ///
    /// # Errors
    /// [`LogError::Io`] when it cannot be written.
    async fn forget(&self, name: &str) -> Result<(), LogError>;

    /// Takes what was queued, makes it durable and refuses what comes after.
    async fn close(&self);
}

/// A reader that follows the log and waits at its end.
#[derive(Debug)]
pub struct Subscription {
    log: Arc<dyn EventLog>,
    next: Offset,
    max_bytes: usize,
}

impl Subscription {
    /// Follows `log` from `from`, taking about `max_bytes` at a time.
    #[must_use]
    pub fn new(log: Arc<dyn EventLog>, from: Offset, max_bytes: usize) -> Self {
        Self {
            log,
            next: from,
            max_bytes,
        }
    }

    /// The next records; waits for them at the end of the log.
    ///
    /// # Errors
    /// As [`EventLog::read`] and [`EventLog::wait_for`].
    pub async fn next(&mut self) -> Result<Vec<Record>, LogError> {
        loop {
            let records = self.log.read(self.next, self.max_bytes).await?;
            if let Some(last) = records.last() {
                self.next = last.next();
                return Ok(records);
            }
            self.log.wait_for(self.next).await?;
        }
    }

    /// Goes on at the first offset that can be read after a record that cannot; says which it is.
    ///
    /// # Errors
    /// As [`EventLog::next_readable`].
    pub async fn skip_damage(&mut self) -> Result<Offset, LogError> {
        self.next = self.log.next_readable(self.next).await?;
        Ok(self.next)
    }

    /// The offset that [`Self::next`] goes on from.
    #[must_use]
    pub const fn position(&self) -> Offset {
        self.next
    }
}
