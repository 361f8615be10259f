//! Making, listing and revoking API tokens.

use trunkline_model::{Principal, Scope};

use super::Access;
use crate::events::{TokenCreated, TokenRevoked};
use crate::store::{NewTokenRow, find_service, insert_token, revoke_token, tokens};
use crate::{AccessError, CreatedToken, NewToken, Token, TokenId};
use trunkline_proof::{Purpose, signing_secret};

impl Access {
    /// Makes a token in the name of `by`; its text is given this once.
    ///
    /// # Errors
    /// [`AccessError`] when the name, life or scopes are not well-formed, or when it could not be written.
    pub async fn create_token(
        &self,
        wanted: &NewToken,
        by: &Principal,
    ) -> Result<CreatedToken, AccessError> {
        wanted.check()?;
        let (now, secret) = (self.clock.now(), Purpose::Token.make(&*self.ids));
        let mut scopes = vec![Scope::Read, Scope::Write, Scope::Owner];
        scopes.retain(|scope| wanted.scopes.contains(scope));
        let token = Token {
            id: self.new_id(now),
            name: wanted.name.clone(),
            prefix: secret.prefix().into(),
            scopes,
            service: wanted.service.clone(),
            job: wanted.job.clone(),
            created: now,
            expires: wanted.life().map(|micros| now.plus_micros(micros)),
            last_used: None,
        };
        let mut transaction = self.store.begin().await?;
        let service = match &wanted.service {
            Some(name) => Some(
                find_service(transaction.connection(), name)
                    .await?
                    .ok_or(AccessError::ServiceUnknown)?,
            ),
            None => None,
        };
        let digest = Purpose::Token.digest(secret.reveal());
        let row = NewTokenRow {
            token: &token,
            digest,
            by,
            service,
        };
        insert_token(transaction.connection(), row).await?;
        let payload = TokenCreated {
            token: token.id,
            name: &token.name,
            scopes: &token.scopes,
            expires: token.expires,
            by: &by.id,
        };
        self.record(&mut transaction, &token.id.to_string(), now, &payload)
            .await?;
        transaction.commit().await?;
        let signing = signing_secret(&digest);
        Ok(CreatedToken {
            secret,
            signing,
            token,
        })
    }

    /// All tokens that are not revoked, the oldest first.
    ///
    /// # Errors
    /// [`AccessError::Store`] when they cannot be read.
    pub async fn tokens(&self) -> Result<Vec<Token>, AccessError> {
        Ok(tokens(self.store.readers()).await?)
    }

    /// Revokes a token, and with it the sessions that were begun with it. It is worthless in this process when this returns, and in
    /// any other one within a second.
    ///
    /// # Errors
    /// [`AccessError::TokenUnknown`] when there is none, or it is revoked already.
    pub async fn revoke_token(&self, id: TokenId, by: &Principal) -> Result<(), AccessError> {
        let now = self.clock.now();
        let mut transaction = self.store.begin().await?;
        let name = revoke_token(transaction.connection(), id, now)
            .await?
            .ok_or(AccessError::TokenUnknown(id))?;
        let payload = TokenRevoked {
            token: id,
            name: &name,
            by: &by.id,
        };
        self.record(&mut transaction, &id.to_string(), now, &payload)
            .await?;
        self.commit_and_forget(transaction).await
    }
}
