//! Things.

use serde_json::{Map, Value, json};
use trunkline_fleet::{FleetError, NewThing, Thing, ThingChange};
use trunkline_model::action;

use crate::answer::{Answer, Outcome};
use crate::arn::Kind;
use crate::call::{Call, without_nulls};
use crate::error::AwsError;
use crate::limits;
use crate::members::Members;
use crate::page::token;

/// The attribute by which the platform knows by which template a device was provisioned: who replaces all attributes does not mean it.
const PROVISIONED_BY: &str = "provisionedBy";

/// Things that are read at a time.
const TOGETHER: u32 = 1_000;

/// Makes a thing, which may be there already as it is wanted.
pub(crate) async fn create(call: &Call) -> Outcome {
    let name = call.name(0);
    let mut members = call.members()?;
    let kind = members.text("thingTypeName")?.unwrap_or_default();
    let attributes = attributes(&mut members)?.map(|attributes| attributes.wanted);
    members.end()?;
    call.require(&action::THING_CHANGE, name)?;
    let _turn = call.aws.turn.lock().await;
    check_kind(call, &kind).await?;
    let wanted = NewThing {
        name: name.to_owned(),
        kind,
        attributes: attributes.unwrap_or_default(),
    };
    match call.fleet().create(wanted.clone(), call.by()).await {
        Ok(_) => {}
        Err(FleetError::ThingExists(_)) => {
            let there = call.fleet().thing(name).await?;
            if there.kind != wanted.kind || there.attributes != wanted.attributes {
                let message = format!("there is a thing called `{name}` that is not like this");
                return Err(AwsError::exists(message));
            }
        }
        Err(error) => return Err(error.into()),
    }
    Ok(Answer::Document(json!({
        "thingName": name, "thingArn": call.arn(Kind::Thing, name),
    })))
}

/// A type that nobody wrote is a slip of the pen.
async fn check_kind(call: &Call, kind: &str) -> Result<(), AwsError> {
    if !kind.is_empty() {
        call.fleet().thing_type(kind).await?;
    }
    Ok(())
}

/// Attributes that are wanted.
#[derive(Debug)]
struct Attributes {
    wanted: Map<String, Value>,
    /// Whether others stay.
    merge: bool,
}

fn attributes(members: &mut Members) -> Result<Option<Attributes>, AwsError> {
    let Some(mut payload) = members.members("attributePayload")? else {
        return Ok(None);
    };
    let texts = payload.texts("attributes")?.unwrap_or_default();
    let merge = payload.flag("merge")?;
    payload.end()?;
    let values = texts.into_iter().map(|(name, text)| (name, text.into()));
    let wanted = values.collect();
    Ok(Some(Attributes { wanted, merge }))
}

/// Shows a thing.
pub(crate) async fn describe(call: &Call) -> Outcome {
    let name = call.name(0);
    call.require(&action::THING_READ, name)?;
    let thing = call.fleet().thing(name).await?;
    let mut shown = shown(call, &thing);
    shown["defaultClientId"] = name.into();
    Ok(Answer::Document(shown))
}

fn shown(call: &Call, thing: &Thing) -> Value {
    let kind = Some(&thing.kind).filter(|kind| !kind.is_empty());
    let attributes: Map<String, Value> = thing
        .attributes
        .iter()
        .map(|(name, value)| (name.clone(), text(value).into()))
        .collect();
    without_nulls(json!({
        "thingName": thing.name, "thingArn": call.arn(Kind::Thing, &thing.name), "thingTypeName": kind, "attributes": attributes,
    }))
}

/// An attribute as text: AWS knows of nothing else.
fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), ToOwned::to_owned)
}

