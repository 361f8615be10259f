//! What a long-lived process does beside answering: noticing revocations by others, writing down uses, tidying up.

use std::future::Future;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use tokio::time::MissedTickBehavior;

use super::Access;
use super::access::Uses;
use crate::AccessError;
use crate::store::{
    epoch, remove_old_codes, remove_old_links, remove_old_sessions, touch_account, touch_session,
    touch_token,
};
use trunkline_proof::Purpose;

/// How often the tables are asked whether a credential was taken back.
const ROUND: Duration = Duration::from_millis(250);

/// Rounds between two readings of the teams' names: a second.
const ROUNDS_TO_NAME: u64 = 4;

/// Rounds between two writings of uses: 5 s.
const ROUNDS_TO_WRITE: u64 = 20;

/// Rounds between two removals of what is of no more use: an hour.
const ROUNDS_TO_TIDY: u64 = 4 * 3600;

impl Access {
    /// Keeps the cache right and the tables tidy until `shutdown` is done; then it writes down the last uses.
    pub async fn maintain(self: Arc<Self>, shutdown: impl Future<Output = ()> + Send) {
        tokio::select! {
            () = self.keep() => {}
            () = shutdown => {}
        }
        complain(self.write_uses().await);
    }

    async fn keep(&self) {
        let mut ticks = tokio::time::interval(ROUND);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut round = 0_u64;
        loop {
            ticks.tick().await;
            complain(self.refresh().await);
            if round.is_multiple_of(ROUNDS_TO_NAME) {
                complain(self.read_team_names().await);
            }
            if round.is_multiple_of(ROUNDS_TO_WRITE) {
                complain(self.write_uses().await);
            }
            if round.is_multiple_of(ROUNDS_TO_TIDY) {
                complain(self.tidy().await);
            }
            round = round.wrapping_add(1);
        }
    }

    /// Compares the cache with the tables. Until the next time it is due, a known credential needs no statement.
    ///
    /// # Errors
    /// [`AccessError::Store`] when the tables cannot be read; the cache is then soon no longer believed.
    pub async fn refresh(&self) -> Result<(), AccessError> {
        let asked = Instant::now();
        let now = epoch(self.store.readers()).await?;
        if self.epoch.swap(now, Ordering::AcqRel) != now {
            self.cache.clear();
        }
        self.cache.believe(asked);
        Ok(())
    }

    /// Writes down when tokens and sessions were last used.
    ///
    /// # Errors
    /// [`AccessError::Store`] when it cannot be written; it is kept for the next time.
    pub async fn write_uses(&self) -> Result<(), AccessError> {
        let uses = std::mem::take(&mut *self.uses.lock().unwrap_or_else(PoisonError::into_inner));
        let written = self.write(&uses).await;
        if written.is_err() {
            let mut newer = self.uses.lock().unwrap_or_else(PoisonError::into_inner);
            for (key, at) in uses {
                newer.entry(key).or_insert(at);
            }
        }
        written
    }

    async fn write(&self, uses: &Uses) -> Result<(), AccessError> {
        if uses.is_empty() {
            return Ok(());
        }
        let mut transaction = self.store.begin().await?;
        for ((purpose, id), at) in uses {
            match purpose {
                Purpose::Session => {
                    touch_session(transaction.connection(), id, *at).await?;
                    touch_account(transaction.connection(), id, *at).await?;
                }
                _ => touch_token(transaction.connection(), id, *at).await?,
            }
        }
        Ok(transaction.commit().await?)
    }

    /// Removes sessions and links that are of no more use. Revoked tokens stay, since events name them.
    ///
    /// # Errors
    /// [`AccessError::Store`] when it cannot be written.
    pub async fn tidy(&self) -> Result<(), AccessError> {
        let now = self.clock.now();
        let seen = now.plus_micros(self.lifetimes.idle.saturating_neg());
        let made = now.plus_micros(self.lifetimes.longest.saturating_neg());
        let mut transaction = self.store.begin().await?;
        remove_old_sessions(transaction.connection(), seen, made).await?;
        remove_old_links(transaction.connection(), now).await?;
        remove_old_codes(transaction.connection(), now).await?;
        Ok(transaction.commit().await?)
    }
}

fn complain(result: Result<(), AccessError>) {
    if let Err(error) = result {
        let cause = std::error::Error::source(&error)
            .map(ToString::to_string)
            .unwrap_or_default();
        tracing::warn!(%error, cause, "the accounts and tokens cannot be kept up to date");
    }
}
