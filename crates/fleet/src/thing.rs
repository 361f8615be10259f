//! A device, as the platform knows it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use trunkline_model::Timestamp;
use trunkline_twin::is_thing_name;
use utoipa::ToSchema;

use crate::FleetError;

/// The most bytes of a thing's attributes as JSON.
const ATTRIBUTES: usize = 4 * 1024;
/// The most bytes of a kind.
const KIND: usize = 128;

/// A device.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Thing {
    /// Its name, which is its client id too.
    #[schema(example = "pump-7")]
    pub name: String,
    /// What kind of thing it is; empty where nobody said.
    #[schema(example = "pump")]
    pub kind: String,
    /// What else is known of it.
    #[schema(value_type = Object)]
    pub attributes: Map<String, Value>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created: Timestamp,
}

/// A device that is to be made.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewThing {
    /// Its name: letters, digits, `:`, `_` and `-`, at most 128.
    #[schema(
        example = "pump-7",
        min_length = 1,
        max_length = 128,
        pattern = "^[a-zA-Z0-9:_-]+$"
    )]
    pub name: String,
    /// What kind of thing it is.
    #[serde(default)]
    #[schema(example = "pump", max_length = 128)]
    pub kind: String,
    /// What else is known of it; at most 4 KiB.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub attributes: Map<String, Value>,
}

/// What is to change about a device; what is not named stays.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ThingChange {
    /// What kind of thing it is.
    #[serde(default)]
    #[schema(example = "pump", max_length = 128)]
    pub kind: Option<String>,
    /// Attributes that are set; those that are null go, and those that are not named stay.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub attributes: Map<String, Value>,
}

impl NewThing {
    /// Whether a thing can be like that.
    pub(crate) fn check(&self) -> Result<(), FleetError> {
        if !is_thing_name(&self.name) {
            return invalid("a name has 1 to 128 letters, digits, `:`, `_` and `-`");
        }
        check(&self.kind, &self.attributes)
    }
}

impl ThingChange {
    /// Changes `thing`.
    pub(crate) fn apply(self, thing: &mut Thing) -> Result<(), FleetError> {
        if let Some(kind) = self.kind {
            thing.kind = kind;
        }
        for (name, value) in self.attributes {
            if value.is_null() {
                thing.attributes.remove(&name);
            } else {
                thing.attributes.insert(name, value);
            }
        }
        check(&thing.kind, &thing.attributes)
    }
}

fn check(kind: &str, attributes: &Map<String, Value>) -> Result<(), FleetError> {
    if kind.len() > KIND || kind.chars().any(char::is_control) {
        return invalid("a kind has at most 128 bytes and no control characters");
    }
    let bytes = serde_json::to_string(attributes).map_or(usize::MAX, |text| text.len());
    if bytes > ATTRIBUTES {
        return invalid("the attributes have more than 4 KiB");
    }
    Ok(())
}

fn invalid(what: &str) -> Result<(), FleetError> {
    Err(FleetError::Invalid(what.into()))
}
