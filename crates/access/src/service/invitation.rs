//! Invitations: how people join.

use trunkline_model::{Principal, Role, Timestamp};
use trunkline_store::Transaction;
use trunkline_web::ClientAddress;

use super::Access;
use super::team::known_team;
use crate::events::{InvitationCreated, InvitationRemoved, PasswordChanged, PersonJoined};
use crate::store::{
    count_accounts, find_account_by_email, find_invitation, find_team, insert_account,
    insert_invitation, invitations, set_password, spend_invitation,
};
use crate::{
    AccessError, Account, Invitation, InvitationId, InvitationLook, NewInvitation, NewSession,
};
use trunkline_proof::{Purpose, check_name, fold_email};

/// Microseconds of an hour.
const HOUR: i64 = 3_600_000_000;

/// Invitations that may be open at the same time.
const MAX_OPEN: usize = 1_000;

/// Accounts that there may be.
pub(super) const MAX_ACCOUNTS: i64 = 10_000;

/// Who joins by an invitation.
#[derive(Clone, Default)]
pub struct Joining {
    /// The name that people will know it by.
    pub name: String,
    /// Its email, where the invitation names none.
    pub email: Option<String>,
    /// Its password, if it wants one.
    pub password: Option<String>,
}

impl std::fmt::Debug for Joining {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Joining")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl Access {
    /// Makes an invitation in the name of `by`; its code is given this once.
    ///
    /// # Errors
    /// [`AccessError::EmailInvalid`], [`AccessError::EmailTaken`], [`AccessError::TeamUnknown`], [`AccessError::TooMany`].
    pub async fn invite(
        &self,
        email: Option<&str>,
        role: Role,
        mut teams: Vec<String>,
        by: &Principal,
    ) -> Result<NewInvitation, AccessError> {
        teams.sort();
        teams.dedup();
        let email = email.map(fold_email).transpose()?;
        let (now, code) = (self.clock.now(), Purpose::Invitation.make(&*self.ids));
        let mut transaction = self.store.begin().await?;
        if invitations(transaction.connection(), now).await?.len() >= MAX_OPEN {
            return Err(AccessError::TooMany("open invitations"));
        }
        if let Some(email) = &email
            && find_account_by_email(transaction.connection(), email)
                .await?
                .is_some()
        {
            return Err(AccessError::EmailTaken);
        }
        for team in &teams {
            known_team(&mut transaction, team).await?;
        }
        let invitation = Invitation {
            id: self.new_id(now),
            email,
            role,
            teams,
            expires: now.plus_micros(i64::from(self.config.invitation_hours) * HOUR),
            created: now,
            by: by.name.clone(),
        };
        let digest = Purpose::Invitation.digest(code.reveal());
        insert_invitation(transaction.connection(), &invitation, digest, &by.id).await?;
        let payload = InvitationCreated {
            invitation: invitation.id,
            role,
            teams: &invitation.teams,
            expires: invitation.expires,
            by: &by.id,
        };
        self.record(&mut transaction, &invitation.id.to_string(), now, &payload)
            .await?;
        transaction.commit().await?;
        Ok(NewInvitation {
            id: invitation.id,
            code,
            expires: invitation.expires,
        })
    }

    /// The invitations that are open, the oldest first.
    ///
    /// # Errors
    /// [`AccessError::Store`] when they cannot be read.
    pub async fn invitations(&self) -> Result<Vec<Invitation>, AccessError> {
        let mut reader = self.store.readers().acquire().await?;
        Ok(invitations(&mut reader, self.clock.now()).await?)
    }

    /// Withdraws an invitation.
    ///
    /// # Errors
    /// [`AccessError::InvitationUnknown`] when no open one has this id.
    pub async fn withdraw_invitation(
        &self,
        id: InvitationId,
        by: &Principal,
    ) -> Result<(), AccessError> {
        let now = self.clock.now();
        let mut transaction = self.store.begin().await?;
        if !spend_invitation(transaction.connection(), id, now).await? {
            return Err(AccessError::InvitationUnknown);
        }
        let payload = InvitationRemoved {
            invitation: id,
            by: &by.id,
        };
        self.record(&mut transaction, &id.to_string(), now, &payload)
            .await?;
        Ok(transaction.commit().await?)
    }

