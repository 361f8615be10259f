//! Reading and writing single columns.

use serde::Serialize;
use sqlx::Row as _;
pub(super) use trunkline_store::column::{json, optional_time, time};
use trunkline_store::{Row, StoreError};

use crate::model::{Approval, ClientId, split};
use crate::secret::Digest;

/// A stored hash that has another length than ours.
#[derive(Debug, thiserror::Error)]
#[error("the hash has another length")]
struct HashLength;

pub(super) fn words(row: &Row, name: &str) -> Result<Vec<String>, StoreError> {
    let text: &str = row.try_get(name)?;
    Ok(split(text))
}

pub(super) fn client(row: &Row, name: &'static str) -> Result<ClientId, StoreError> {
    let text: &str = row.try_get(name)?;
    text.parse().map_err(|error| StoreError::value(name, error))
}

pub(super) fn digest(row: &Row, name: &'static str) -> Result<Digest, StoreError> {
    let bytes: &[u8] = row.try_get(name)?;
    bytes
        .try_into()
        .map_err(|_| StoreError::value(name, HashLength))
}

pub(super) fn to_json(what: &'static str, value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::value(what, error))
}

/// The columns that a code and a grant have in common.
pub(super) fn approval(row: &Row) -> Result<Approval, StoreError> {
    Ok(Approval {
        client: client(row, "client")?,
        subject: row.try_get("subject")?,
        scopes: words(row, "scopes")?,
        session: row.try_get("session")?,
        auth_time: time(row, "auth_time")?,
        methods: words(row, "methods")?,
        nonce: row.try_get("nonce")?,
    })
}
