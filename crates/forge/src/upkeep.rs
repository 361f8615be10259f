//! Forgetting what is old.

use std::sync::Arc;
use std::time::Duration;

use trunkline_model::Timestamp;

use crate::{Forge, ForgeError, store};

/// How often it is looked for what is old.
const RHYTHM: Duration = Duration::from_secs(3_600);
/// A day in microseconds.
const DAY: i64 = 86_400_000_000;

impl Forge {
    /// Removes the runs and logs that are older than the configuration keeps them, and green keys that nobody needed for as long: their tasks run
    /// again where they are needed after all.
    ///
    /// # Errors
    /// [`ForgeError`] where the tables cannot be written.
    pub async fn forget_old(&self) -> Result<(), ForgeError> {
        let age = i64::from(self.config.keep_logs_days) * DAY;
        let then = Timestamp::from_micros(self.clock.now().as_micros() - age);
        loop {
            let mut transaction = self.store.begin().await?;
            let removed = store::remove_old_runs(transaction.connection(), then).await?;
            store::forget_old(transaction.connection(), then).await?;
            transaction.commit().await?;
            for run in &removed {
                self.logs.remove(run);
            }
            if removed.is_empty() {
                return Ok(());
            }
        }
    }

    /// Does so again and again, until it is dropped.
    pub async fn keep_tidy(self: Arc<Self>) {
        loop {
            if let Err(error) = self.forget_old().await {
                tracing::warn!(%error, "what is old in the forge stays");
            }
            tokio::time::sleep(RHYTHM).await;
        }
    }
}
