//! The table `token`.

use sqlx::Row as _;
use trunkline_model::{Principal, PrincipalKind, Timestamp};
use trunkline_store::{Connection, Pool, Row, StoreError};

use super::column::{is_digest, optional_time, parsed, scope_text, scopes, time};
use crate::model::{Token, TokenId};
use crate::secret::Digest;

/// A credential that is in the tables and was not taken back; it may have expired.
#[derive(Debug)]
pub(crate) struct Found {
    /// The id of the token or session.
    pub(crate) id: String,
    /// Who it belongs to.
    pub(crate) principal: Principal,
    /// When it was last used.
    pub(crate) last_used: Option<Timestamp>,
    /// When it was made.
    pub(crate) created: Timestamp,
    /// When it stops being good.
    pub(crate) expires: Option<Timestamp>,
}

/// A token that is to be written.
#[derive(Debug)]
pub(crate) struct NewRow<'a> {
    pub(crate) token: &'a Token,
    pub(crate) digest: Digest,
    pub(crate) by: &'a str,
}

/// Writes a new token.
pub(crate) async fn insert_token(
    connection: &mut Connection,
    row: NewRow<'_>,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into token (id, hash, name, prefix, scopes, created, created_by, expires)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(row.token.id.to_string())
    .bind(&row.digest.as_bytes()[..])
    .bind(&row.token.name)
    .bind(&row.token.prefix)
    .bind(scope_text(&row.token.scopes))
    .bind(row.token.created.as_micros())
    .bind(row.by)
    .bind(row.token.expires.map(Timestamp::as_micros))
    .execute(connection)
    .await?;
    Ok(())
}

/// The token whose text has the hash `digest`, unless it is revoked.
pub(crate) async fn find_token(
    readers: &Pool,
    digest: Digest,
) -> Result<Option<Found>, StoreError> {
    let row = sqlx::query(
        "select id, hash, name, scopes, created, expires, last_used from token where hash = $1 and revoked is null",
    )
    .bind(&digest.as_bytes()[..])
    .fetch_optional(readers)
    .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    if !is_digest(&row, "hash", digest)? {
        return Ok(None);
    }
    let id: TokenId = parsed(&row, "id")?;
    Ok(Some(Found {
        id: id.to_string(),
        principal: Principal::new(
            PrincipalKind::Token,
            id.to_string(),
            row.try_get::<String, _>("name")?,
            scopes(&row, "scopes")?,
        ),
        last_used: optional_time(&row, "last_used")?,
        created: time(&row, "created")?,
        expires: optional_time(&row, "expires")?,
    }))
}

/// All tokens that are not revoked, the oldest first.
pub(crate) async fn tokens(readers: &Pool) -> Result<Vec<Token>, StoreError> {
    let rows = sqlx::query(
        "select id, name, prefix, scopes, created, expires, last_used from token
         where revoked is null order by created, id",
    )
    .fetch_all(readers)
    .await?;
    rows.iter().map(listed).collect()
}

fn listed(row: &Row) -> Result<Token, StoreError> {
    Ok(Token {
        id: parsed(row, "id")?,
        name: row.try_get("name")?,
        prefix: row.try_get("prefix")?,
        scopes: scopes(row, "scopes")?,
        created: time(row, "created")?,
        expires: optional_time(row, "expires")?,
        last_used: optional_time(row, "last_used")?,
    })
}

/// Revokes a token and gives its name; nothing when there is none, or it is revoked already.
pub(crate) async fn revoke_token(
    connection: &mut Connection,
    id: TokenId,
    now: Timestamp,
) -> Result<Option<String>, StoreError> {
    let statement =
        "update token set revoked = $1 where id = $2 and revoked is null returning name";
    let name = sqlx::query_scalar(statement)
        .bind(now.as_micros())
        .bind(id.to_string());
    Ok(name.fetch_optional(connection).await?)
}

/// Writes down that a token was used at `at`.
pub(crate) async fn touch_token(
    connection: &mut Connection,
    id: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query("update token set last_used = $1 where id = $2 and coalesce(last_used, 0) < $1")
        .bind(at.as_micros())
        .bind(id)
        .execute(connection)
        .await?;
    Ok(())
}
