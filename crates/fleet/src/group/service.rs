//! Making, changing and looking into groups.

use std::collections::BTreeSet;

use serde_json::json;
use trunkline_model::{Event, catalogue};
use trunkline_store::{Transaction, outbox};
use trunkline_twin::is_thing_name;

use super::{Group, GroupChange, NewGroup, store};
use crate::store as things;
use crate::{Fleet, FleetError, job};

/// Groups at the most.
const GROUPS: i64 = 1_000;
/// Levels of a tree.
const DEPTH: i64 = 7;
/// Groups into which one thing can be put, as AWS has it.
const OF_THING: usize = 10;
/// Things that a statement can give.
const NAMES: usize = 10_000;
/// The most bytes of a statement.
const STATEMENT: usize = 8 * 1024;
/// The most bytes of a description.
const DESCRIPTION: usize = 2_028;
/// The most things of one page.
const PAGE: u32 = 1_000;
/// The most things that a job looks up in a tree of groups.
const ALL: u32 = 100_001;

impl Fleet {
    /// Makes a group.
    ///
    /// # Errors
    /// [`FleetError`] where there is one of its name, where its parent is unknown, and where it breaks a rule.
    pub async fn create_group(&self, wanted: NewGroup, by: &str) -> Result<Group, FleetError> {
        check(&wanted)?;
        if let Some(statement) = &wanted.statement {
            self.check_statement(statement)?;
        }
        let group = Group {
            name: wanted.name,
            parent: wanted.parent,
            statement: wanted.statement,
            description: wanted.description,
            created: self.clock.now(),
        };
        let mut transaction = self.store.begin().await?;
        if store::number(transaction.connection()).await? >= GROUPS {
            return Err(FleetError::Full(format!(
                "there are {GROUPS} groups, which is the most"
            )));
        }
        if let Some(parent) = &group.parent {
            let above = store::one(transaction.connection(), parent).await?;
            let above = above.ok_or_else(|| FleetError::GroupUnknown(parent.clone()))?;
            if above.statement.is_some() {
                return invalid("a group that a statement makes up has no parts");
            }
            if store::depth(transaction.connection(), parent).await? >= DEPTH {
                return invalid("a tree of groups has at most 7 levels");
            }
        }
        if !store::insert(transaction.connection(), &group).await? {
            return Err(FleetError::GroupExists(group.name));
        }
        self.group_changed(&mut transaction, &group, false, by)
            .await?;
        transaction.commit().await?;
        Ok(group)
    }

    /// Changes a group.
    ///
    /// # Errors
    /// [`FleetError::GroupUnknown`]; [`FleetError::GroupInvalid`] where a statement is given to a group that has none, and where it or the
    /// description is too long.
    pub async fn change_group(
        &self,
        name: &str,
        change: GroupChange,
        by: &str,
    ) -> Result<Group, FleetError> {
        let mut transaction = self.store.begin().await?;
        let group = store::one(transaction.connection(), name).await?;
        let mut group = group.ok_or_else(|| FleetError::GroupUnknown(name.into()))?;
        if let Some(statement) = change.statement {
            if group.statement.is_none() {
                return invalid("people put things into this group; it has no statement");
            }
            check_statement(&statement)?;
            self.check_statement(&statement)?;
            group.statement = Some(statement);
        }
        if let Some(description) = change.description {
            check_description(&description)?;
            group.description = description;
        }
        store::update(transaction.connection(), &group).await?;
        self.group_changed(&mut transaction, &group, false, by)
            .await?;
        transaction.commit().await?;
        Ok(group)
    }

