//! Taking tokens back.

use trunkline_model::Timestamp;
use trunkline_store::Transaction;

use super::issuer::Issuer;
use crate::IssuerError;
use crate::events::GrantRevoked;
use crate::jwt::{AccessClaims, verify};
use crate::model::{Approval, Client, OFFLINE};
use crate::secret::Purpose;
use crate::store::epoch::next_epoch;
use crate::store::grant::{live_in_session, live_of_person, refuse_tokens, revoke_grant};
use crate::store::refresh::find_refresh;

impl Issuer {
    /// Takes a grant back, as a part of `transaction`; what was not there, or taken back before, stays as it is.
    pub(super) async fn take_back(
        &self,
        transaction: &mut Transaction,
        grant: &str,
        approval: &Approval,
        reason: &'static str,
        now: Timestamp,
    ) -> Result<(), IssuerError> {
        if !revoke_grant(transaction.connection(), grant, now).await? {
            return Ok(());
        }
        let until = now.plus_micros(self.access_life());
        refuse_tokens(transaction.connection(), grant, until).await?;
        next_epoch(transaction.connection()).await?;
        let payload = GrantRevoked {
            client: approval.client,
            subject: &approval.subject,
            grant: Some(grant),
            token: None,
            reason,
        };
        self.record(transaction, grant, now, &payload).await
    }

    /// Makes a change durable and known in this process.
    pub(super) async fn finish(&self, transaction: Transaction) -> Result<(), IssuerError> {
        transaction.commit().await?;
        self.refresh().await
    }

    /// Takes back what `text` is: a refresh token with its whole grant, or a single access token. Anything else, or another client's,
    /// is left alone without a word (RFC 7009).
    pub(crate) async fn revoke(&self, client: &Client, text: &str) -> Result<(), IssuerError> {
        let now = self.now();
        if let Some(claims) = verify::<AccessClaims>(&self.ring(), &self.url, text, now) {
            if claims.client_id != client.id.to_string() {
                return Ok(());
            }
            return self.revoke_access(client, &claims, now).await;
        }
        let mut transaction = self.store.begin().await?;
        let digest = Purpose::Refresh.digest(text);
        let found = find_refresh(transaction.connection(), digest).await?;
        if let Some(found) = found.filter(|found| found.grant.approval.client == client.id) {
            let approval = &found.grant.approval;
            self.take_back(
                &mut transaction,
                &found.grant.id,
                approval,
                "revoked by the client",
                now,
            )
            .await?;
            self.finish(transaction).await?;
        }
        Ok(())
    }

    async fn revoke_access(
        &self,
        client: &Client,
        claims: &AccessClaims,
        now: Timestamp,
    ) -> Result<(), IssuerError> {
        let mut transaction = self.store.begin().await?;
        let until = Timestamp::from_micros(claims.exp.saturating_mul(1_000_000));
        if refuse_tokens(transaction.connection(), &claims.jti, until).await? {
            next_epoch(transaction.connection()).await?;
            let payload = GrantRevoked {
                client: client.id,
                subject: &claims.sub,
                grant: claims.grant.as_deref(),
                token: Some(&claims.jti),
                reason: "revoked by the client",
            };
            self.record(&mut transaction, &claims.jti, now, &payload)
                .await?;
            self.finish(transaction).await?;
        }
        Ok(())
    }

    /// Takes back everything that the person with the account `account` gave any client: they were disabled, or their role or teams
    /// changed and no token may go on saying otherwise. [`Self::is_revoked`] knows it when this returns.
    ///
    /// # Errors
    /// [`IssuerError::Store`] when it could not be written.
    pub async fn end_person(&self, account: &str, reason: &'static str) -> Result<(), IssuerError> {
        let now = self.now();
        let mut transaction = self.store.begin().await?;
        for grant in live_of_person(transaction.connection(), account).await? {
            self.take_back(&mut transaction, &grant.id, &grant.approval, reason, now)
                .await?;
        }
        self.finish(transaction).await
    }

    /// Takes back what was granted in a session that ended. A grant with `offline_access` is meant to outlive it.
    ///
    /// # Errors
    /// [`IssuerError::Store`] when it could not be written.
    pub async fn end_session(&self, session: &str) -> Result<(), IssuerError> {
        let now = self.now();
        let mut transaction = self.store.begin().await?;
        for grant in live_in_session(transaction.connection(), session).await? {
            if !grant.approval.scopes.iter().any(|scope| scope == OFFLINE) {
                self.take_back(
                    &mut transaction,
                    &grant.id,
                    &grant.approval,
                    "signed out",
                    now,
                )
                .await?;
            }
        }
        self.finish(transaction).await
    }
}
