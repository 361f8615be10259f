//! The tables `issuer_grant` and `issuer_revoked`.

use sqlx::Row as _;
use trunkline_model::Timestamp;
use trunkline_store::{Connection, Pool, Row, StoreError};

use super::column::{approval, optional_time, time};
use crate::model::{ClientId, Grant, join};

/// Writes a new grant.
pub(crate) async fn insert_grant(
    connection: &mut Connection,
    grant: &Grant,
) -> Result<(), StoreError> {
    let approval = &grant.approval;
    sqlx::query(
        "insert into issuer_grant (id, client, subject, scopes, session, auth_time, methods, nonce, created)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(&grant.id)
    .bind(approval.client.to_string())
    .bind(&approval.subject)
    .bind(join(&approval.scopes))
    .bind(&approval.session)
    .bind(approval.auth_time.as_micros())
    .bind(approval.methods.join(" "))
    .bind(approval.nonce.as_deref())
    .bind(grant.created.as_micros())
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) fn read(row: &Row) -> Result<Grant, StoreError> {
    Ok(Grant {
        id: row.try_get("id")?,
        approval: approval(row)?,
        created: time(row, "created")?,
        revoked: optional_time(row, "revoked")?,
    })
}

/// Whether the grant with this id exists and was not taken back.
pub(crate) async fn is_live(readers: &Pool, id: &str) -> Result<bool, StoreError> {
    let statement =
        sqlx::query_scalar("select count(*) from issuer_grant where id = $1 and revoked is null")
            .bind(id);
    let count: i64 = statement.fetch_one(readers).await?;
    Ok(count > 0)
}

/// Takes a grant back; says whether it was there to be taken.
pub(crate) async fn revoke_grant(
    connection: &mut Connection,
    id: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let done =
        sqlx::query("update issuer_grant set revoked = $1 where id = $2 and revoked is null")
            .bind(now.as_micros())
            .bind(id)
            .execute(connection)
            .await?;
    Ok(done.rows_affected() > 0)
}

/// The live grants of a client and a person, the newest first.
pub(crate) async fn live_of(
    connection: &mut Connection,
    client: ClientId,
    subject: &str,
) -> Result<Vec<String>, StoreError> {
    let statement = sqlx::query_scalar(
        "select id from issuer_grant where client = $1 and subject = $2 and revoked is null
         order by created desc, id desc",
    );
    let ids = statement.bind(client.to_string()).bind(subject);
    Ok(ids.fetch_all(connection).await?)
}

/// The live grants of a person, of every client.
pub(crate) async fn live_of_person(
    connection: &mut Connection,
    subject: &str,
) -> Result<Vec<Grant>, StoreError> {
    let rows = sqlx::query("select * from issuer_grant where subject = $1 and revoked is null")
        .bind(subject)
        .fetch_all(connection)
        .await?;
    rows.iter().map(read).collect()
}

/// The live grants that were given in a session.
pub(crate) async fn live_in_session(
    connection: &mut Connection,
    session: &str,
) -> Result<Vec<Grant>, StoreError> {
    let rows = sqlx::query("select * from issuer_grant where session = $1 and revoked is null")
        .bind(session)
        .fetch_all(connection)
        .await?;
    rows.iter().map(read).collect()
}

/// Removes grants that were taken back before `revoked`, or were made before `created`.
pub(crate) async fn remove_old_grants(
    connection: &mut Connection,
    revoked: Timestamp,
    created: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query("delete from issuer_grant where revoked < $1 or created < $2")
        .bind(revoked.as_micros())
        .bind(created.as_micros())
        .execute(connection)
        .await?;
    Ok(())
}

/// Writes down that access tokens which carry `id` are worthless until `expires`: a token's own id, its grant's or its client's.
pub(crate) async fn refuse_tokens(
    connection: &mut Connection,
    id: &str,
    expires: Timestamp,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "insert into issuer_revoked (id, expires) values ($1, $2) on conflict (id) do nothing",
    )
    .bind(id)
    .bind(expires.as_micros())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// The ids that no access token may carry.
pub(crate) async fn refused_ids(readers: &Pool, now: Timestamp) -> Result<Vec<String>, StoreError> {
    let statement = sqlx::query_scalar("select id from issuer_revoked where expires > $1")
        .bind(now.as_micros());
    Ok(statement.fetch_all(readers).await?)
}

/// Removes what is written down of access tokens that have expired.
pub(crate) async fn remove_old_tokens(
    connection: &mut Connection,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query("delete from issuer_revoked where expires < $1")
        .bind(now.as_micros())
        .execute(connection)
        .await?;
    Ok(())
}