    /// Takes a group away; its things stay.
    ///
    /// # Errors
    /// [`FleetError::GroupUnknown`]; [`FleetError::GroupInvalid`] where it has parts, and where a job that is not over is for it.
    pub async fn remove_group(&self, name: &str, by: &str) -> Result<(), FleetError> {
        let mut transaction = self.store.begin().await?;
        let group = store::one(transaction.connection(), name).await?;
        let group = group.ok_or_else(|| FleetError::GroupUnknown(name.into()))?;
        if let Some(child) = store::child(transaction.connection(), name).await? {
            return invalid(format!("the group `{child}` is a part of it"));
        }
        if let Some(job) = job::is_target(transaction.connection(), name).await? {
            return invalid(format!("the job `{job}`, which is not over, is for it"));
        }
        store::remove(transaction.connection(), name).await?;
        self.group_changed(&mut transaction, &group, true, by)
            .await?;
        Ok(transaction.commit().await?)
    }

    /// Groups in the order of their names, after `after`, at most `count`.
    ///
    /// # Errors
    /// [`FleetError::Store`] when they cannot be read.
    pub async fn groups(&self, after: &str, count: u32) -> Result<Vec<Group>, FleetError> {
        let mut reader = self.store.readers().acquire().await?;
        Ok(store::page(&mut reader, after, count.clamp(1, PAGE)).await?)
    }

    /// One group.
    ///
    /// # Errors
    /// [`FleetError::GroupUnknown`] where there is none of this name.
    pub async fn group(&self, name: &str) -> Result<Group, FleetError> {
        let mut reader = self.store.readers().acquire().await?;
        store::one(&mut reader, name)
            .await?
            .ok_or_else(|| FleetError::GroupUnknown(name.into()))
    }

    /// Puts a thing into a group, in which it may be already.
    ///
    /// # Errors
    /// [`FleetError`] where there is no such group or thing, where a statement makes the group up, and where the thing is in as many groups
    /// as it may be.
    pub async fn add_to_group(&self, name: &str, thing: &str, by: &str) -> Result<(), FleetError> {
        let mut transaction = self.store.begin().await?;
        static_group(&mut transaction, name).await?;
        if things::thing(transaction.connection(), thing)
            .await?
            .is_none()
        {
            return Err(FleetError::ThingUnknown(thing.into()));
        }
        let groups = store::of_thing(transaction.connection(), thing).await?;
        if groups.iter().any(|group| group == name) {
            return Ok(());
        }
        if groups.len() >= OF_THING {
            return invalid(format!(
                "`{thing}` is in {OF_THING} groups, which is the most"
            ));
        }
        store::add(transaction.connection(), name, thing).await?;
        self.member_changed(&mut transaction, name, thing, true, by)
            .await?;
        Ok(transaction.commit().await?)
    }

    /// Takes a thing out of a group, in which it need not be.
    ///
    /// # Errors
    /// [`FleetError`] where there is no such group, and where a statement makes it up.
    pub async fn take_out_of_group(
        &self,
        name: &str,
        thing: &str,
        by: &str,
    ) -> Result<(), FleetError> {
        let mut transaction = self.store.begin().await?;
        static_group(&mut transaction, name).await?;
        if store::take_out(transaction.connection(), name, thing).await? {
            self.member_changed(&mut transaction, name, thing, false, by)
                .await?;
        }
        Ok(transaction.commit().await?)
    }

    /// The groups into which a thing was put; those that a statement makes up are not looked into.
    ///
    /// # Errors
    /// [`FleetError::ThingUnknown`] where there is no such thing.
    pub async fn groups_of(&self, thing: &str) -> Result<Vec<String>, FleetError> {
        self.thing(thing).await?;
        let mut reader = self.store.readers().acquire().await?;
        Ok(store::of_thing(&mut reader, thing).await?)
    }

    /// What was put into groups: the group and the thing, in their order, after `after`, at most `count`. What a statement makes up is not
    /// among it.
    ///
    /// # Errors
    /// [`FleetError::Store`] when it cannot be read.
    pub async fn members(
        &self,
        after: (&str, &str),
        count: u32,
    ) -> Result<Vec<(String, String)>, FleetError> {
        let mut reader = self.store.readers().acquire().await?;
        Ok(store::members_after(&mut reader, after, count).await?)
    }

