//! The owner's account and the links with which people sign in for the first time.

use trunkline_model::{Principal, PrincipalKind, Role, Timestamp};
use trunkline_store::Transaction;

use super::Access;
use crate::events::{LinkCreated, OwnerCreated};
use crate::store::{insert_account, insert_link, owner, token_account};
use crate::{AccessError, Account, AccountId, Created, NewLink};
use trunkline_proof::Purpose;

impl Access {
    /// Makes the owner's account and a link to sign in with, if there is no account yet.
    ///
    /// # Errors
    /// [`AccessError::Store`] when it could not be written.
    pub async fn ensure_owner(&self) -> Result<Option<Created>, AccessError> {
        let now = self.clock.now();
        let mut transaction = self.store.begin().await?;
        if owner(transaction.connection()).await?.is_some() {
            return Ok(None);
        }
        let account = self.make_owner(&mut transaction, now).await?;
        let link = self.make_link(&mut transaction, account.id, now).await?;
        transaction.commit().await?;
        Ok(Some(Created { account, link }))
    }

    /// Makes a link that signs in once: to the account of `by`, or to that of the person who made the token `by`, or to the first
    /// owner's where the platform itself made it. Where the platform was never started, the owner's account is made too.
    ///
    /// # Errors
    /// [`AccessError::NotAPerson`] for a service account or job; [`AccessError::Store`] when it could not be written.
    pub async fn create_link(&self, by: &Principal) -> Result<NewLink, AccessError> {
        let now = self.clock.now();
        let mut transaction = self.store.begin().await?;
        let own: Option<AccountId> = match by.kind {
            PrincipalKind::Account => by.id.parse().ok(),
            PrincipalKind::Token => token_account(transaction.connection(), &by.id)
                .await?
                .and_then(|id| id.parse().ok()),
            PrincipalKind::Platform => None,
            // Neither is a person's, and none may become one.
            PrincipalKind::Service | PrincipalKind::Job => return Err(AccessError::NotAPerson),
        };
        let account = match (own, owner(transaction.connection()).await?) {
            (Some(account), _) => account,
            (None, Some(owner)) => owner.id,
            (None, None) => self.make_owner(&mut transaction, now).await?.id,
        };
        let link = self.make_link(&mut transaction, account, now).await?;
        transaction.commit().await?;
        Ok(link)
    }

    async fn make_owner(
        &self,
        transaction: &mut Transaction,
        now: Timestamp,
    ) -> Result<Account, AccessError> {
        let account = Account {
            id: self.new_id(now),
            name: self.config.owner_name.clone(),
            email: None,
            role: Role::Owner,
            disabled: false,
        };
        insert_account(transaction.connection(), &account, false, now).await?;
        let payload = OwnerCreated {
            account: account.id,
            name: &account.name,
        };
        self.record(transaction, &account.id.to_string(), now, &payload)
            .await?;
        Ok(account)
    }

    async fn make_link(
        &self,
        transaction: &mut Transaction,
        account: AccountId,
        now: Timestamp,
    ) -> Result<NewLink, AccessError> {
        let code = Purpose::Link.make(&*self.ids);
        let digest = Purpose::Link.digest(code.reveal());
        let expires = now.plus_micros(self.link_life());
        insert_link(transaction.connection(), digest, account, expires).await?;
        let payload = LinkCreated { account, expires };
        self.record(transaction, &account.to_string(), now, &payload)
            .await?;
        Ok(NewLink { code, expires })
    }
}
