//! The tables `invitation` and `password_reset`.

use sqlx::Row as _;
use trunkline_model::Timestamp;
use trunkline_store::{Connection, Row, StoreError};

use super::column::{json, json_text, parsed, role, time};
use crate::model::{AccountId, Invitation, InvitationId};
use trunkline_proof::Digest;

/// Writes a new invitation; `by` is the id of who made it.
pub(crate) async fn insert_invitation(
    connection: &mut Connection,
    invitation: &Invitation,
    digest: Digest,
    by: &str,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into invitation (id, hash, email, role, teams, created, created_by, expires)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(invitation.id.to_string())
    .bind(&digest.as_bytes()[..])
    .bind(&invitation.email)
    .bind(invitation.role.name())
    .bind(json_text(&invitation.teams)?)
    .bind(invitation.created.as_micros())
    .bind(by)
    .bind(invitation.expires.as_micros())
    .execute(connection)
    .await?;
    Ok(())
}

const COLUMNS: &str = "select i.id, i.email, i.role, i.teams, i.created, i.expires,
    coalesce(a.name, i.created_by) as by_name
    from invitation i left join account a on a.id = i.created_by";

fn invitation(row: &Row) -> Result<Invitation, StoreError> {
    Ok(Invitation {
        id: parsed(row, "id")?,
        email: row.try_get("email")?,
        role: role(row, "role")?,
        teams: json(row, "teams")?,
        expires: time(row, "expires")?,
        created: time(row, "created")?,
        by: row.try_get("by_name")?,
    })
}

/// The invitations that are good at `now`, the oldest first.
pub(crate) async fn invitations(
    connection: &mut Connection,
    now: Timestamp,
) -> Result<Vec<Invitation>, StoreError> {
    let statement = sqlx::AssertSqlSafe(format!(
        "{COLUMNS} where i.used is null and i.expires > $1 order by i.created, i.id"
    ));
    let rows = sqlx::query(statement)
        .bind(now.as_micros())
        .fetch_all(connection)
        .await?;
    rows.iter().map(invitation).collect()
}

/// The invitation whose code has the hash `digest`, if it is good at `now`.
pub(crate) async fn find_invitation(
    connection: &mut Connection,
    digest: Digest,
    now: Timestamp,
) -> Result<Option<Invitation>, StoreError> {
    let statement = sqlx::AssertSqlSafe(format!(
        "{COLUMNS} where i.hash = $1 and i.used is null and i.expires > $2"
    ));
    let row = sqlx::query(statement)
        .bind(&digest.as_bytes()[..])
        .bind(now.as_micros())
        .fetch_optional(connection)
        .await?;
    row.map(|row| invitation(&row)).transpose()
}

/// Uses an invitation up, or withdraws it; false when it was not good at `now`.
pub(crate) async fn spend_invitation(
    connection: &mut Connection,
    id: InvitationId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "update invitation set used = $1 where id = $2 and used is null and expires > $1",
    )
    .bind(now.as_micros())
    .bind(id.to_string())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Writes a new reset link, which makes every older one of the account worthless.
pub(crate) async fn insert_reset(
    connection: &mut Connection,
    digest: Digest,
    account: AccountId,
    expires: Timestamp,
) -> Result<(), StoreError> {
    remove_resets(&mut *connection, account).await?;
    sqlx::query("insert into password_reset (hash, account, expires) values ($1, $2, $3)")
        .bind(&digest.as_bytes()[..])
        .bind(account.to_string())
        .bind(expires.as_micros())
        .execute(connection)
        .await?;
    Ok(())
}

/// The account of the reset link whose code has the hash `digest`, if it is good at `now` and the account may come in.
pub(crate) async fn find_reset(
    connection: &mut Connection,
    digest: Digest,
    now: Timestamp,
) -> Result<Option<AccountId>, StoreError> {
    let row = sqlx::query(
        "select r.account from password_reset r join account a on a.id = r.account
         where r.hash = $1 and r.expires > $2 and a.disabled is null",
    )
    .bind(&digest.as_bytes()[..])
    .bind(now.as_micros())
    .fetch_optional(connection)
    .await?;
    row.map(|row| parsed(&row, "account")).transpose()
}

/// Makes every reset link of an account worthless.
pub(crate) async fn remove_resets(
    connection: &mut Connection,
    account: AccountId,
) -> Result<(), StoreError> {
    sqlx::query("delete from password_reset where account = $1")
        .bind(account.to_string())
        .execute(connection)
        .await?;
    Ok(())
}

/// Removes what was no longer good at `before`.
pub(crate) async fn remove_old_codes(
    connection: &mut Connection,
    before: Timestamp,
) -> Result<(), StoreError> {
    for statement in [
        "delete from invitation where expires < $1",
        "delete from password_reset where expires < $1",
        "delete from totp where confirmed is null and created < $1 - 86400000000",
    ] {
        sqlx::query(statement)
            .bind(before.as_micros())
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}
