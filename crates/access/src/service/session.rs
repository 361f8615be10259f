//! Signing in and out.

use trunkline_model::{Principal, Timestamp};
use trunkline_store::Transaction;
use trunkline_web::ClientAddress;

use super::Access;
use crate::events::{SessionEnded, SessionStarted};
use crate::secret::Purpose;
use crate::store::{NewSessionRow, end_session, insert_session, next_epoch, spend_link};
use crate::{AccessError, NewSession};

impl Access {
    /// Uses up the sign-in link whose code is `code` and begins a session of its account.
    ///
    /// # Errors
    /// [`AccessError::LinkSpent`] when it is not good (any more), [`AccessError::RateLimited`] when `client` tried too many.
    pub async fn sign_in_with_link(
        &self,
        code: &str,
        client: ClientAddress,
    ) -> Result<NewSession, AccessError> {
        let (now, digest) = (self.clock.now(), Purpose::Link.digest(code));
        self.may_try(&digest, client, AccessError::LinkSpent)?;
        if !Purpose::Link.is_well_formed(code) {
            self.was_wrong(digest, client);
            return Err(AccessError::LinkSpent);
        }
        let mut transaction = self.store.begin().await?;
        let account = spend_link(transaction.connection(), digest, now).await?;
        let Some(account) = account else {
            self.was_wrong(digest, client);
            return Err(AccessError::LinkSpent);
        };
        let session = self
            .begin_session(&mut transaction, account.principal(), "link", None, now)
            .await?;
        transaction.commit().await?;
        Ok(session)
    }

    /// Begins a session that may do what the API token `token` may, and ends with it.
    ///
    /// # Errors
    /// As [`Self::verify_token`].
    pub async fn sign_in_with_token(
        &self,
        token: &str,
        client: ClientAddress,
    ) -> Result<NewSession, AccessError> {
        let known = self.check(Purpose::Token, token, client).await?;
        let now = self.clock.now();
        let mut transaction = self.store.begin().await?;
        let principal = known.principal.clone();
        let session = self
            .begin_session(&mut transaction, principal, "token", known.ends, now)
            .await?;
        transaction.commit().await?;
        Ok(session)
    }

    /// Ends the session whose cookie is `cookie`; nothing happens where it ended already.
    ///
    /// # Errors
    /// [`AccessError::Store`] when it could not be written.
    pub async fn sign_out(&self, cookie: &str) -> Result<(), AccessError> {
        let (now, digest) = (self.clock.now(), Purpose::Session.digest(cookie));
        let mut transaction = self.store.begin().await?;
        let Some((session, account)) = end_session(transaction.connection(), digest, now).await?
        else {
            return Ok(());
        };
        let payload = SessionEnded {
            session,
            account: &account,
        };
        self.record(&mut transaction, &session.to_string(), now, &payload)
            .await?;
        next_epoch(transaction.connection()).await?;
        transaction.commit().await?;
        self.cache.clear();
        Ok(())
    }

    async fn begin_session(
        &self,
        transaction: &mut Transaction,
        principal: Principal,
        method: &'static str,
        token_ends: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<NewSession, AccessError> {
        let (id, secret) = (self.new_id(now), Purpose::Session.make(&*self.ids));
        let row = NewSessionRow {
            id,
            digest: Purpose::Session.digest(secret.reveal()),
            principal: &principal,
            now,
        };
        insert_session(transaction.connection(), row).await?;
        let payload = SessionStarted {
            session: id,
            account: &principal.id,
            method,
        };
        self.record(transaction, &id.to_string(), now, &payload)
            .await?;
        let longest = now.plus_micros(self.lifetimes.longest);
        let ends = token_ends.map_or(longest, |ends| ends.min(longest));
        Ok(NewSession {
            secret,
            id,
            principal,
            began: now,
            expires: now.plus_micros(self.lifetimes.idle).min(ends),
            ends,
        })
    }
}
