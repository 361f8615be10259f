//! A group as people see it.

use serde::{Deserialize, Serialize};
use trunkline_model::Timestamp;
use utoipa::ToSchema;

/// A group of things.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Group {
    /// What it is called.
    #[schema(example = "cellar")]
    pub name: String,
    /// The group that it is a part of. Whatever is done to that one is done to this one's things too.
    pub parent: Option<String>,
    /// What says whose name is in it; nothing where people put things into it.
    pub statement: Option<String>,
    /// A few words for people.
    pub description: String,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created: Timestamp,
}

/// A group that is to be made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewGroup {
    /// What it is called: letters, digits, `:`, `_` and `-`, at most 128.
    #[schema(
        example = "cellar",
        min_length = 1,
        max_length = 128,
        pattern = "^[a-zA-Z0-9:_-]+$"
    )]
    pub name: String,
    /// The group that it is to be a part of. A tree has at most 7 levels.
    #[serde(default)]
    pub parent: Option<String>,
    /// A statement in SQL whose first column is the names of its things, at most 10,000; then nobody puts things into it.
    #[serde(default)]
    #[schema(example = "select thing from twins where shadow = ''")]
    pub statement: Option<String>,
    /// A few words for people; at most 2,028 bytes.
    #[serde(default)]
    #[schema(max_length = 2_028)]
    pub description: String,
}

/// What is to change about a group; what is not named stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupChange {
    /// Another statement, for a group that has one.
    #[serde(default)]
    pub statement: Option<String>,
    /// Other words for people.
    #[serde(default)]
    #[schema(max_length = 2_028)]
    pub description: Option<String>,
}
