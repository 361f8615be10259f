//! Setting a password: one's own, or with a reset link.

use std::sync::Arc;
use std::time::Instant;

use trunkline_model::{Principal, Timestamp};
use trunkline_store::Transaction;
use trunkline_web::ClientAddress;

use super::Access;
use crate::events::{PasswordChanged, PasswordResetCreated};
use crate::store::{
    AccountRow, find_account, find_account_by_email, find_reset, insert_reset, remove_resets,
    set_password,
};
use crate::{AccessError, AccountId, NewReset};
use trunkline_proof::{Purpose, fold_email};

/// Microseconds of an hour.
const HOUR: i64 = 3_600_000_000;

/// Hours that an owner's reset link is good.
const OWNER_HOURS: i64 = 24;

/// Hours that a mailed reset link is good.
const MAIL_HOURS: i64 = 1;

impl Access {
    /// Sets the password of the person `id`, which must show the present one if there is one. Every other session of it ends; `keep` is
    /// the id of the one that asks.
    ///
    /// # Errors
    /// [`AccessError::PasswordWrong`], [`AccessError::PasswordWeak`]; [`AccessError::EmailInvalid`] where the account has no email to
    /// sign in with.
    pub async fn change_password(
        &self,
        id: AccountId,
        current: Option<&str>,
        password: &str,
        keep: Option<&str>,
        client: ClientAddress,
    ) -> Result<(), AccessError> {
        let row = self.active_account(id).await?;
        if row.account.email.is_none() {
            return Err(AccessError::EmailInvalid);
        }
        if row.password.is_some() {
            self.check_password(&row, current.unwrap_or_default(), client)
                .await?;
        }
        let hash = self.new_hash(&row, password).await?;
        let now = self.clock.now();
        let mut transaction = self.store.begin().await?;
        let still = find_account(transaction.connection(), id).await?;
        if still.is_none_or(|still| still.password != row.password) {
            return Err(AccessError::PasswordWrong);
        }
        self.put_password(&mut transaction, id, &hash, "change", now)
            .await?;
        self.end_all(&mut transaction, id, keep, now).await?;
        self.commit_and_forget(transaction).await
    }

    /// Nothing where `password` is the one of the account. Guesses count as those at sign-in do.
    pub(super) async fn check_password(
        &self,
        row: &AccountRow,
        password: &str,
        client: ClientAddress,
    ) -> Result<(), AccessError> {
        let account = Purpose::Link.digest(row.account.email.as_deref().unwrap_or_default());
        let pair = (account, client.rate_key());
        self.guard
            .begin(pair, Instant::now())
            .map_err(|retry_after| AccessError::RateLimited { retry_after })?;
        let checked = self
            .hasher
            .check(password.into(), row.password.clone())
            .await?;
        if checked.right {
            self.guard.succeeded(&pair);
            return Ok(());
        }
        self.guess_failed(pair, client, "password", Some(row.account.id))
            .await;
        Err(AccessError::PasswordWrong)
    }

    /// Makes a link with which the person `id` sets a new password; an older one becomes worthless.
    ///
    /// # Errors
    /// [`AccessError::PersonUnknown`] when there is no such person, or it is disabled; [`AccessError::EmailInvalid`] where it has no email.
    pub async fn create_reset(
        &self,
        id: AccountId,
        by: &Principal,
    ) -> Result<NewReset, AccessError> {
        self.make_reset(id, OWNER_HOURS, &by.id).await
    }

    async fn make_reset(
        &self,
        id: AccountId,
        hours: i64,
        by: &str,
    ) -> Result<NewReset, AccessError> {
        let (now, code) = (self.clock.now(), Purpose::Reset.make(&*self.ids));
        let expires = now.plus_micros(hours * HOUR);
        let mut transaction = self.store.begin().await?;
        let row = find_account(transaction.connection(), id).await?;
        let row = row
            .filter(|row| !row.account.disabled)
            .ok_or(AccessError::PersonUnknown)?;
        if row.account.email.is_none() {
            return Err(AccessError::EmailInvalid);
        }
        let digest = Purpose::Reset.digest(code.reveal());
        insert_reset(transaction.connection(), digest, id, expires).await?;
        let payload = PasswordResetCreated {
            account: id,
            expires,
            by,
        };
        self.record(&mut transaction, &id.to_string(), now, &payload)
            .await?;
        transaction.commit().await?;
        Ok(NewReset { code, expires })
    }