    /// What an invitation offers to who holds its code. It stays good.
    ///
    /// # Errors
    /// [`AccessError::InvitationSpent`] when it is not good (any more), [`AccessError::RateLimited`] when `client` tried too many.
    pub async fn look_at_invitation(
        &self,
        code: &str,
        client: ClientAddress,
    ) -> Result<InvitationLook, AccessError> {
        let invitation = self.open_invitation(code, client).await?;
        Ok(InvitationLook {
            email: invitation.email,
            role: invitation.role,
            teams: invitation.teams,
            expires: invitation.expires,
            invited_by: invitation.by,
        })
    }

    async fn open_invitation(
        &self,
        code: &str,
        client: ClientAddress,
    ) -> Result<Invitation, AccessError> {
        let digest = Purpose::Invitation.digest(code);
        self.may_try(&digest, client, AccessError::InvitationSpent)?;
        if Purpose::Invitation.is_well_formed(code) {
            let mut reader = self.store.readers().acquire().await?;
            let now = self.clock.now();
            if let Some(found) = find_invitation(&mut reader, digest, now).await? {
                return Ok(found);
            }
        }
        self.was_wrong(digest, client);
        Err(AccessError::InvitationSpent)
    }

    /// Uses an invitation up: makes the account and begins its first session. A refusal leaves the invitation good.
    ///
    /// # Errors
    /// As [`Self::look_at_invitation`]; others when the name, email or password cannot be taken.
    pub async fn accept_invitation(
        &self,
        code: &str,
        joining: Joining,
        client: ClientAddress,
    ) -> Result<NewSession, AccessError> {
        let invitation = self.open_invitation(code, client).await?;
        check_name(&joining.name)?;
        let email = match &invitation.email {
            Some(email) => Some(email.clone()),
            None => joining.email.as_deref().map(fold_email).transpose()?,
        };
        if joining.password.is_some() && email.is_none() {
            return Err(AccessError::EmailInvalid);
        }
        let about = [Some(joining.name.clone()), email.clone()];
        let hash = match joining.password {
            Some(password) => {
                let about = about.into_iter().flatten().collect();
                Some(
                    self.hasher
                        .hash_new(password, self.new_salt(), about)
                        .await?,
                )
            }
            None => None,
        };
        let now = self.clock.now();
        let account = Account {
            id: self.new_id(now),
            name: joining.name,
            email,
            role: invitation.role,
            disabled: false,
        };
        let mut transaction = self.store.begin().await?;
        if !spend_invitation(transaction.connection(), invitation.id, now).await? {
            return Err(AccessError::InvitationSpent);
        }
        let verified = invitation.email.is_some();
        self.add_person(&mut transaction, &account, verified, "invitation", now)
            .await?;
        if let Some(hash) = hash {
            set_password(transaction.connection(), account.id, &hash).await?;
            let payload = PasswordChanged {
                account: account.id,
                how: "invitation",
            };
            self.record(&mut transaction, &account.id.to_string(), now, &payload)
                .await?;
        }
        let id = account.id.to_string();
        for name in &invitation.teams {
            // A team that was removed since is no reason to keep somebody out.
            if let Some(team) = find_team(transaction.connection(), name).await? {
                self.put_into(&mut transaction, (team, name), &id, &id, now)
                    .await?;
            }
        }
        let session = self
            .begin_account_session(&mut transaction, &account, "invitation", client, now)
            .await?;
        transaction.commit().await?;
        Ok(session)
    }

    /// Writes a new person as part of a larger change.
    pub(super) async fn add_person(
        &self,
        transaction: &mut Transaction,
        account: &Account,
        verified: bool,
        how: &str,
        now: Timestamp,
    ) -> Result<(), AccessError> {
        if let Some(email) = &account.email
            && find_account_by_email(transaction.connection(), email)
                .await?
                .is_some()
        {
            return Err(AccessError::EmailTaken);
        }
        if count_accounts(transaction.connection()).await? >= MAX_ACCOUNTS {
            return Err(AccessError::TooMany("people"));
        }
        insert_account(transaction.connection(), account, verified, now).await?;
        let payload = PersonJoined {
            account: account.id,
            name: &account.name,
            role: account.role,
            how,
        };
        self.record(transaction, &account.id.to_string(), now, &payload)
            .await
    }
}
