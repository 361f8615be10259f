//! One change: all of it, or nothing.

use std::fmt;
use std::sync::Arc;

use tokio::sync::Notify;

use crate::{Connection, StoreError};

/// A change under way. Dropped without [`Self::commit`], it never happened.
pub struct Transaction {
    inner: sqlx::Transaction<'static, sqlx::Sqlite>,
    committed: Arc<Notify>,
}

impl fmt::Debug for Transaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transaction").finish_non_exhaustive()
    }
}

impl Transaction {
    pub(crate) fn new(
        inner: sqlx::Transaction<'static, sqlx::Sqlite>,
        committed: Arc<Notify>,
    ) -> Self {
        Self { inner, committed }
    }

    /// The connection to run statements on.
    pub fn connection(&mut self) -> &mut Connection {
        &mut self.inner
    }

    /// Makes the change durable and wakes the outbox.
    ///
    /// # Errors
    /// [`StoreError`] when it could not be written; then it never happened.
    pub async fn commit(self) -> Result<(), StoreError> {
        self.inner.commit().await?;
        self.committed.notify_one();
        Ok(())
    }
}
