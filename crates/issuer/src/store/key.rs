//! The table `issuer_key`.

use std::sync::Arc;

use sqlx::Row as _;
use trunkline_store::{Connection, StoreError};

use super::column::time;
use crate::IssuerError;
use crate::keys::Key;

/// All keys, the one that signs first first.
pub(crate) async fn keys(connection: &mut Connection) -> Result<Vec<Arc<Key>>, IssuerError> {
    let rows = sqlx::query("select private, created, starts from issuer_key order by starts, id")
        .fetch_all(connection)
        .await?;
    rows.iter()
        .map(|row| {
            let private: &[u8] = row.try_get("private")?;
            Key::read(private, time(row, "created")?, time(row, "starts")?).map(Arc::new)
        })
        .collect()
}

/// Writes a new key.
pub(crate) async fn insert_key(connection: &mut Connection, key: &Key) -> Result<(), StoreError> {
    sqlx::query("insert into issuer_key (id, private, created, starts) values ($1, $2, $3, $4)")
        .bind(&key.id)
        .bind(key.private.as_bytes())
        .bind(key.created.as_micros())
        .bind(key.starts.as_micros())
        .execute(connection)
        .await?;
    Ok(())
}

/// Removes a key: nothing that it signed is believed any more.
pub(crate) async fn remove_key(connection: &mut Connection, id: &str) -> Result<(), StoreError> {
    sqlx::query("delete from issuer_key where id = $1")
        .bind(id)
        .execute(connection)
        .await?;
    Ok(())
}
