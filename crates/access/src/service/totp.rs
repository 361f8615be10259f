//! Authenticator apps and recovery codes.
//!
//! The secret of an app stands readable in its table: it is needed to compute a code. Whoever can read the control file can make codes,
//! though no passwords.

use std::time::Instant;

use trunkline_model::{Principal, Timestamp};
use trunkline_proof::{TotpSetup, setup, step_of};
use trunkline_store::Transaction;
use trunkline_web::ClientAddress;

use super::Access;
use crate::events::{TotpDisabled, TotpEnabled};
use crate::store::{
    begin_totp, confirm_totp, find_totp, insert_recovery_code, remove_totp, spend_recovery_code,
    spend_step,
};
use crate::{AccessError, AccountId};
use trunkline_proof::{Purpose, Secret, typed_code};

/// Bytes of a secret.
const SECRET: usize = 20;

/// Recovery codes that an account gets.
const RECOVERY_CODES: usize = 10;

/// How long a setup may take, in microseconds.
const SETUP: i64 = 15 * 60_000_000;

const ON_ALREADY: &str = "an authenticator app is on already; remove it first";
const NOT_BEGUN: &str = "the setup was not begun, or too long ago; begin anew";
const NOT_ON: &str = "no authenticator app is on";

impl Access {
    /// Begins the setup of an authenticator app; it counts once its first code was shown.
    ///
    /// # Errors
    /// [`AccessError::TotpState`] when one is on already.
    pub async fn begin_totp(&self, id: AccountId) -> Result<TotpSetup, AccessError> {
        let row = self.active_account(id).await?;
        let mut secret = vec![0; SECRET];
        self.ids.fill_secret(&mut secret);
        let label = row.account.email.unwrap_or(row.account.name);
        let setup = setup(&secret, &label)?;
        let mut transaction = self.store.begin().await?;
        if !begin_totp(transaction.connection(), id, &secret, self.clock.now()).await? {
            return Err(AccessError::TotpState(ON_ALREADY));
        }
        transaction.commit().await?;
        Ok(setup)
    }

    /// Turns the authenticator app on with its first code, and gives the recovery codes for the only time.
    ///
    /// # Errors
    /// [`AccessError::TotpState`], [`AccessError::TotpCode`], [`AccessError::RateLimited`].
    pub async fn confirm_totp(
        &self,
        id: AccountId,
        code: &str,
        client: ClientAddress,
    ) -> Result<Vec<Secret>, AccessError> {
        let now = self.clock.now();
        let mut transaction = self.store.begin().await?;
        let row = find_totp(transaction.connection(), id)
            .await?
            .filter(|row| now.micros_since(row.created) <= SETUP || row.confirmed)
            .ok_or(AccessError::TotpState(NOT_BEGUN))?;
        if row.confirmed {
            return Err(AccessError::TotpState(ON_ALREADY));
        }
        let pair = (Purpose::Recovery.digest(&id.to_string()), client.rate_key());
        self.guard
            .begin(pair, Instant::now())
            .map_err(|retry_after| AccessError::RateLimited { retry_after })?;
        let step = step_of(&row.secret, &typed_code(code), now)?.ok_or(AccessError::TotpCode)?;
        if !spend_step(transaction.connection(), id, step).await? {
            return Err(AccessError::TotpCode);
        }
        confirm_totp(transaction.connection(), id, now).await?;
        let mut codes = Vec::with_capacity(RECOVERY_CODES);
        for _ in 0..RECOVERY_CODES {
            let code = Purpose::Recovery.make(&*self.ids);
            let digest = Purpose::Recovery.digest(&typed_code(code.reveal()));
            insert_recovery_code(transaction.connection(), id, digest).await?;
            codes.push(code);
        }
        let payload = TotpEnabled { account: id };
        self.record(&mut transaction, &id.to_string(), now, &payload)
            .await?;
        transaction.commit().await?;
        self.guard.succeeded(&pair);
        Ok(codes)
    }

    /// Removes the authenticator app of the person `id` after it has shown its password or a code.
    ///
    /// # Errors
    /// [`AccessError::TotpState`] when none is on, [`AccessError::TotpCode`] when the proof is wrong, [`AccessError::RateLimited`].
    pub async fn remove_totp(
        &self,
        id: AccountId,
        password: Option<&str>,
        code: Option<&str>,
        by: &Principal,
        client: ClientAddress,
    ) -> Result<(), AccessError> {
        let row = self.active_account(id).await?;
        if !row.totp {
            return Err(AccessError::TotpState(NOT_ON));
        }
        let now = self.clock.now();
        let pair = (Purpose::Recovery.digest(&id.to_string()), client.rate_key());
        if let Some(password) = password {
            match self.check_password(&row, password, client).await {
                Err(AccessError::PasswordWrong) => return Err(AccessError::TotpCode),
                other => other?,
            }
        } else {
            self.guard
                .begin(pair, Instant::now())
                .map_err(|retry_after| AccessError::RateLimited { retry_after })?;
        }
        let mut transaction = self.store.begin().await?;
        if password.is_none()
            && !self
                .spend_code(&mut transaction, id, code.unwrap_or_default(), now)
                .await?
        {
            return Err(AccessError::TotpCode);
        }
        remove_totp(transaction.connection(), id).await?;
        let payload = TotpDisabled {
            account: id,
            by: &by.id,
        };
        self.record(&mut transaction, &id.to_string(), now, &payload)
            .await?;
        transaction.commit().await?;
        self.guard.succeeded(&pair);
        Ok(())
    }

    /// Uses up a code of the authenticator app, or a recovery code; false when it is neither, or was used before.
    pub(super) async fn spend_code(
        &self,
        transaction: &mut Transaction,
        id: AccountId,
        code: &str,
        now: Timestamp,
    ) -> Result<bool, AccessError> {
        let code = typed_code(code);
        if Purpose::Recovery.is_well_formed(&code) {
            let digest = Purpose::Recovery.digest(&code);
            return Ok(spend_recovery_code(transaction.connection(), id, digest).await?);
        }
        let row = find_totp(transaction.connection(), id).await?;
        let Some(row) = row.filter(|row| row.confirmed) else {
            return Ok(false);
        };
        match step_of(&row.secret, &code, now)? {
            Some(step) => Ok(spend_step(transaction.connection(), id, step).await?),
            None => Ok(false),
        }
    }
}
