//! What is wrong with a route file.

use serde::Serialize;
use utoipa::ToSchema;

/// A route file: its name in the workspace and its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteFile {
    /// Such as `gateway/shop.toml`.
    pub name: String,
    /// The TOML text.
    pub text: String,
}

/// Something that keeps a route file from being used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    /// The file's name.
    pub file: String,
    /// The line, counted from 1, where one is to blame.
    pub line: Option<usize>,
    /// What is wrong, in one sentence.
    pub text: String,
}
