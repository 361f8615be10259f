//! Types of things.

use serde_json::{Map, Value, json};
use trunkline_fleet::{FleetError, NewThingType, ThingType};
use trunkline_model::action;

use crate::answer::{Answer, Outcome};
use crate::arn::Kind;
use crate::call::{Call, without_nulls};
use crate::error::AwsError;

/// Makes a type, which may be there already as it is wanted. Attributes that can be searched for are those that its schema names; it
/// asks nothing of them.
pub(crate) async fn create(call: &Call) -> Outcome {
    let name = call.name(0);
    let mut members = call.members()?;
    let mut properties = members.members("thingTypeProperties")?.unwrap_or_default();
    let description = properties.text("thingTypeDescription")?;
    let searchable = properties.list("searchableAttributes")?.unwrap_or_default();
    properties.end()?;
    members.end()?;
    call.require(&action::THING_CHANGE, &target(name))?;
    let wanted = NewThingType {
        description: description.unwrap_or_default(),
        attributes: schema(searchable),
        ..NewThingType::default()
    };
    let _turn = call.aws.turn.lock().await;
    match call.fleet().thing_type(name).await {
        Err(FleetError::TypeUnknown(_)) => {
            call.fleet().put_type(name, wanted, call.by()).await?;
        }
        Err(error) => return Err(error.into()),
        Ok(there) => {
            let same = there.description == wanted.description
                && there.attributes == wanted.attributes
                && there.reported.is_none();
            if !same {
                let message = format!("there is a type called `{name}` that is not like this");
                return Err(AwsError::exists(message));
            }
        }
    }
    Ok(Answer::Document(json!({
        "thingTypeName": name, "thingTypeArn": call.arn(Kind::Type, name),
    })))
}

/// A schema that names attributes, and takes others too.
fn schema(names: Vec<String>) -> Option<Value> {
    if names.is_empty() {
        return None;
    }
    let any = names.into_iter().map(|name| (name, json!({})));
    let properties: Map<String, Value> = any.collect();
    Some(json!({"type": "object", "properties": properties}))
}

/// The attributes that a type's schema names, in the order of the alphabet.
fn searchable(kind: &ThingType) -> Vec<&str> {
    let properties = kind
        .attributes
        .as_ref()
        .and_then(|schema| schema.get("properties"));
    let properties = properties.and_then(Value::as_object);
    let names = properties.map(|all| all.keys().map(String::as_str));
    let mut names: Vec<&str> = names.into_iter().flatten().collect();
    names.sort_unstable();
    names
}

fn shown(call: &Call, kind: &ThingType) -> Value {
    let description = Some(&kind.description).filter(|text| !text.is_empty());
    without_nulls(json!({
        "thingTypeName": kind.name,
        "thingTypeArn": call.arn(Kind::Type, &kind.name),
        "thingTypeProperties": {
            "thingTypeDescription": description, "searchableAttributes": searchable(kind),
        },
        "thingTypeMetadata": {"deprecated": false},
    }))
}

/// Shows a type.
pub(crate) async fn describe(call: &Call) -> Outcome {
    let name = call.name(0);
    call.require(&action::THING_READ, &target(name))?;
    let kind = call.fleet().thing_type(name).await?;
    Ok(Answer::Document(shown(call, &kind)))
}

/// Lists types.
pub(crate) async fn list(call: &Call) -> Outcome {
    call.only(&["nextToken", "maxResults", "thingTypeName"])?;
    let page = call.page()?;
    call.require(&action::THING_READ, "")?;
    let mut all = call.fleet().types().await?;
    if let Some(name) = call.query("thingTypeName") {
        all.retain(|kind| kind.name == name);
    }
    let (kinds, next) = page.of(all, |kind| kind.name.clone());
    let kinds: Vec<Value> = kinds.iter().map(|kind| shown(call, kind)).collect();
    Ok(Answer::Document(without_nulls(
        json!({"thingTypes": kinds, "nextToken": next}),
    )))
}

/// Takes a type away; its things stay.
pub(crate) async fn delete(call: &Call) -> Outcome {
    let name = call.name(0);
    call.require(&action::THING_CHANGE, &target(name))?;
    call.fleet().remove_type(name, call.by()).await?;
    Ok(Answer::Document(json!({})))
}

/// What policies of the platform call a type.
fn target(name: &str) -> String {
    format!("type:{name}")
}
