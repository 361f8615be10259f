//! A device, as the platform knows it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use trunkline_model::Timestamp;
use utoipa::ToSchema;

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
