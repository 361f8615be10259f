//! Reading and writing single columns.

use std::str::FromStr;

use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::Row as _;
use trunkline_model::{Role, Scope, Timestamp};
use trunkline_store::{Row, StoreError};

use trunkline_proof::Digest;

/// A stored scope that this version does not know.
#[derive(Debug, thiserror::Error)]
#[error("the scope is not known")]
struct ScopeUnknown;

/// A stored role that this version does not know.
#[derive(Debug, thiserror::Error)]
#[error("the role is not known")]
struct RoleUnknown;

/// The column `name`, which is text of an id or the like.
pub(super) fn parsed<T>(row: &Row, name: &'static str) -> Result<T, StoreError>
where
    T: FromStr<Err: std::error::Error + Send + Sync + 'static>,
{
    let text: &str = row.try_get(name)?;
    text.parse().map_err(|error| StoreError::value(name, error))
}

/// The column `name`, which is a time.
pub(super) fn time(row: &Row, name: &str) -> Result<Timestamp, StoreError> {
    Ok(Timestamp::from_micros(row.try_get(name)?))
}

/// The column `name`, which is a time or null.
pub(super) fn optional_time(row: &Row, name: &str) -> Result<Option<Timestamp>, StoreError> {
    let micros: Option<i64> = row.try_get(name)?;
    Ok(micros.map(Timestamp::from_micros))
}

/// The column `name`, which is a list of scopes.
pub(super) fn scopes(row: &Row, name: &'static str) -> Result<Vec<Scope>, StoreError> {
    let text: &str = row.try_get(name)?;
    text.split(',')
        .map(|word| match word {
            "read" => Ok(Scope::Read),
            "write" => Ok(Scope::Write),
            "owner" => Ok(Scope::Owner),
            _ => Err(StoreError::value(name, ScopeUnknown)),
        })
        .collect()
}

/// The column `name`, which is a role.
pub(super) fn role(row: &Row, name: &'static str) -> Result<Role, StoreError> {
    let text: &str = row.try_get(name)?;
    Role::named(text).ok_or_else(|| StoreError::value(name, RoleUnknown))
}

/// The column `name`, which is JSON.
pub(super) fn json<T: DeserializeOwned>(row: &Row, name: &'static str) -> Result<T, StoreError> {
    let text: &str = row.try_get(name)?;
    serde_json::from_str(text).map_err(|error| StoreError::value(name, error))
}

/// `value` as JSON for a column.
pub(super) fn json_text(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::value("value", error))
}

/// A list of scopes as it is stored.
pub(super) fn scope_text(scopes: &[Scope]) -> String {
    let words: Vec<_> = scopes
        .iter()
        .map(|scope| match scope {
            Scope::Read => "read",
            Scope::Write => "write",
            Scope::Owner => "owner",
        })
        .collect();
    words.join(",")
}

/// Whether the column `name` holds `digest`, in a time that does not depend on where they differ.
pub(super) fn is_digest(row: &Row, name: &str, digest: Digest) -> Result<bool, StoreError> {
    let bytes: &[u8] = row.try_get(name)?;
    Ok(Digest::from_slice(bytes).is_ok_and(|stored| stored == digest))
}
