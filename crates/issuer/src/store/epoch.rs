//! The count of changes of clients and keys.

use trunkline_store::{Connection, Pool, StoreError};

/// The count now.
pub(crate) async fn epoch(readers: &Pool) -> Result<i64, StoreError> {
    let statement = sqlx::query_scalar("select epoch from issuer_epoch where only = 1");
    Ok(statement.fetch_one(readers).await?)
}

/// Counts one more change.
pub(crate) async fn next_epoch(connection: &mut Connection) -> Result<(), StoreError> {
    sqlx::query("update issuer_epoch set epoch = epoch + 1 where only = 1")
        .execute(connection)
        .await?;
    Ok(())
}