    /// The things of a group and of its parts, in the order of their names, after `after`, at most `count`.
    ///
    /// # Errors
    /// [`FleetError::GroupUnknown`]; [`FleetError::Statement`] where its statement cannot be evaluated.
    pub async fn things_of_group(
        &self,
        name: &str,
        after: &str,
        count: u32,
    ) -> Result<Vec<String>, FleetError> {
        let count = count.clamp(1, PAGE);
        let mut all = self.look_into(name, after, count).await?;
        all.truncate(count as usize);
        Ok(all)
    }

    /// All things of a group and of its parts.
    pub(crate) async fn things_of(&self, name: &str) -> Result<Vec<String>, FleetError> {
        self.look_into(name, "", ALL).await
    }

    /// The things of a group after `after`: at most `count` where people put them into it, all where a statement makes it up.
    async fn look_into(
        &self,
        name: &str,
        after: &str,
        count: u32,
    ) -> Result<Vec<String>, FleetError> {
        let group = self.group(name).await?;
        let Some(statement) = &group.statement else {
            let mut reader = self.store.readers().acquire().await?;
            return Ok(store::things(&mut reader, name, after, count).await?);
        };
        let names: BTreeSet<String> = self
            .ask_names(statement, NAMES)
            .await?
            .into_iter()
            .filter(|thing| thing.as_str() > after)
            .collect();
        let names: Vec<String> = names.into_iter().collect();
        let mut reader = self.store.readers().acquire().await?;
        Ok(store::existing(&mut reader, &names).await?)
    }

    async fn group_changed(
        &self,
        transaction: &mut Transaction,
        group: &Group,
        removed: bool,
        by: &str,
    ) -> Result<(), FleetError> {
        let data = json!({
            "group": group.name, "parent": group.parent, "statement": group.statement, "description": group.description,
            "removed": removed, "by": by,
        });
        let kind = catalogue::FLEET_GROUP_CHANGED;
        let now = self.clock.now();
        let event = Event::platform("fleet", kind, &group.name, now, &*self.ids, &data)?;
        Ok(outbox::put(transaction, &event).await?)
    }

    async fn member_changed(
        &self,
        transaction: &mut Transaction,
        group: &str,
        thing: &str,
        member: bool,
        by: &str,
    ) -> Result<(), FleetError> {
        let data = json!({"group": group, "thing": thing, "member": member, "by": by});
        let kind = catalogue::FLEET_GROUP_MEMBER_CHANGED;
        let now = self.clock.now();
        let event = Event::platform("fleet", kind, thing, now, &*self.ids, &data)?;
        Ok(outbox::put(transaction, &event).await?)
    }
}

/// Sees to it that there is such a group, and that people put things into it.
async fn static_group(transaction: &mut Transaction, name: &str) -> Result<(), FleetError> {
    let group = store::one(transaction.connection(), name).await?;
    let group = group.ok_or_else(|| FleetError::GroupUnknown(name.into()))?;
    if group.statement.is_some() {
        return invalid("a statement says what is in this group");
    }
    Ok(())
}

fn check(wanted: &NewGroup) -> Result<(), FleetError> {
    if !is_thing_name(&wanted.name) {
        return invalid("a group's name has 1 to 128 letters, digits, `:`, `_` and `-`");
    }
    check_description(&wanted.description)?;
    let Some(statement) = &wanted.statement else {
        return Ok(());
    };
    if wanted.parent.is_some() {
        return invalid("a group that a statement makes up is no part of another");
    }
    check_statement(statement)
}

fn check_statement(statement: &str) -> Result<(), FleetError> {
    if statement.trim().is_empty() || statement.len() > STATEMENT {
        return invalid(format!("a statement has 1 to {STATEMENT} bytes"));
    }
    Ok(())
}

fn check_description(description: &str) -> Result<(), FleetError> {
    if description.len() > DESCRIPTION {
        return invalid(format!("a description has at most {DESCRIPTION} bytes"));
    }
    Ok(())
}

fn invalid<T>(what: impl Into<String>) -> Result<T, FleetError> {
    Err(FleetError::GroupInvalid(what.into()))
}
