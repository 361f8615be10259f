//! Signing in and out.

use trunkline_model::{Principal, Timestamp};
use trunkline_store::Transaction;
use trunkline_web::ClientAddress;

use super::Access;
use crate::events::{SessionEnded, SessionStarted};
use crate::model::person_principal;
use crate::store::{
    NewSessionRow, Owner, end_session, end_session_by_id, end_sessions, insert_session, sessions,
    spend_link, teams_of, touch_account,
};
use crate::{AccessError, Account, AccountId, NewSession, SessionEntry, SessionId};
use trunkline_proof::Purpose;

/// A session that is to begin.
struct Begin<'a> {
    principal: Principal,
    owner: Owner<'a>,
    method: &'a str,
    client: ClientAddress,
    /// When it ends at the latest.
    ends: Option<Timestamp>,
}

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
            .begin_account_session(&mut transaction, &account, "link", client, now)
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
        let session = Begin {
            principal: known.holder.principal.clone(),
            owner: Owner::Token(&known.holder.id),
            method: "token",
            client,
            ends: known.ends,
        };
        let session = self.begin_session(&mut transaction, session, now).await?;
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
        self.commit_and_forget(transaction).await
    }

    /// The sessions of the person with the id `account`, the last seen first.
    ///
    /// # Errors
    /// [`AccessError::Store`] when they cannot be read.
    pub async fn sessions(
        &self,
        account: AccountId,
        current: Option<&str>,
    ) -> Result<Vec<SessionEntry>, AccessError> {
        let mut reader = self.store.readers().acquire().await?;
        let mut list = sessions(&mut reader, &account.to_string(), current).await?;
        let now = self.clock.now();
        let seen = now.plus_micros(self.lifetimes.idle.saturating_neg());
        let made = now.plus_micros(self.lifetimes.longest.saturating_neg());
        list.retain(|entry| entry.last_seen > seen && entry.created > made);
        Ok(list)
    }

    /// Ends one session of a person.
    ///
    /// # Errors
    /// [`AccessError::SessionUnknown`] when it has none with this id, or it ended already.
    pub async fn end_session(&self, account: AccountId, id: SessionId) -> Result<(), AccessError> {
        let (now, person) = (self.clock.now(), account.to_string());
        let mut transaction = self.store.begin().await?;
        if !end_session_by_id(transaction.connection(), &person, id, now).await? {
            return Err(AccessError::SessionUnknown);
        }
        self.tell_ended(&mut transaction, &person, id, now).await?;
        self.commit_and_forget(transaction).await
    }

    /// Ends every session of a person but the one with the id `keep`.
    ///
    /// # Errors
    /// [`AccessError::Store`] when it could not be written.
    pub async fn end_sessions(
        &self,
        account: AccountId,
        keep: Option<&str>,
    ) -> Result<(), AccessError> {
        let now = self.clock.now();
        let mut transaction = self.store.begin().await?;
        self.end_all(&mut transaction, account, keep, now).await?;
        self.commit_and_forget(transaction).await
    }

    /// Ends sessions as part of a larger change, after which the caller must make every process forget them.
    pub(super) async fn end_all(
        &self,
        transaction: &mut Transaction,
        account: AccountId,
        keep: Option<&str>,
        now: Timestamp,
    ) -> Result<(), AccessError> {
        let person = account.to_string();
        for id in end_sessions(transaction.connection(), &person, keep, now).await? {
            self.tell_ended(transaction, &person, id, now).await?;
        }
        Ok(())
    }

    async fn tell_ended(
        &self,
        transaction: &mut Transaction,
        account: &str,
        session: SessionId,
        now: Timestamp,
    ) -> Result<(), AccessError> {
        let payload = SessionEnded { session, account };
        self.record(transaction, &session.to_string(), now, &payload)
            .await
    }

    /// Begins a session of a person as part of a larger change. It always has a new secret: nobody can have planted it before.
    pub(super) async fn begin_account_session(
        &self,
        transaction: &mut Transaction,
        account: &Account,
        method: &str,
        client: ClientAddress,
        now: Timestamp,
    ) -> Result<NewSession, AccessError> {
        let id = account.id.to_string();
        let teams = teams_of(transaction.connection(), &id).await?;
        let session = Begin {
            principal: person_principal(id.clone(), account.name.clone(), account.role, teams),
            owner: Owner::Account(&id),
            method,
            client,
            ends: None,
        };
        let session = self.begin_session(transaction, session, now).await?;
        touch_account(transaction.connection(), &session.id.to_string(), now).await?;
        Ok(session)
    }

    async fn begin_session(
        &self,
        transaction: &mut Transaction,
        begin: Begin<'_>,
        now: Timestamp,
    ) -> Result<NewSession, AccessError> {
        let (id, secret) = (self.new_id(now), Purpose::Session.make(&*self.ids));
        let row = NewSessionRow {
            id,
            digest: Purpose::Session.digest(secret.reveal()),
            owner: begin.owner,
            client: begin.client.0.to_string(),
            method: begin.method,
            now,
        };
        insert_session(transaction.connection(), row).await?;
        let account = match begin.owner {
            Owner::Account(id) | Owner::Token(id) => id,
        };
        let payload = SessionStarted {
            session: id,
            account,
            method: begin.method,
        };
        self.record(transaction, &id.to_string(), now, &payload)
            .await?;
        let longest = now.plus_micros(self.lifetimes.longest);
        let ends = begin.ends.map_or(longest, |ends| ends.min(longest));
        Ok(NewSession {
            secret,
            id,
            principal: begin.principal,
            began: now,
            expires: now.plus_micros(self.lifetimes.idle).min(ends),
            ends,
        })
    }
}
