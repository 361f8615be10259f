//! What a long-lived process does beside answering: noticing changes by others, writing events, rotating keys, tidying up.

use std::future::Future;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use tokio::time::MissedTickBehavior;
use trunkline_model::Event;
use trunkline_store::outbox;

use super::issuer::{DAY, Issuer, MINUTE};
use crate::IssuerError;
use crate::store::code::remove_old_codes;
use crate::store::device::remove_old_devices;
use crate::store::grant::{remove_old_grants, remove_old_tokens};
use crate::store::refresh::remove_old_refreshes;

/// How often events are written and changes of others are noticed.
const ROUND: Duration = Duration::from_millis(250);
/// Rounds between two looks at the keys and two tidyings: ten minutes.
const ROUNDS_TO_TIDY: u64 = 4 * 600;
/// Events that wait at most; the next one writes them all.
pub(super) const MAX_WAITING: usize = 256;
/// Microseconds for which a used refresh token is remembered, so that its second use is noticed.
const REUSE_MEMORY: i64 = 7 * DAY;

impl Issuer {
    /// Keeps keys, memory and tables in order until `shutdown` is done; then it writes the last events.
    pub async fn maintain(self: Arc<Self>, shutdown: impl Future<Output = ()> + Send) {
        tokio::select! {
            () = self.keep() => {}
            () = shutdown => {}
        }
        complain(self.write_events().await);
    }

    async fn keep(&self) {
        let mut ticks = tokio::time::interval(ROUND);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut round = 0_u64;
        loop {
            ticks.tick().await;
            complain(self.write_events().await);
            complain(self.refresh().await);
            if round.is_multiple_of(ROUNDS_TO_TIDY) {
                complain(self.keep_keys().await);
                complain(self.tidy().await);
            }
            round = round.wrapping_add(1);
        }
    }

    /// Keeps the event of a token that changed no row until [`Self::write_events`], since a write to the disk for each would be most
    /// of the work. A crash loses what came in the last quarter of a second.
    pub(super) async fn record_later(&self, event: Event) -> Result<(), IssuerError> {
        let full = {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            waiting.push(event);
            waiting.len() >= MAX_WAITING
        };
        if full {
            self.write_events().await
        } else {
            Ok(())
        }
    }

    /// Writes the events that wait.
    ///
    /// # Errors
    /// [`IssuerError::Store`] when they cannot be written; they wait on, the newest of them up to a bound.
    pub async fn write_events(&self) -> Result<(), IssuerError> {
        let events =
            std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        if events.is_empty() {
            return Ok(());
        }
        let written = self.write(&events).await;
        if written.is_err() {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            waiting.extend(events);
            waiting.truncate(16 * MAX_WAITING);
        }
        written
    }

    async fn write(&self, events: &[Event]) -> Result<(), IssuerError> {
        let mut transaction = self.store.begin().await?;
        for event in events {
            outbox::put(&mut transaction, event).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Removes what is of no more use.
    ///
    /// # Errors
    /// [`IssuerError::Store`] when it cannot be written.
    pub async fn tidy(&self) -> Result<(), IssuerError> {
        let now = self.now();
        let idle = i64::from(self.config.refresh_idle_days) * DAY;
        let longest = i64::from(self.config.refresh_max_days) * DAY;
        let mut transaction = self.store.begin().await?;
        let connection = transaction.connection();
        // A used code is kept for a day: its second use must still find the tokens that came from it.
        remove_old_codes(connection, now.plus_micros(-DAY)).await?;
        let device = i64::from(self.config.device_code_minutes) * MINUTE;
        remove_old_devices(connection, now.plus_micros(-2 * device)).await?;
        remove_old_refreshes(
            connection,
            now.plus_micros(-REUSE_MEMORY),
            now.plus_micros(-idle),
        )
        .await?;
        remove_old_grants(connection, now.plus_micros(-DAY), now.plus_micros(-longest)).await?;
        remove_old_tokens(connection, now).await?;
        transaction.commit().await?;
        self.reload().await
    }
}

fn complain(result: Result<(), IssuerError>) {
    if let Err(error) = result {
        let cause = std::error::Error::source(&error)
            .map(ToString::to_string)
            .unwrap_or_default();
        tracing::warn!(%error, cause, "the clients and grants cannot be kept up to date");
    }
}
