//! The table `sign_in_link`.

use trunkline_model::Timestamp;
use trunkline_store::{Connection, StoreError};

use super::account::find_account;
use super::column::parsed;
use crate::model::{Account, AccountId};
use trunkline_proof::Digest;

/// Writes a new link.
pub(crate) async fn insert_link(
    connection: &mut Connection,
    digest: Digest,
    account: AccountId,
    expires: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query("insert into sign_in_link (hash, account, expires) values ($1, $2, $3)")
        .bind(&digest.as_bytes()[..])
        .bind(account.to_string())
        .bind(expires.as_micros())
        .execute(connection)
        .await?;
    Ok(())
}

/// Uses a link up and gives its account; nothing when it is used already, too old or unknown. Of many that try, one gets it.
pub(crate) async fn spend_link(
    connection: &mut Connection,
    digest: Digest,
    now: Timestamp,
) -> Result<Option<Account>, StoreError> {
    let spent = sqlx::query(
        "update sign_in_link set used = $1 where hash = $2 and used is null and expires > $1 returning account",
    )
    .bind(now.as_micros())
    .bind(&digest.as_bytes()[..])
    .fetch_optional(&mut *connection)
    .await?;
    let Some(spent) = spent else {
        return Ok(None);
    };
    let id: AccountId = parsed(&spent, "account")?;
    let row = find_account(connection, id).await?;
    Ok(row
        .map(|row| row.account)
        .filter(|account| !account.disabled))
}

/// Removes links that were no longer good at `before`.
pub(crate) async fn remove_old_links(
    connection: &mut Connection,
    before: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query("delete from sign_in_link where expires < $1")
        .bind(before.as_micros())
        .execute(connection)
        .await?;
    Ok(())
}