    /// Mails a reset link to the account with this email, if there is one. Whether there is, nobody is told: all of it happens after
    /// the answer.
    pub fn forgot_password(self: &Arc<Self>, email: &str, client: ClientAddress) {
        let Ok(email) = fold_email(email) else {
            return;
        };
        let (Some(_), Some(base)) = (&self.mailer, self.public_url()) else {
            return;
        };
        let (now, base) = (Instant::now(), base.to_owned());
        // Both limits are taken before anything is known of the account. A mailbox must not be flooded from many addresses either.
        let mailbox = Purpose::Reset.digest(&email);
        if self
            .resets
            .take(
                &Purpose::Reset.digest(&client.rate_key().to_string()),
                1,
                now,
            )
            .is_err()
            || self.resets.take(&mailbox, 1, now).is_err()
        {
            tracing::info!(client = %client.0, "asked for too many reset mails");
            return;
        }
        let Ok(turn) = Arc::clone(&self.mailing).try_acquire_owned() else {
            tracing::warn!("too many mails are under way; a reset mail was not sent");
            return;
        };
        let access = Arc::clone(self);
        tokio::spawn(async move {
            if let Err(error) = access.mail_reset(&email, &base).await {
                tracing::warn!(%error, "a reset mail was not sent");
            }
            drop(turn);
        });
    }

    async fn mail_reset(&self, email: &str, base: &str) -> Result<(), AccessError> {
        let found = {
            let mut reader = self.store.readers().acquire().await?;
            find_account_by_email(&mut reader, email).await?
        };
        let Some(row) = found.filter(|row| !row.account.disabled) else {
            return Ok(());
        };
        let reset = self.make_reset(row.account.id, MAIL_HOURS, "mail").await?;
        self.send_reset(&row.account, &reset.url(base)).await
    }

    /// Sets a password with the code of a reset link, which is used up. Every session of the person ends.
    ///
    /// # Errors
    /// [`AccessError::ResetSpent`]; [`AccessError::PasswordWeak`], after which the link is still good.
    pub async fn reset_password(
        &self,
        code: &str,
        password: &str,
        client: ClientAddress,
    ) -> Result<(), AccessError> {
        let digest = Purpose::Reset.digest(code);
        self.may_try(&digest, client, AccessError::ResetSpent)?;
        let found = if Purpose::Reset.is_well_formed(code) {
            let mut reader = self.store.readers().acquire().await?;
            find_reset(&mut reader, digest, self.clock.now()).await?
        } else {
            None
        };
        let Some(id) = found else {
            self.was_wrong(digest, client);
            return Err(AccessError::ResetSpent);
        };
        let row = self.active_account(id).await?;
        let hash = self.new_hash(&row, password).await?;
        let now = self.clock.now();
        let mut transaction = self.store.begin().await?;
        if find_reset(transaction.connection(), digest, now).await? != Some(id) {
            return Err(AccessError::ResetSpent);
        }
        self.put_password(&mut transaction, id, &hash, "reset", now)
            .await?;
        self.end_all(&mut transaction, id, None, now).await?;
        self.commit_and_forget(transaction).await
    }

    async fn new_hash(&self, row: &AccountRow, password: &str) -> Result<String, AccessError> {
        let about = [Some(row.account.name.clone()), row.account.email.clone()];
        let about = about.into_iter().flatten().collect();
        let hashed = self
            .hasher
            .hash_new(password.into(), self.new_salt(), about);
        Ok(hashed.await?)
    }

    async fn put_password(
        &self,
        transaction: &mut Transaction,
        id: AccountId,
        hash: &str,
        how: &str,
        now: Timestamp,
    ) -> Result<(), AccessError> {
        set_password(transaction.connection(), id, hash).await?;
        remove_resets(transaction.connection(), id).await?;
        let payload = PasswordChanged { account: id, how };
        self.record(transaction, &id.to_string(), now, &payload)
            .await
    }

    /// The account of a person who may come in.
    pub(super) async fn active_account(&self, id: AccountId) -> Result<AccountRow, AccessError> {
        let mut reader = self.store.readers().acquire().await?;
        let row = find_account(&mut reader, id).await?;
        row.filter(|row| !row.account.disabled)
            .ok_or(AccessError::PersonUnknown)
    }
}
