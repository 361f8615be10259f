//! A type of things as people see it.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use trunkline_model::Timestamp;
use utoipa::ToSchema;

/// A type of things. The things of it are those whose kind is its name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ThingType {
    /// What it is called.
    #[schema(example = "pump")]
    pub name: String,
    /// A few words for people.
    pub description: String,
    /// What its things report in their classic shadow, as JSON Schema 2020-12.
    #[schema(value_type = Option<Object>)]
    pub reported: Option<Value>,
    /// What attributes its things have, as JSON Schema 2020-12.
    #[schema(value_type = Option<Object>)]
    pub attributes: Option<Value>,
    /// Bytes that a shadow of its things may have.
    pub shadow_bytes: usize,
    /// When it was last written.
    #[schema(value_type = String, format = DateTime)]
    pub changed: Timestamp,
}

/// A type that is to be written.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewThingType {
    /// A few words for people; at most 2,028 bytes.
    #[serde(default)]
    #[schema(max_length = 2_028)]
    pub description: String,
    /// What its things should report in their classic shadow, as JSON Schema 2020-12. What does not fit is accepted and told of.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub reported: Option<Value>,
    /// What attributes its things must have, as JSON Schema 2020-12. Things that are there already are not looked at again.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub attributes: Option<Value>,
    /// Bytes that a shadow of its things may have: 8 KiB where nothing is said, at most 64 KiB.
    #[serde(default)]
    #[schema(minimum = 8_192, maximum = 65_536)]
    pub shadow_bytes: Option<usize>,
}
