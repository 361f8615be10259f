//! Groups of things.

use serde_json::{Value, json};
use trunkline_fleet::{FleetError, Group, GroupChange, NewGroup};
use trunkline_model::action;

use crate::answer::{Answer, Outcome};
use crate::arn::Kind;
use crate::call::{Call, without_nulls};
use crate::error::AwsError;
use crate::members::Members;
use crate::time::seconds;

/// Groups that are read at a time; there are never more.
const ALL: u32 = 1_000;

/// What policies of the platform call a group, which is what jobs call it too.
pub(super) fn target(group: &str) -> String {
    format!("group:{group}")
}

/// All groups.
pub(super) async fn all(call: &Call) -> Result<Vec<Group>, AwsError> {
    Ok(call.fleet().groups("", ALL).await?)
}

fn description(members: &mut Members) -> Result<Option<String>, AwsError> {
    let Some(mut properties) = members.members("thingGroupProperties")? else {
        return Ok(None);
    };
    let description = properties.text("thingGroupDescription")?;
    properties.end()?;
    Ok(description)
}

/// Makes a group, which may be there already as it is wanted.
pub(crate) async fn create(call: &Call) -> Outcome {
    let name = call.name(0);
    let mut members = call.members()?;
    let parent = members.text("parentGroupName")?;
    let description = description(&mut members)?.unwrap_or_default();
    members.end()?;
    call.require(&action::THING_CHANGE, &target(name))?;
    let wanted = NewGroup {
        name: name.to_owned(),
        parent,
        statement: None,
        description,
    };
    match call.fleet().create_group(wanted.clone(), call.by()).await {
        Ok(_) => {}
        Err(FleetError::GroupExists(_)) => {
            let there = call.fleet().group(name).await?;
            let same = there.parent == wanted.parent
                && there.description == wanted.description
                && there.statement.is_none();
            if !same {
                let message = format!("there is a group called `{name}` that is not like this");
                return Err(AwsError::exists(message));
            }
        }
        Err(error) => return Err(error.into()),
    }
    Ok(Answer::Document(json!({
        "thingGroupName": name, "thingGroupArn": call.arn(Kind::Group, name),
    })))
}

/// Shows a group, and those above it.
pub(crate) async fn describe(call: &Call) -> Outcome {
    let name = call.name(0);
    call.require(&action::THING_READ, &target(name))?;
    let group = call.fleet().group(name).await?;
    let mut above = Vec::new();
    let all = all(call).await?;
    let mut parent = group.parent.as_deref();
    // No tree is deeper than there are groups.
    while let Some(name) = parent.filter(|_| above.len() < all.len()) {
        above.push(named(call, name));
        let found = all.iter().find(|group| group.name == name);
        parent = found.and_then(|group| group.parent.as_deref());
    }
    above.reverse();
    let description = Some(&group.description).filter(|text| !text.is_empty());
    let status = group.statement.as_ref().map(|_| "ACTIVE");
    Ok(Answer::Document(without_nulls(json!({
        "thingGroupName": name,
        "thingGroupArn": call.arn(Kind::Group, name),
        "thingGroupProperties": {"thingGroupDescription": description},
        "thingGroupMetadata": {
            "parentGroupName": group.parent, "rootToParentThingGroups": above, "creationDate": seconds(group.created),
        },
        "queryString": group.statement,
        "status": status,
    }))))
}

/// A group in a list.
pub(super) fn named(call: &Call, name: &str) -> Value {
    json!({"groupName": name, "groupArn": call.arn(Kind::Group, name)})
}

/// Lists groups: all, or those below one.
pub(crate) async fn list(call: &Call) -> Outcome {
    call.only(&[
        "nextToken",
        "maxResults",
        "parentGroup",
        "namePrefixFilter",
        "recursive",
    ])?;
    let page = call.page()?;
    let recursive = call.choice("recursive")?.unwrap_or(true);
    let prefix = call.query("namePrefixFilter").unwrap_or_default();
    call.require(&action::THING_READ, "")?;
    let all = all(call).await?;
    let parent = call.query("parentGroup");
    if let Some(parent) = parent {
        call.fleet().group(parent).await?;
    }
    let wanted =
        |group: &&Group| group.name.starts_with(prefix) && is_below(&all, group, parent, recursive);
    let names: Vec<&str> = all
        .iter()
        .filter(wanted)
        .map(|group| &*group.name)
        .collect();
    let (names, next) = page.of(names, ToString::to_string);
    let groups: Vec<Value> = names.into_iter().map(|name| named(call, name)).collect();
    Ok(Answer::Document(without_nulls(
        json!({"thingGroups": groups, "nextToken": next}),
    )))
}

/// Whether a group is a part of `parent`, or of one of its parts where so is said; without a parent all are below.
fn is_below(all: &[Group], group: &Group, parent: Option<&str>, recursive: bool) -> bool {
    if !recursive {
        return group.parent.as_deref() == parent;
    }
    let Some(parent) = parent else {
        return true;
    };
    let mut above = group.parent.as_deref();
    for _ in all {
        match above {
            None => return false,
            Some(name) if name == parent => return true,
            Some(name) => {
                let found = all.iter().find(|group| group.name == name);
                above = found.and_then(|group| group.parent.as_deref());
            }
        }
    }
    false
}

/// Changes the description of a group.
pub(crate) async fn update(call: &Call) -> Outcome {
    let name = call.name(0);
    let mut members = call.members()?;
    let description = description(&mut members)?;
    members.end()?;
    call.require(&action::THING_CHANGE, &target(name))?;
    let change = GroupChange {
        statement: None,
        description,
    };
    call.fleet().change_group(name, change, call.by()).await?;
    Ok(Answer::Document(json!({})))
}

/// Takes a group away, which need not be there; its things stay.
pub(crate) async fn delete(call: &Call) -> Outcome {
    let name = call.name(0);
    call.only(&[])?;
    call.require(&action::THING_CHANGE, &target(name))?;
    match call.fleet().remove_group(name, call.by()).await {
        Ok(()) | Err(FleetError::GroupUnknown(_)) => Ok(Answer::Document(json!({}))),
        Err(error) => Err(error.into()),
    }
}