/// Lists things: all, those of a type, or those with an attribute.
pub(crate) async fn list(call: &Call) -> Outcome {
    call.only(&[
        "nextToken",
        "maxResults",
        "attributeName",
        "attributeValue",
        "thingTypeName",
        "usePrefixAttributeValue",
    ])?;
    let page = call.page()?;
    let prefix = call.flag("usePrefixAttributeValue")?;
    let (attribute, value) = (call.query("attributeName"), call.query("attributeValue"));
    if value.is_some() && attribute.is_none() {
        return Err(AwsError::invalid("`attributeValue` needs `attributeName`"));
    }
    let kind = call.query("thingTypeName");
    call.require(&action::THING_READ, "")?;
    let fits = |thing: &Thing| {
        let of_kind = kind.is_none_or(|kind| thing.kind == kind);
        of_kind && attribute.is_none_or(|name| has(thing, name, value, prefix))
    };
    let (mut things, mut after, mut looked_at) = (Vec::new(), page.after.clone(), 0);
    let more = loop {
        let all = call.fleet().things(&after, TOGETHER).await?;
        let last = all.len() < TOGETHER as usize;
        let mut full = false;
        for thing in all {
            full = things.len() == page.count;
            if full {
                break;
            }
            after.clone_from(&thing.name);
            if fits(&thing) {
                things.push(shown(call, &thing));
            }
        }
        looked_at += TOGETHER as usize;
        if full || last || looked_at >= limits::LOOKED_AT {
            break full || !last;
        }
    };
    let next = more.then(|| token(&after));
    Ok(Answer::Document(without_nulls(
        json!({"things": things, "nextToken": next}),
    )))
}

fn has(thing: &Thing, name: &str, value: Option<&str>, prefix: bool) -> bool {
    let there = thing.attributes.get(name).map(text);
    there.is_some_and(|there| match value {
        Some(value) if prefix => there.starts_with(value),
        Some(value) => there == value,
        None => true,
    })
}

/// Changes a thing.
pub(crate) async fn update(call: &Call) -> Outcome {
    let name = call.name(0);
    let mut members = call.members()?;
    let mut kind = members.text("thingTypeName")?;
    if members.flag("removeThingType")? {
        if kind.is_some() {
            let message = "a type is either given or taken away";
            return Err(AwsError::invalid(message));
        }
        kind = Some(String::new());
    }
    let attributes = attributes(&mut members)?;
    if members.take("expectedVersion").is_some() {
        let message = "things have no versions here: leave `expectedVersion` out";
        return Err(AwsError::invalid(message));
    }
    members.end()?;
    call.require(&action::THING_CHANGE, name)?;
    let _turn = call.aws.turn.lock().await;
    check_kind(call, kind.as_deref().unwrap_or_default()).await?;
    let there = call.fleet().thing(name).await?;
    let attributes = attributes.map_or_else(Map::new, |attributes| change(&there, attributes));
    let change = ThingChange { kind, attributes };
    call.fleet().change(name, change, call.by()).await?;
    Ok(Answer::Document(json!({})))
}

/// What is to be written: an empty text takes an attribute away, and so does not to name it where others do not stay.
fn change(there: &Thing, wanted: Attributes) -> Map<String, Value> {
    let mut attributes = Map::new();
    if !wanted.merge {
        let others = there
            .attributes
            .keys()
            .filter(|name| *name != PROVISIONED_BY);
        attributes.extend(others.map(|name| (name.clone(), Value::Null)));
    }
    for (name, value) in wanted.wanted {
        let value = if value == "" { Value::Null } else { value };
        attributes.insert(name, value);
    }
    attributes
}

/// Takes a thing away, which need not be there. One that has certificates stays, as AWS has it.
pub(crate) async fn delete(call: &Call) -> Outcome {
    let name = call.name(0);
    call.only(&[])?;
    call.require(&action::THING_CHANGE, name)?;
    let _turn = call.aws.turn.lock().await;
    if !call.fleet().certificates(Some(name)).await?.is_empty() {
        let message = format!("certificates are attached to the thing `{name}`: detach them first");
        return Err(AwsError::invalid(message));
    }
    match call.fleet().remove(name, call.by()).await {
        Ok(certificates) => {
            call.tell().disconnect(name);
            for id in certificates {
                call.tell().disconnect(&id);
            }
        }
        Err(FleetError::ThingUnknown(_)) => {}
        Err(error) => return Err(error.into()),
    }
    Ok(Answer::Document(json!({})))
}
