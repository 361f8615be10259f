//! The table `issuer_code`.

use sqlx::Row as _;
use trunkline_model::Timestamp;
use trunkline_store::{Connection, StoreError};

use super::column::{approval, optional_time, time};
use crate::model::{Approval, join};
use crate::secret::Digest;

/// An authorization code, by its hash.
#[derive(Debug)]
pub(crate) struct Code {
    pub(crate) grant: String,
    pub(crate) approval: Approval,
    pub(crate) redirect_uri: String,
    pub(crate) challenge: String,
    pub(crate) created: Timestamp,
    pub(crate) used: Option<Timestamp>,
}

/// Writes a new code.
pub(crate) async fn insert_code(
    connection: &mut Connection,
    digest: Digest,
    code: &Code,
) -> Result<(), StoreError> {
    let approval = &code.approval;
    sqlx::query(
        "insert into issuer_code (hash, grant_id, client, subject, scopes, session, auth_time, methods, nonce,
                                  redirect_uri, challenge, created)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    )
    .bind(&digest[..])
    .bind(&code.grant)
    .bind(approval.client.to_string())
    .bind(&approval.subject)
    .bind(join(&approval.scopes))
    .bind(&approval.session)
    .bind(approval.auth_time.as_micros())
    .bind(approval.methods.join(" "))
    .bind(approval.nonce.as_deref())
    .bind(&code.redirect_uri)
    .bind(&code.challenge)
    .bind(code.created.as_micros())
    .execute(connection)
    .await?;
    Ok(())
}

/// The code with this hash, used or not.
pub(crate) async fn find_code(
    connection: &mut Connection,
    digest: Digest,
) -> Result<Option<Code>, StoreError> {
    let row = sqlx::query("select * from issuer_code where hash = $1")
        .bind(&digest[..])
        .fetch_optional(connection)
        .await?;
    row.map(|row| {
        Ok(Code {
            grant: row.try_get("grant_id")?,
            approval: approval(&row)?,
            redirect_uri: row.try_get("redirect_uri")?,
            challenge: row.try_get("challenge")?,
            created: time(&row, "created")?,
            used: optional_time(&row, "used")?,
        })
    })
    .transpose()
}

/// Uses a code up.
pub(crate) async fn spend_code(
    connection: &mut Connection,
    digest: Digest,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query("update issuer_code set used = $1 where hash = $2")
        .bind(now.as_micros())
        .bind(&digest[..])
        .execute(connection)
        .await?;
    Ok(())
}

/// How many codes of `subject` were made since `since`.
pub(crate) async fn count_codes(
    connection: &mut Connection,
    subject: &str,
    since: Timestamp,
) -> Result<i64, StoreError> {
    let statement =
        sqlx::query_scalar("select count(*) from issuer_code where subject = $1 and created > $2")
            .bind(subject)
            .bind(since.as_micros());
    Ok(statement.fetch_one(connection).await?)
}

/// Removes codes from before `before`.
pub(crate) async fn remove_old_codes(
    connection: &mut Connection,
    before: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query("delete from issuer_code where created < $1")
        .bind(before.as_micros())
        .execute(connection)
        .await?;
    Ok(())
}
