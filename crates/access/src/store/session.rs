//! The table `session`.

use sqlx::Row as _;
use trunkline_model::{Principal, PrincipalKind, Timestamp};
use trunkline_store::{Connection, Pool, Row, StoreError};

use super::column::{is_digest, optional_time, parsed, scopes, time};
use super::token::Found;
use crate::model::SessionId;
use crate::secret::Digest;

/// A session that is to be written.
#[derive(Debug)]
pub(crate) struct NewRow<'a> {
    pub(crate) id: SessionId,
    pub(crate) digest: Digest,
    pub(crate) principal: &'a Principal,
    pub(crate) now: Timestamp,
}

/// Writes a new session, of an account or of a token as its principal says.
pub(crate) async fn insert_session(
    connection: &mut Connection,
    row: NewRow<'_>,
) -> Result<(), StoreError> {
    let owner = |kind| (row.principal.kind == kind).then_some(row.principal.id.as_str());
    sqlx::query(
        "insert into session (id, hash, account, token, created, last_seen) values ($1, $2, $3, $4, $5, $5)",
    )
    .bind(row.id.to_string())
    .bind(&row.digest.as_bytes()[..])
    .bind(owner(PrincipalKind::Account))
    .bind(owner(PrincipalKind::Token))
    .bind(row.now.as_micros())
    .execute(connection)
    .await?;
    Ok(())
}

/// The session whose cookie has the hash `digest`, unless it or the token that it came from was taken back. `expires` is that of the
/// token.
pub(crate) async fn find_session(
    readers: &Pool,
    digest: Digest,
) -> Result<Option<Found>, StoreError> {
    let row = sqlx::query(
        "select s.id, s.hash, s.created, s.last_seen, s.token, t.expires,
                coalesce(a.id, t.id) as owner, coalesce(a.name, t.name) as name, coalesce(a.scopes, t.scopes) as scopes
         from session s
         left join account a on a.id = s.account
         left join token t on t.id = s.token
         where s.hash = $1 and s.ended is null and t.revoked is null",
    )
    .bind(&digest.as_bytes()[..])
    .fetch_optional(readers)
    .await?;
    match row {
        Some(row) if is_digest(&row, "hash", digest)? => found(&row).map(Some),
        _ => Ok(None),
    }
}

fn found(row: &Row) -> Result<Found, StoreError> {
    let token: Option<&str> = row.try_get("token")?;
    let id: SessionId = parsed(row, "id")?;
    Ok(Found {
        id: id.to_string(),
        principal: Principal::new(
            if token.is_some() {
                PrincipalKind::Token
            } else {
                PrincipalKind::Account
            },
            row.try_get::<String, _>("owner")?,
            row.try_get::<String, _>("name")?,
            scopes(row, "scopes")?,
        ),
        last_used: Some(time(row, "last_seen")?),
        created: time(row, "created")?,
        expires: optional_time(row, "expires")?,
    })
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
