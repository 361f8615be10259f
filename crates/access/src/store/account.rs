//! The table `account`.

use sqlx::Row as _;
use trunkline_model::Timestamp;
use trunkline_store::{Connection, StoreError};

use super::column::{parsed, scope_text, scopes};
use crate::model::Account;

/// The owner's account: the oldest there is.
pub(crate) async fn owner(connection: &mut Connection) -> Result<Option<Account>, StoreError> {
    let row = sqlx::query("select id, name, scopes from account order by created, id limit 1")
        .fetch_optional(connection)
        .await?;
    row.map(|row| {
        Ok(Account {
            id: parsed(&row, "id")?,
            name: row.try_get("name")?,
            scopes: scopes(&row, "scopes")?,
        })
    })
    .transpose()
}

/// Writes a new account.
pub(crate) async fn insert_account(
    connection: &mut Connection,
    account: &Account,
    created: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query("insert into account (id, name, scopes, created) values ($1, $2, $3, $4)")
        .bind(account.id.to_string())
        .bind(&account.name)
        .bind(scope_text(&account.scopes))
        .bind(created.as_micros())
        .execute(connection)
        .await?;
    Ok(())
}
