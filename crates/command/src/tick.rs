//! What time does to commands.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use trunkline_model::Timestamp;
use trunkline_store::Transaction;

use crate::store::{self, Kept};
use crate::{CommandError, CommandStatus, Commands};

/// Commands that one transaction times out or takes away.
const PORTION: u32 = 200;
/// Portions of one tick; what is left is for the next.
const PORTIONS: usize = 20;
/// For how many microseconds a command is kept when it is over: 30 days.
const KEPT: i64 = 30 * 86_400 * 1_000_000;
/// For how many microseconds after the start nothing times out, unless the answers in the log were looked at before: a minute.
const CATCHING_UP: i64 = 60 * 1_000_000;
/// From one tick to the next.
const SECOND: Duration = Duration::from_secs(1);

impl Commands {
    /// Calls [`Commands::tick`] every second until `shutdown` is done.
    pub async fn maintain(self: Arc<Self>, shutdown: impl Future<Output = ()> + Send) {
        let mut shutdown = pin!(shutdown);
        loop {
            if let Err(error) = self.tick().await {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "commands to devices do not go on"
                );
            }
            tokio::select! {
                () = tokio::time::sleep(SECOND) => {}
                () = &mut shutdown => return,
            }
        }
    }

    /// Looks again at answers that could not be written down, ends what has run out of time, hands over what the broker has not taken, and
    /// takes away what was over long ago. To be called every second.
    ///
    /// # Errors
    /// [`CommandError::Store`] when the table cannot be read or written; the next tick goes on with it.
    pub async fn tick(&self) -> Result<(), CommandError> {
        self.look_again().await;
        let timed_out = self.time_out().await;
        // What fails with one must not keep the others waiting.
        let handed_over = self.hand_over_again().await;
        let swept = self.sweep().await;
        timed_out.and(handed_over).and(swept)
    }

    /// Whether all answers that came in time before the start were looked at, as far as anybody does.
    fn is_caught_up(&self) -> bool {
        self.caught_up.load(Ordering::Relaxed)
            || self.clock.now().micros_since(self.opened) >= CATCHING_UP
    }

    async fn time_out(&self) -> Result<(), CommandError> {
        if !self.is_caught_up() {
            return Ok(());
        }
        for _ in 0..PORTIONS {
            let now = self.clock.now();
            let mut reader = self.store.readers().acquire().await?;
            let any = store::due(&mut reader, now, 1).await?;
            drop(reader);
            if any.is_empty() {
                break;
            }
            let mut transaction = self.store.begin().await?;
            let mut due = store::due(transaction.connection(), now, PORTION).await?;
            // One whose answer waits to be written down was answered.
            due.retain(|kept| !self.unheard.has(kept.command.summary.id));
            if due.is_empty() {
                break;
            }
            for kept in &mut due {
                self.end_in_vain(&mut transaction, kept, now).await?;
            }
            transaction.commit().await?;
            for kept in &due {
                self.waiting.ended(&kept.command);
            }
        }
        Ok(())
    }

    /// Ends a command that was not answered in time.
    pub(crate) async fn end_in_vain(
        &self,
        transaction: &mut Transaction,
        kept: &mut Kept,
        now: Timestamp,
    ) -> Result<(), CommandError> {
        kept.end(CommandStatus::TimedOut, now);
        if kept.command.summary.delivered.is_none() {
            kept.command.summary.reason = Some("the broker never took it".into());
        }
        store::end(transaction.connection(), &kept.command).await?;
        self.put_timed_out(transaction, kept).await
    }

    async fn sweep(&self) -> Result<(), CommandError> {
        let before = self.clock.now().plus_micros(-KEPT);
        for _ in 0..PORTIONS {
            let mut reader = self.store.readers().acquire().await?;
            let any = store::any_over(&mut reader, before).await?;
            drop(reader);
            if !any {
                break;
            }
            let mut transaction = self.store.begin().await?;
            store::sweep(transaction.connection(), before, PORTION).await?;
            transaction.commit().await?;
        }
        Ok(())
    }
}
