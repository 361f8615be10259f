//! Reading and writing single columns, as all rooms do it.

use std::str::FromStr;

use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::Row as _;
use trunkline_model::Timestamp;

use crate::{Row, StoreError};

/// The column `name`, which is text of an id or the like.
///
/// # Errors
/// [`StoreError`] where it is not.
pub fn parsed<T>(row: &Row, name: &'static str) -> Result<T, StoreError>
where
    T: FromStr<Err: std::error::Error + Send + Sync + 'static>,
{
    let text: &str = row.try_get(name)?;
    text.parse().map_err(|error| StoreError::value(name, error))
}

/// The column `name`, which is a time.
///
/// # Errors
/// [`StoreError`] where it is not.
pub fn time(row: &Row, name: &str) -> Result<Timestamp, StoreError> {
    Ok(Timestamp::from_micros(row.try_get(name)?))
}

/// The column `name`, which is a time or null.
///
/// # Errors
/// [`StoreError`] where it is not.
pub fn optional_time(row: &Row, name: &str) -> Result<Option<Timestamp>, StoreError> {
    let micros: Option<i64> = row.try_get(name)?;
    Ok(micros.map(Timestamp::from_micros))
}

/// The column `name`, which is JSON.
///
/// # Errors
/// [`StoreError`] where it is not.
pub fn json<T: DeserializeOwned>(row: &Row, name: &'static str) -> Result<T, StoreError> {
    let text: &str = row.try_get(name)?;
    serde_json::from_str(text).map_err(|error| StoreError::value(name, error))
}

/// `value` as JSON for a column.
///
/// # Errors
/// [`StoreError`] where it cannot be written as JSON.
pub fn json_text(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::value("value", error))
}
