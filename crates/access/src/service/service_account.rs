//! Service accounts: programs that are something in the team of their own.

use trunkline_model::{Principal, Role};

use super::Access;
use super::team::known_team;
use crate::events::{ServiceCreated, ServiceRemoved};
use crate::store::{insert_service, remove_service, services};
use crate::{AccessError, ServiceAccount, ServiceId};
use trunkline_proof::check_name;

/// Service accounts that there may be.
const MAX_SERVICES: usize = 1_000;

impl Access {
    /// All service accounts, the oldest first.
    ///
    /// # Errors
    /// [`AccessError::Store`] when they cannot be read.
    pub async fn service_accounts(&self) -> Result<Vec<ServiceAccount>, AccessError> {
        let mut reader = self.store.readers().acquire().await?;
        Ok(services(&mut reader).await?)
    }

    /// Makes a service account. It comes in with the tokens that are made for it.
    ///
    /// # Errors
    /// [`AccessError::NameInvalid`], [`AccessError::ServiceTaken`], [`AccessError::TeamUnknown`], [`AccessError::TooMany`].
    pub async fn create_service_account(
        &self,
        name: &str,
        role: Role,
        mut teams: Vec<String>,
        by: &Principal,
    ) -> Result<ServiceAccount, AccessError> {
        check_name(name)?;
        teams.sort();
        teams.dedup();
        let now = self.clock.now();
        let mut transaction = self.store.begin().await?;
        if services(transaction.connection()).await?.len() >= MAX_SERVICES {
            return Err(AccessError::TooMany("service accounts"));
        }
        let account = ServiceAccount {
            id: self.new_id(now),
            name: name.into(),
            role,
            teams,
            created: now,
            disabled: false,
        };
        if !insert_service(transaction.connection(), &account).await? {
            return Err(AccessError::ServiceTaken(account.name));
        }
        let payload = ServiceCreated {
            service: account.id,
            name: &account.name,
            role,
            teams: &account.teams,
            by: &by.id,
        };
        let id = account.id.to_string();
        self.record(&mut transaction, &id, now, &payload).await?;
        for name in &account.teams {
            let team = known_team(&mut transaction, name).await?;
            self.put_into(&mut transaction, (team, name), &id, &by.id, now)
                .await?;
        }
        transaction.commit().await?;
        Ok(account)
    }

    /// Removes a service account, and with it its tokens.
    ///
    /// # Errors
    /// [`AccessError::ServiceUnknown`].
    pub async fn remove_service_account(
        &self,
        id: ServiceId,
        by: &Principal,
    ) -> Result<(), AccessError> {
        let now = self.clock.now();
        let mut transaction = self.store.begin().await?;
        let name = remove_service(transaction.connection(), id, now)
            .await?
            .ok_or(AccessError::ServiceUnknown)?;
        let payload = ServiceRemoved {
            service: id,
            name: &name,
            by: &by.id,
        };
        self.record(&mut transaction, &id.to_string(), now, &payload)
            .await?;
        self.commit_and_forget(transaction).await
    }
}
