//! Which things are in which groups.

use serde_json::{Value, json};
use trunkline_fleet::FleetError;
use trunkline_model::action;

use super::group::{all, named, target};
use crate::answer::{Answer, Outcome};
use crate::arn::{Kind, read_as};
use crate::call::{Call, without_nulls};
use crate::error::AwsError;
use crate::limits;
use crate::members::Members;
use crate::page::{Page, token};

/// Things that are looked at one by one for one page.
const PORTION: u32 = 250;

/// A name that is said, or said in full.
fn name(members: &mut Members, kind: Kind, name: &str, arn: &str) -> Result<String, AwsError> {
    let full = members.text(arn)?;
    let full = full.as_deref().map(|arn| read_as(kind, arn)).transpose()?;
    match (members.text(name)?, full) {
        (Some(said), Some(full)) if said != full => {
            let message = format!("`{name}` and `{arn}` are not of the same");
            Err(AwsError::invalid(message))
        }
        (Some(name), _) => Ok(name),
        (None, Some(full)) => Ok(full.to_owned()),
        (None, None) => Err(AwsError::invalid(format!("`{name}` is missing"))),
    }
}

/// The group and the thing that a request is about, which whoever asks may change.
fn both(call: &Call) -> Result<(String, String), AwsError> {
    let mut members = call.members()?;
    let group = name(&mut members, Kind::Group, "thingGroupName", "thingGroupArn")?;
    let thing = name(&mut members, Kind::Thing, "thingName", "thingArn")?;
    // Groups that a statement makes up have no bounds here that could be overridden.
    members.flag("overrideDynamicGroups")?;
    members.end()?;
    call.require(&action::THING_CHANGE, &target(&group))?;
    call.require(&action::THING_CHANGE, &thing)?;
    Ok((group, thing))
}

/// Puts a thing into a group.
pub(crate) async fn add(call: &Call) -> Outcome {
    let (group, thing) = both(call)?;
    call.fleet().add_to_group(&group, &thing, call.by()).await?;
    Ok(Answer::Document(json!({})))
}

/// Takes a thing out of a group.
pub(crate) async fn remove(call: &Call) -> Outcome {
    let (group, thing) = both(call)?;
    let fleet = call.fleet();
    fleet.take_out_of_group(&group, &thing, call.by()).await?;
    Ok(Answer::Document(json!({})))
}

/// Lists the things of a group; those of its parts too where so is said.
pub(crate) async fn things(call: &Call) -> Outcome {
    call.only(&["recursive", "nextToken", "maxResults"])?;
    let group = call.name(0);
    let recursive = call.flag("recursive")?;
    let page = call.page()?;
    call.require(&action::THING_READ, &target(group))?;
    let is_part = |parent: &Option<String>| parent.as_deref() == Some(group);
    let has_parts = all(call).await?.iter().any(|other| is_part(&other.parent));
    let (things, next) = if recursive || !has_parts {
        let fleet = call.fleet();
        let things = fleet.things_of_group(group, &page.after, page.one_more());
        page.of(things.await?, Clone::clone)
    } else {
        directly(call, group, &page).await?
    };
    Ok(Answer::Document(without_nulls(
        json!({"things": things, "nextToken": next}),
    )))
}

/// The things that were put into this very group.
async fn directly(
    call: &Call,
    group: &str,
    page: &Page,
) -> Result<(Vec<String>, Option<String>), AwsError> {
    let (mut found, mut after, mut looked_at) = (Vec::new(), page.after.clone(), 0);
    loop {
        let things = call.fleet().things_of_group(group, &after, PORTION).await?;
        let last = things.len() < PORTION as usize;
        for thing in things {
            if found.len() == page.count {
                return Ok((found, Some(token(&after))));
            }
            after.clone_from(&thing);
            match call.fleet().groups_of(&thing).await {
                Ok(groups) if groups.iter().any(|name| name == group) => found.push(thing),
                Ok(_) | Err(FleetError::ThingUnknown(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        looked_at += PORTION as usize;
        if last {
            return Ok((found, None));
        }
        if looked_at >= limits::LOOKED_AT {
            return Ok((found, Some(token(&after))));
        }
    }
}

/// Lists the groups into which a thing was put.
pub(crate) async fn groups(call: &Call) -> Outcome {
    call.only(&["nextToken", "maxResults"])?;
    let thing = call.name(0);
    let page = call.page()?;
    call.require(&action::THING_READ, thing)?;
    let groups = call.fleet().groups_of(thing).await?;
    let (groups, next) = page.of(groups, Clone::clone);
    let groups: Vec<Value> = groups.iter().map(|name| named(call, name)).collect();
    Ok(Answer::Document(without_nulls(
        json!({"thingGroups": groups, "nextToken": next}),
    )))
}
