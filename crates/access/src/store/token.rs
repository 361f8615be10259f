//! The table `token`.

use sqlx::Row as _;
use trunkline_model::{Principal, PrincipalKind, Role, Scope, Timestamp};
use trunkline_store::{Connection, Pool, Row, StoreError};

use super::column::{is_digest, optional_time, parsed, role, scope_text, scopes, time};
use super::team::teams_of;
use crate::model::{ServiceId, Token, TokenId};
use trunkline_proof::Digest;

/// A credential that is in the tables and was not taken back; it may have expired.
#[derive(Debug)]
pub(crate) struct Found {
    /// The id of the token or session.
    pub(crate) id: String,
    /// The name of the token, or of who signed in.
    pub(crate) name: String,
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
    /// Who makes it.
    pub(crate) by: &'a Principal,
    /// The service account as which it acts.
    pub(crate) service: Option<ServiceId>,
}

/// Writes a new token.
pub(crate) async fn insert_token(
    connection: &mut Connection,
    row: NewRow<'_>,
) -> Result<(), StoreError> {
    let account = match row.by.kind {
        PrincipalKind::Account => Some(row.by.id.clone()),
        _ => token_account(&mut *connection, &row.by.id).await?,
    };
    sqlx::query(
        "insert into token (id, hash, name, prefix, scopes, created, created_by, expires, account, service, job)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(row.token.id.to_string())
    .bind(&row.digest.as_bytes()[..])
    .bind(&row.token.name)
    .bind(&row.token.prefix)
    .bind(scope_text(&row.token.scopes))
    .bind(row.token.created.as_micros())
    .bind(&row.by.id)
    .bind(row.token.expires.map(Timestamp::as_micros))
    .bind(account)
    .bind(row.service.map(|id| id.to_string()))
    .bind(&row.token.job)
    .execute(connection)
    .await?;
    Ok(())
}

/// The person in whose name the token `id` was made.
pub(crate) async fn token_account(
    connection: &mut Connection,
    id: &str,
) -> Result<Option<String>, StoreError> {
    let account: Option<Option<String>> =
        sqlx::query_scalar("select account from token where id = $1")
            .bind(id)
            .fetch_optional(connection)
            .await?;
    Ok(account.flatten())
}

/// The hash of the token with the id `id`, whether it is still good or not.
pub(crate) async fn token_digest(
    connection: &mut Connection,
    id: &str,
) -> Result<Option<Digest>, StoreError> {
    let hash: Option<Vec<u8>> = sqlx::query_scalar("select hash from token where id = $1")
        .bind(id)
        .fetch_optional(connection)
        .await?;
    let digest = hash.map(|hash| Digest::from_slice(&hash));
    digest
        .transpose()
        .map_err(|error| StoreError::value("hash of a token", error))
}

/// What a token needs beside its own columns: the person in whose name it was made (`a`), and the service account as which it acts
/// (`v`). A token of a disabled person or of a removed service account is none; that of a service account outlives who made it.
pub(super) const TOKEN_JOINS: &str = "left join account a on a.id = t.account
    left join service_account v on v.id = t.service";

/// When a token is taken back together with who made it or what it acts as.
pub(super) const TOKEN_LIVES: &str =
    "t.revoked is null and v.removed is null and (t.service is not null or a.disabled is null)";

/// The token whose text has the hash `digest`, unless it is revoked.
pub(crate) async fn find_token(
    connection: &mut Connection,
    digest: Digest,
) -> Result<Option<Found>, StoreError> {
    let statement = sqlx::AssertSqlSafe(format!(
        "select t.id, t.hash, t.created, t.expires, t.last_used, {TOKEN_COLUMNS}
         from token t {TOKEN_JOINS} where t.hash = $1 and {TOKEN_LIVES}"
    ));
    let row = sqlx::query(statement)
        .bind(&digest.as_bytes()[..])
        .fetch_optional(&mut *connection)
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
        name: row.try_get("token_name")?,
        principal: token_principal(connection, &row).await?,
        last_used: optional_time(&row, "last_used")?,
        created: time(&row, "created")?,
        expires: optional_time(&row, "expires")?,
    }))
}

/// The columns that [`token_principal`] reads.
pub(super) const TOKEN_COLUMNS: &str =
    "t.id as token, t.name as token_name, t.scopes as token_scopes, t.job,
    a.role as maker_role, v.id as service, v.name as service_name, v.role as service_role";

/// Who acts with a token. Nobody is more with a token than the person in whose name it was made.
pub(super) async fn token_principal(
    connection: &mut Connection,
    row: &Row,
) -> Result<Principal, StoreError> {
    let service: Option<String> = row.try_get("service")?;
    let job: Option<String> = row.try_get("job")?;
    let scopes = scopes(row, "token_scopes")?;
    let token: String = row.try_get("token")?;
    let mut principal = match (&service, job) {
        (Some(id), _) => {
            let name: String = row.try_get("service_name")?;
            let mut principal = Principal::new(PrincipalKind::Service, id.clone(), name, scopes);
            principal.role = role(row, "service_role")?;
            principal.teams = teams_of(connection, id).await?;
            principal
        }
        (None, Some(job)) => Principal::new(PrincipalKind::Job, token, job, scopes),
        (None, None) => {
            let name: String = row.try_get("token_name")?;
            Principal::new(PrincipalKind::Token, token, name, scopes)
        }
    };
    let maker: Option<String> = row.try_get("maker_role")?;
    if service.is_none() && maker.is_some() {
        principal.role = principal.role.min(role(row, "maker_role")?);
    }
    if principal.role < Role::Owner && principal.scopes.contains(&Scope::Owner) {
        principal.scopes = vec![Scope::Read, Scope::Write];
    }
    if principal.role < Role::Developer {
        principal.scopes.retain(|scope| *scope == Scope::Read);
    }
    Ok(principal)
}

/// All tokens that are not revoked, the oldest first.
pub(crate) async fn tokens(readers: &Pool) -> Result<Vec<Token>, StoreError> {
    let rows = sqlx::query(
        "select t.id, t.name, t.prefix, t.scopes, t.created, t.expires, t.last_used, t.job, v.name as service
         from token t left join service_account v on v.id = t.service
         where t.revoked is null order by t.created, t.id",
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
        service: row.try_get("service")?,
        job: row.try_get("job")?,
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

/// Writes down that a token was used at `at`, unless that was written in the minute before.
pub(crate) async fn touch_token(
    connection: &mut Connection,
    id: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "update token set last_used = $1 where id = $2 and coalesce(last_used, 0) <= $1 - 60000000",
    )
    .bind(at.as_micros())
    .bind(id)
    .execute(connection)
    .await?;
    Ok(())
}
