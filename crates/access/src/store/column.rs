//! Reading and writing single columns.

use sqlx::Row as _;
use trunkline_model::{Role, Scope};
pub(super) use trunkline_store::column::{json, json_text, optional_time, parsed, time};
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
