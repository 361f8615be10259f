//! Teams and who belongs to them.

use trunkline_model::{Principal, Timestamp};
use trunkline_store::Transaction;

use super::Access;
use crate::events::{TeamCreated, TeamJoined, TeamLeft, TeamRemoved};
use crate::store::{
    count_teams, find_account, find_team, insert_team, join_team, leave_team, remove_team,
    services, teams,
};
use crate::{AccessError, Team, TeamId};
use trunkline_proof::check_name;

/// Teams that there may be.
const MAX_TEAMS: i64 = 1_000;

impl Access {
    /// All teams, in the order of their names.
    ///
    /// # Errors
    /// [`AccessError::Store`] when they cannot be read.
    pub async fn teams(&self) -> Result<Vec<Team>, AccessError> {
        let mut reader = self.store.readers().acquire().await?;
        Ok(teams(&mut reader).await?)
    }

    /// Makes a team that nobody belongs to.
    ///
    /// # Errors
    /// [`AccessError::NameInvalid`], [`AccessError::TeamTaken`], [`AccessError::TooMany`].
    pub async fn create_team(&self, name: &str, by: &Principal) -> Result<Team, AccessError> {
        let now = self.clock.now();
        let mut transaction = self.store.begin().await?;
        self.make_team(&mut transaction, name, &by.id, now).await?;
        transaction.commit().await?;
        Ok(Team {
            name: name.into(),
            members: Vec::new(),
            created: now,
        })
    }

    pub(super) async fn make_team(
        &self,
        transaction: &mut Transaction,
        name: &str,
        by: &str,
        now: Timestamp,
    ) -> Result<TeamId, AccessError> {
        check_name(name)?;
        if count_teams(transaction.connection()).await? >= MAX_TEAMS {
            return Err(AccessError::TooMany("teams"));
        }
        let team = self.new_id(now);
        if !insert_team(transaction.connection(), team, name, now).await? {
            return Err(AccessError::TeamTaken(name.into()));
        }
        let payload = TeamCreated { team, name, by };
        self.record(transaction, &team.to_string(), now, &payload)
            .await?;
        Ok(team)
    }

    /// Removes a team; its people stay.
    ///
    /// # Errors
    /// [`AccessError::TeamUnknown`].
    pub async fn remove_team(&self, name: &str, by: &Principal) -> Result<(), AccessError> {
        let now = self.clock.now();
        let mut transaction = self.store.begin().await?;
        let team = known_team(&mut transaction, name).await?;
        remove_team(transaction.connection(), team).await?;
        let payload = TeamRemoved {
            team,
            name,
            by: &by.id,
        };
        self.record(&mut transaction, &team.to_string(), now, &payload)
            .await?;
        self.commit_and_forget(transaction).await
    }

    /// Puts a person or service account into a team; nothing happens where it is there already.
    ///
    /// # Errors
    /// [`AccessError::TeamUnknown`], [`AccessError::PersonUnknown`].
    pub async fn join_team(
        &self,
        name: &str,
        member: &str,
        by: &Principal,
    ) -> Result<(), AccessError> {
        let now = self.clock.now();
        let mut transaction = self.store.begin().await?;
        let team = known_team(&mut transaction, name).await?;
        require_member(&mut transaction, member).await?;
        self.put_into(&mut transaction, (team, name), member, &by.id, now)
            .await?;
        self.commit_and_forget(transaction).await
    }

    /// Takes somebody out of a team; nothing happens where it is not there.
    ///
    /// # Errors
    /// [`AccessError::TeamUnknown`], [`AccessError::PersonUnknown`].
    pub async fn leave_team(
        &self,
        name: &str,
        member: &str,
        by: &Principal,
    ) -> Result<(), AccessError> {
        let now = self.clock.now();
        let mut transaction = self.store.begin().await?;
        let team = known_team(&mut transaction, name).await?;
        require_member(&mut transaction, member).await?;
        self.take_out(&mut transaction, (team, name), member, &by.id, now)
            .await?;
        self.commit_and_forget(transaction).await
    }

    pub(super) async fn put_into(
        &self,
        transaction: &mut Transaction,
        (team, name): (TeamId, &str),
        member: &str,
        by: &str,
        now: Timestamp,
    ) -> Result<(), AccessError> {
        if !join_team(transaction.connection(), team, member).await? {
            return Ok(());
        }
        let payload = TeamJoined {
            team,
            name,
            member,
            by,
        };
        self.record(transaction, &team.to_string(), now, &payload)
            .await
    }

    pub(super) async fn take_out(
        &self,
        transaction: &mut Transaction,
        (team, name): (TeamId, &str),
        member: &str,
        by: &str,
        now: Timestamp,
    ) -> Result<(), AccessError> {
        if !leave_team(transaction.connection(), team, member).await? {
            return Ok(());
        }
        let payload = TeamLeft {
            team,
            name,
            member,
            by,
        };
        self.record(transaction, &team.to_string(), now, &payload)
            .await
    }
}

/// The id of the team called `name`.
pub(super) async fn known_team(
    transaction: &mut Transaction,
    name: &str,
) -> Result<TeamId, AccessError> {
    find_team(transaction.connection(), name)
        .await?
        .ok_or_else(|| AccessError::TeamUnknown(name.chars().take(64).collect()))
}

/// Nothing where there is a person or service account with the id `member`.
async fn require_member(transaction: &mut Transaction, member: &str) -> Result<(), AccessError> {
    let there = match member.parse() {
        Ok(id) => find_account(transaction.connection(), id).await?.is_some(),
        Err(_) => services(transaction.connection())
            .await?
            .iter()
            .any(|service| service.id.to_string() == member),
    };
    if there {
        Ok(())
    } else {
        Err(AccessError::PersonUnknown)
    }
}
