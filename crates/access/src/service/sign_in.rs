//! Signing in with an email and a password.

use std::time::Instant;

use trunkline_web::ClientAddress;

use super::Access;
use crate::events::SignInFailed;
use crate::store::{
    AccountRow, find_account, find_account_by_email, knows_client, refresh_password,
};
use crate::{AccessError, AccountId, NewSession};
use trunkline_proof::{Pair, Purpose, fold_email};

/// An email, a password, and where it is asked for a code.
#[derive(Clone, Copy)]
pub struct SignIn<'a> {
    /// The email.
    pub email: &'a str,
    /// The password as it was typed.
    pub password: &'a str,
    /// Six digits of an authenticator app, or a recovery code.
    pub code: Option<&'a str>,
}

impl std::fmt::Debug for SignIn<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SignIn(..)")
    }
}

impl Access {
    /// Begins a session of the account with this email.
    ///
    /// An unknown, disabled or password-less account is answered as a wrong password is, after the same work.
    ///
    /// # Errors
    /// [`AccessError::SignInWrong`]; [`AccessError::CodeNeeded`] when only the code is missing; [`AccessError::RateLimited`] when too
    /// many were wrong; [`AccessError::Busy`] when too many are being checked.
    pub async fn sign_in_with_password(
        &self,
        wanted: SignIn<'_>,
        client: ClientAddress,
    ) -> Result<NewSession, AccessError> {
        let email = fold_email(wanted.email).ok();
        let account = Purpose::Link.digest(email.as_deref().unwrap_or(wanted.email));
        let pair = (account, client.rate_key());
        let found = self.may_guess(pair, email.as_deref(), client).await?;
        let stored = found
            .as_ref()
            .filter(|row| !row.account.disabled)
            .and_then(|row| row.password.clone());
        let checked = self
            .hasher
            .check(wanted.password.into(), stored.clone())
            .await;
        let checked = match checked {
            Ok(checked) => checked,
            Err(error) => {
                self.guard.undo(&pair, Instant::now());
                return Err(error.into());
            }
        };
        let Some((row, stored)) = found.as_ref().zip(stored).filter(|_| checked.right) else {
            let known = found.as_ref().map(|row| row.account.id);
            return Err(self.guess_failed(pair, client, "password", known).await);
        };
        let id = row.account.id;
        match (row.totp, wanted.code) {
            (true, None) => {
                self.guard.undo(&pair, Instant::now());
                Err(AccessError::CodeNeeded)
            }
            (_, code) => {
                let begun = self.begin_checked(id, &stored, code, client).await?;
                let Some(session) = begun else {
                    return Err(self.guess_failed(pair, client, "code", Some(id)).await);
                };
                self.guard.succeeded(&pair);
                if checked.outdated
                    && let Err(error) = self.renew_hash(id, &stored, wanted.password).await
                {
                    tracing::warn!(%error, "a password cannot be hashed anew");
                }
                Ok(session)
            }
        }
    }

    /// Counts the attempt and gives the account that it is about.
    async fn may_guess(
        &self,
        pair: Pair,
        email: Option<&str>,
        client: ClientAddress,
    ) -> Result<Option<AccountRow>, AccessError> {
        let now = Instant::now();
        let limited = |retry_after| AccessError::RateLimited { retry_after };
        self.failures.check(&pair.1, now).map_err(limited)?;
        self.guard.begin(pair, now).map_err(limited)?;
        let mut reader = self.store.readers().acquire().await?;
        let found = find_account_by_email(&mut reader, email.unwrap_or_default()).await?;
        let id = found.as_ref().map(|row| row.account.id.to_string());
        let known =
            knows_client(&mut reader, &id.unwrap_or_default(), &client.0.to_string()).await?;
        if !known && let Err(wait) = self.guard.account(&pair.0, now) {
            self.guard.undo(&pair, now);
            return Err(limited(wait));
        }
        Ok(found)
    }

    /// Begins the session if the account is still as it was when its password was checked, and the code is right.
    async fn begin_checked(
        &self,
        id: AccountId,
        stored: &str,
        code: Option<&str>,
        client: ClientAddress,
    ) -> Result<Option<NewSession>, AccessError> {
        let now = self.clock.now();
        let mut transaction = self.store.begin().await?;
        let row = find_account(transaction.connection(), id).await?;
        let Some(row) =
            row.filter(|row| !row.account.disabled && row.password.as_deref() == Some(stored))
        else {
            return Ok(None);
        };
        if row.totp
            && !self
                .spend_code(&mut transaction, id, code.unwrap_or_default(), now)
                .await?
        {
            return Ok(None);
        }
        let session = self
            .begin_account_session(&mut transaction, &row.account, "password", client, now)
            .await?;
        transaction.commit().await?;
        Ok(Some(session))
    }

    /// Counts a wrong guess, tells of it, and gives the answer.
    pub(super) async fn guess_failed(
        &self,
        pair: Pair,
        client: ClientAddress,
        method: &'static str,
        account: Option<AccountId>,
    ) -> AccessError {
        let now = Instant::now();
        self.guard.failed(&pair, now);
        self.failures.charge(&pair.1, 1, now);
        if let Err(error) = self.tell_failure(client, method, account).await {
            return error;
        }
        AccessError::SignInWrong
    }

    /// Writes the event of a failed sign-in, unless this address told of one a moment ago.
    pub(super) async fn tell_failure(
        &self,
        client: ClientAddress,
        method: &'static str,
        account: Option<AccountId>,
    ) -> Result<(), AccessError> {
        let Some(failures) = self.guard.sample(client.rate_key(), Instant::now()) else {
            return Ok(());
        };
        let payload = SignInFailed {
            client: client.0.to_string(),
            method,
            account,
            failures,
        };
        let now = self.clock.now();
        let subject = payload.client.clone();
        let mut transaction = self.store.begin().await?;
        self.record(&mut transaction, &subject, now, &payload)
            .await?;
        Ok(transaction.commit().await?)
    }

    /// Hashes a password anew whose hash has parameters of old.
    async fn renew_hash(
        &self,
        id: AccountId,
        stored: &str,
        password: &str,
    ) -> Result<(), AccessError> {
        let hash = self
            .hasher
            .hash_again(password.into(), self.new_salt())
            .await?;
        let mut transaction = self.store.begin().await?;
        refresh_password(transaction.connection(), id, stored, &hash).await?;
        Ok(transaction.commit().await?)
    }
}
