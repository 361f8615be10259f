//! The tables `totp`, `recovery_code`, `passkey` and `issuer_identity`: what people prove themselves with.

use sqlx::Row as _;
use trunkline_model::Timestamp;
use trunkline_store::{Connection, StoreError};

use super::column::{optional_time, parsed, time};
use crate::model::{AccountId, PasskeyEntry, PasskeyId};
use trunkline_proof::Digest;

/// The secret of an authenticator app.
pub(crate) struct TotpRow {
    pub(crate) secret: Vec<u8>,
    pub(crate) created: Timestamp,
    /// Whether its first code was shown, so that it counts.
    pub(crate) confirmed: bool,
}

/// The authenticator app of an account, confirmed or not.
pub(crate) async fn find_totp(
    connection: &mut Connection,
    account: AccountId,
) -> Result<Option<TotpRow>, StoreError> {
    let row = sqlx::query("select secret, created, confirmed from totp where account = $1")
        .bind(account.to_string())
        .fetch_optional(connection)
        .await?;
    row.map(|row| {
        Ok(TotpRow {
            secret: row.try_get("secret")?,
            created: time(&row, "created")?,
            confirmed: optional_time(&row, "confirmed")?.is_some(),
        })
    })
    .transpose()
}

/// Begins the setup of an authenticator app; one that was begun and not confirmed is forgotten. False when one is confirmed.
pub(crate) async fn begin_totp(
    connection: &mut Connection,
    account: AccountId,
    secret: &[u8],
    now: Timestamp,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "insert into totp (account, secret, created) values ($1, $2, $3)
         on conflict (account) do update set secret = excluded.secret, created = excluded.created, last_step = 0
         where totp.confirmed is null",
    )
    .bind(account.to_string())
    .bind(secret)
    .bind(now.as_micros())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Makes an authenticator app count.
pub(crate) async fn confirm_totp(
    connection: &mut Connection,
    account: AccountId,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query("update totp set confirmed = $1 where account = $2")
        .bind(now.as_micros())
        .bind(account.to_string())
        .execute(connection)
        .await?;
    Ok(())
}

/// Uses the code of `step` up; false when it, or one of a later step, was used before.
pub(crate) async fn spend_step(
    connection: &mut Connection,
    account: AccountId,
    step: i64,
) -> Result<bool, StoreError> {
    let done = sqlx::query("update totp set last_step = $1 where account = $2 and last_step < $1")
        .bind(step)
        .bind(account.to_string())
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Removes an account's authenticator app and its recovery codes.
pub(crate) async fn remove_totp(
    connection: &mut Connection,
    account: AccountId,
) -> Result<(), StoreError> {
    for statement in [
        "delete from recovery_code where account = $1",
        "delete from totp where account = $1",
    ] {
        sqlx::query(statement)
            .bind(account.to_string())
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// Writes a recovery code.
pub(crate) async fn insert_recovery_code(
    connection: &mut Connection,
    account: AccountId,
    digest: Digest,
) -> Result<(), StoreError> {
    sqlx::query("insert into recovery_code (hash, account) values ($1, $2)")
        .bind(&digest.as_bytes()[..])
        .bind(account.to_string())
        .execute(connection)
        .await?;
    Ok(())
}

/// Uses a recovery code up; false when the account has no such code.
pub(crate) async fn spend_recovery_code(
    connection: &mut Connection,
    account: AccountId,
    digest: Digest,
) -> Result<bool, StoreError> {
    let done = sqlx::query("delete from recovery_code where hash = $1 and account = $2")
        .bind(&digest.as_bytes()[..])
        .bind(account.to_string())
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// A passkey with its public key.
pub(crate) struct PasskeyRow {
    pub(crate) id: PasskeyId,
    pub(crate) account: AccountId,
    /// The credential in JSON.
    pub(crate) credential: String,
}

/// Writes a new passkey; false when it is known already.
pub(crate) async fn insert_passkey(
    connection: &mut Connection,
    row: &PasskeyRow,
    credential_id: &[u8],
    entry: &PasskeyEntry,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "insert into passkey (id, account, credential_id, credential, name, created) values ($1, $2, $3, $4, $5, $6)
         on conflict (credential_id) do nothing",
    )
    .bind(row.id.to_string())
    .bind(row.account.to_string())
    .bind(credential_id)
    .bind(&row.credential)
    .bind(&entry.name)
    .bind(entry.created.as_micros())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The passkey with the credential id `credential_id`.
pub(crate) async fn find_passkey(
    connection: &mut Connection,
    credential_id: &[u8],
) -> Result<Option<PasskeyRow>, StoreError> {
    let row = sqlx::query("select id, account, credential from passkey where credential_id = $1")
        .bind(credential_id)
        .fetch_optional(connection)
        .await?;
    row.map(|row| {
        Ok(PasskeyRow {
            id: parsed(&row, "id")?,
            account: parsed(&row, "account")?,
            credential: row.try_get("credential")?,
        })
    })
    .transpose()
}

/// The credential ids of an account's passkeys.
pub(crate) async fn credential_ids(
    connection: &mut Connection,
    account: AccountId,
) -> Result<Vec<Vec<u8>>, StoreError> {
    Ok(
        sqlx::query_scalar("select credential_id from passkey where account = $1")
            .bind(account.to_string())
            .fetch_all(connection)
            .await?,
    )
}

/// Writes down that a passkey signed in, with its new counter.
pub(crate) async fn use_passkey(
    connection: &mut Connection,
    id: PasskeyId,
    credential: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query("update passkey set credential = $1, last_used = $2 where id = $3")
        .bind(credential)
        .bind(now.as_micros())
        .bind(id.to_string())
        .execute(connection)
        .await?;
    Ok(())
}

/// An account's passkeys, the oldest first.
pub(crate) async fn passkeys(
    connection: &mut Connection,
    account: AccountId,
) -> Result<Vec<PasskeyEntry>, StoreError> {
    let rows = sqlx::query(
        "select id, name, created, last_used from passkey where account = $1 order by created, id",
    )
    .bind(account.to_string())
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(PasskeyEntry {
                id: parsed(row, "id")?,
                name: row.try_get("name")?,
                created: time(row, "created")?,
                last_used: optional_time(row, "last_used")?,
            })
        })
        .collect()
}

/// Removes a passkey of an account; false when it has none with this id.
pub(crate) async fn remove_passkey(
    connection: &mut Connection,
    account: AccountId,
    id: PasskeyId,
) -> Result<bool, StoreError> {
    let done = sqlx::query("delete from passkey where id = $1 and account = $2")
        .bind(id.to_string())
        .bind(account.to_string())
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// The account that an identity of an issuer belongs to.
pub(crate) async fn find_identity(
    connection: &mut Connection,
    issuer: &str,
    subject: &str,
) -> Result<Option<AccountId>, StoreError> {
    let row = sqlx::query("select account from issuer_identity where issuer = $1 and subject = $2")
        .bind(issuer)
        .bind(subject)
        .fetch_optional(connection)
        .await?;
    row.map(|row| parsed(&row, "account")).transpose()
}

/// Writes down that an identity of an issuer belongs to an account.
pub(crate) async fn insert_identity(
    connection: &mut Connection,
    issuer: &str,
    subject: &str,
    account: AccountId,
) -> Result<(), StoreError> {
    sqlx::query("insert into issuer_identity (issuer, subject, account) values ($1, $2, $3)")
        .bind(issuer)
        .bind(subject)
        .bind(account.to_string())
        .execute(connection)
        .await?;
    Ok(())
}
