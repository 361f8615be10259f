//! The table `session`.

use sqlx::Row as _;
use trunkline_model::Timestamp;
use trunkline_store::{Connection, Row, StoreError};

use super::column::{is_digest, optional_time, parsed, role, time};
use super::team::teams_of;
use super::token::{Found, TOKEN_COLUMNS, TOKEN_JOINS, TOKEN_LIVES, token_principal};
use crate::model::{SessionEntry, SessionId, person_principal};
use trunkline_proof::Digest;

/// A session that is to be written.
#[derive(Debug)]
pub(crate) struct NewRow<'a> {
    pub(crate) id: SessionId,
    pub(crate) digest: Digest,
    /// The account, or the token that was pasted.
    pub(crate) owner: Owner<'a>,
    pub(crate) client: String,
    pub(crate) method: &'a str,
    pub(crate) now: Timestamp,
}

/// Whose session it is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Owner<'a> {
    /// A person's account.
    Account(&'a str),
    /// A token.
    Token(&'a str),
}

/// Writes a new session.
pub(crate) async fn insert_session(
    connection: &mut Connection,
    row: NewRow<'_>,
) -> Result<(), StoreError> {
    let (account, token) = match row.owner {
        Owner::Account(id) => (Some(id), None),
        Owner::Token(id) => (None, Some(id)),
    };
    sqlx::query(
        "insert into session (id, hash, account, token, created, last_seen, client, method)
         values ($1, $2, $3, $4, $5, $5, $6, $7)",
    )
    .bind(row.id.to_string())
    .bind(&row.digest.as_bytes()[..])
    .bind(account)
    .bind(token)
    .bind(row.now.as_micros())
    .bind(row.client)
    .bind(row.method)
    .execute(connection)
    .await?;
    Ok(())
}

/// The session whose cookie has the hash `digest`, unless it, its person or the token that it came from was taken back. `expires` is
/// that of the token.
pub(crate) async fn find_session(
    connection: &mut Connection,
    digest: Digest,
) -> Result<Option<Found>, StoreError> {
    let statement = sqlx::AssertSqlSafe(format!(
        "select s.id, s.hash, s.created, s.last_seen, t.expires,
                p.id as person, p.name as person_name, p.role as person_role, {TOKEN_COLUMNS}
         from session s
         left join account p on p.id = s.account
         left join token t on t.id = s.token
         {TOKEN_JOINS}
         where s.hash = $1 and s.ended is null and p.disabled is null and {TOKEN_LIVES}"
    ));
    let row = sqlx::query(statement)
        .bind(&digest.as_bytes()[..])
        .fetch_optional(&mut *connection)
        .await?;
    match row {
        Some(row) if is_digest(&row, "hash", digest)? => found(connection, &row).await.map(Some),
        _ => Ok(None),
    }
}

async fn found(connection: &mut Connection, row: &Row) -> Result<Found, StoreError> {
    let person: Option<String> = row.try_get("person")?;
    let principal = match person {
        Some(id) => {
            let teams = teams_of(connection, &id).await?;
            person_principal(
                id,
                row.try_get("person_name")?,
                role(row, "person_role")?,
                teams,
            )
        }
        None => token_principal(connection, row).await?,
    };
    let id: SessionId = parsed(row, "id")?;
    Ok(Found {
        id: id.to_string(),
        name: principal.name.clone(),
        principal,
        last_used: Some(time(row, "last_seen")?),
        created: time(row, "created")?,
        expires: optional_time(row, "expires")?,
    })
}

/// The sessions of a person that did not end, the last seen first. `current` is the id of the one that asks.
pub(crate) async fn sessions(
    connection: &mut Connection,
    account: &str,
    current: Option<&str>,
) -> Result<Vec<SessionEntry>, StoreError> {
    let rows = sqlx::query(
        "select id, created, last_seen, coalesce(client, '') as client, coalesce(method, 'link') as method from session
         where account = $1 and ended is null order by last_seen desc, id desc limit 1000",
    )
    .bind(account)
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            let id: SessionId = parsed(row, "id")?;
            Ok(SessionEntry {
                id,
                created: time(row, "created")?,
                last_seen: time(row, "last_seen")?,
                client: row.try_get("client")?,
                method: row.try_get("method")?,
                current: current == Some(id.to_string().as_str()),
            })
        })
        .collect()
}

/// Whether the account has a session that began at the address `client`.
pub(crate) async fn knows_client(
    connection: &mut Connection,
    account: &str,
    client: &str,
) -> Result<bool, StoreError> {
    let statement = "select exists (select 1 from session where account = $1 and client = $2)";
    Ok(sqlx::query_scalar(statement)
        .bind(account)
        .bind(client)
        .fetch_one(connection)
        .await?)
}

/// Ends one session of a person; false when it has none with this id, or it ended already.
pub(crate) async fn end_session_by_id(
    connection: &mut Connection,
    account: &str,
    id: SessionId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "update session set ended = $1 where id = $2 and account = $3 and ended is null",
    )
    .bind(now.as_micros())
    .bind(id.to_string())
    .bind(account)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Ends every session of a person but the one with the id `keep`, and gives the ids of those that ended.
pub(crate) async fn end_sessions(
    connection: &mut Connection,
    account: &str,
    keep: Option<&str>,
    now: Timestamp,
) -> Result<Vec<SessionId>, StoreError> {
    let rows = sqlx::query(
        "update session set ended = $1 where account = $2 and ended is null and id <> $3 returning id",
    )
    .bind(now.as_micros())
    .bind(account)
    .bind(keep.unwrap_or_default())
    .fetch_all(connection)
    .await?;
    rows.iter().map(|row| parsed(row, "id")).collect()
}

/// Ends a session and gives its id and whose it was; nothing when there is none, or it ended already.
pub(crate) async fn end_session(
    connection: &mut Connection,
    digest: Digest,
    now: Timestamp,
) -> Result<Option<(SessionId, String)>, StoreError> {
    let row = sqlx::query(
        "update session set ended = $1 where hash = $2 and ended is null
         returning id, coalesce(account, token) as owner",
    )
    .bind(now.as_micros())
    .bind(&digest.as_bytes()[..])
    .fetch_optional(connection)
    .await?;
    row.map(|row| Ok((parsed(&row, "id")?, row.try_get("owner")?)))
        .transpose()
}

/// Writes down that a session was seen at `at`.
pub(crate) async fn touch_session(
    connection: &mut Connection,
    id: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query("update session set last_seen = $1 where id = $2 and last_seen < $1")
        .bind(at.as_micros())
        .bind(id)
        .execute(connection)
        .await?;
    Ok(())
}

/// Removes sessions that ended, were last seen before `seen`, or were made before `made`.
pub(crate) async fn remove_old_sessions(
    connection: &mut Connection,
    seen: Timestamp,
    made: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query("delete from session where ended is not null or last_seen < $1 or created < $2")
        .bind(seen.as_micros())
        .bind(made.as_micros())
        .execute(connection)
        .await?;
    Ok(())
}
