//! People: who there is, and what an owner changes about them.

use trunkline_model::{Principal, Role, Timestamp};
use trunkline_store::Transaction;

use super::Access;
use crate::events::{PersonChanged, PersonDisabled, PersonEnabled};
use crate::store::{
    AccountRow, active_owners, find_account, find_account_by_email, people, remove_resets,
    update_account,
};
use crate::{AccessError, AccountId, Person, PersonChange};
use trunkline_proof::{check_name, fold_email};

/// What the platform's own OpenID provider tells a service about a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonCard {
    /// The name that people know it by.
    pub name: String,
    /// Its email, without capitals.
    pub email: Option<String>,
    /// Whether an owner or an issuer vouches for the email.
    pub email_verified: bool,
    /// The teams that it belongs to, in the order of the alphabet.
    pub teams: Vec<String>,
    /// What it is in the team.
    pub role: Role,
}

impl Access {
    /// Everybody, the oldest first.
    ///
    /// # Errors
    /// [`AccessError::Store`] when they cannot be read.
    pub async fn people(&self) -> Result<Vec<Person>, AccessError> {
        let mut reader = self.store.readers().acquire().await?;
        Ok(people(&mut reader, None).await?)
    }

    /// One person, as the platform's own OpenID provider tells a service of it; nothing where there is none, or it is disabled.
    ///
    /// # Errors
    /// [`AccessError::Store`] when it cannot be read.
    pub async fn person(&self, id: AccountId) -> Result<Option<PersonCard>, AccessError> {
        let mut reader = self.store.readers().acquire().await?;
        let Some(row) = find_account(&mut reader, id).await? else {
            return Ok(None);
        };
        if row.account.disabled {
            return Ok(None);
        }
        let listed = people(&mut reader, Some(id)).await?;
        Ok(listed.into_iter().next().map(|person| PersonCard {
            name: person.name,
            email: person.email,
            email_verified: row.verified,
            teams: person.teams,
            role: person.role,
        }))
    }

    /// Changes a person's name, email or role, disables it or lets it in again. It holds in this process when this returns, and in any
    /// other one within a second; who is disabled loses every session and token at that.
    ///
    /// # Errors
    /// [`AccessError::LastOwner`] when nobody would be an owner any more; others when a value is not well-formed or taken.
    pub async fn change_person(
        &self,
        id: AccountId,
        change: PersonChange,
        by: &Principal,
    ) -> Result<Person, AccessError> {
        let now = self.clock.now();
        let mut transaction = self.store.begin().await?;
        let before = find_account(transaction.connection(), id)
            .await?
            .ok_or(AccessError::PersonUnknown)?;
        let after = changed(&mut transaction, &before, change).await?;
        update_account(transaction.connection(), &after, now).await?;
        if active_owners(transaction.connection()).await? == 0 {
            return Err(AccessError::LastOwner);
        }
        self.tell_change(&mut transaction, &before, &after, by, now)
            .await?;
        if after.account.disabled && !before.account.disabled {
            self.end_all(&mut transaction, id, None, now).await?;
            remove_resets(transaction.connection(), id).await?;
        }
        let listed = people(transaction.connection(), Some(id)).await?;
        self.commit_and_forget(transaction).await?;
        listed.into_iter().next().ok_or(AccessError::PersonUnknown)
    }

    async fn tell_change(
        &self,
        transaction: &mut Transaction,
        before: &AccountRow,
        after: &AccountRow,
        by: &Principal,
        now: Timestamp,
    ) -> Result<(), AccessError> {
        let (old, new, by) = (&before.account, &after.account, by.id.as_str());
        let (account, subject) = (new.id, new.id.to_string());
        if (&old.name, &old.email, old.role) != (&new.name, &new.email, new.role) {
            let payload = PersonChanged {
                account,
                name: &new.name,
                role: new.role,
                by,
            };
            self.record(transaction, &subject, now, &payload).await?;
        }
        match (old.disabled, new.disabled) {
            (false, true) => {
                let payload = PersonDisabled { account, by };
                self.record(transaction, &subject, now, &payload).await
            }
            (true, false) => {
                let payload = PersonEnabled { account, by };
                self.record(transaction, &subject, now, &payload).await
            }
            _ => Ok(()),
        }
    }
}

/// The account as it will be.
async fn changed(
    transaction: &mut Transaction,
    before: &AccountRow,
    change: PersonChange,
) -> Result<AccountRow, AccessError> {
    let mut after = before.clone();
    if let Some(name) = change.name {
        check_name(&name)?;
        after.account.name = name;
    }
    if let Some(email) = change.email {
        let email = fold_email(&email)?;
        let other = find_account_by_email(transaction.connection(), &email).await?;
        if other.is_some_and(|other| other.account.id != before.account.id) {
            return Err(AccessError::EmailTaken);
        }
        after.account.email = Some(email);
        // An owner vouches for what it writes.
        after.verified = true;
    }
    if let Some(role) = change.role {
        after.account.role = role;
    }
    if let Some(disabled) = change.disabled {
        after.account.disabled = disabled;
    }
    Ok(after)
}
