//! Looking people, service accounts and tokens up by whatever they are called.

use sqlx::Row as _;
use trunkline_model::{Principal, PrincipalKind, Scope};
use trunkline_store::{Connection, StoreError};

use super::column::{parsed, role, time};
use super::team::teams_of;
use super::token::{TOKEN_COLUMNS, TOKEN_JOINS, TOKEN_LIVES, token_principal};
use crate::model::person_principal;
use crate::service::SessionBegun;

/// The names of all teams, in the order of the alphabet.
pub(crate) async fn team_names(connection: &mut Connection) -> Result<Vec<String>, StoreError> {
    let names = sqlx::query_scalar("select name from team order by name");
    Ok(names.fetch_all(connection).await?)
}

/// Whoever is called `name`.
pub(crate) async fn principal_called(
    connection: &mut Connection,
    name: &str,
) -> Result<Option<Principal>, StoreError> {
    if let Some(person) = person(connection, name).await? {
        return Ok(Some(person));
    }
    if let Some(service) = service(connection, name).await? {
        return Ok(Some(service));
    }
    let statement = sqlx::AssertSqlSafe(format!(
        "select {TOKEN_COLUMNS} from token t {TOKEN_JOINS}
         where (t.id = $1 or t.name = $1 or t.job = $1) and {TOKEN_LIVES} order by t.created desc limit 1"
    ));
    let row = sqlx::query(statement)
        .bind(name)
        .fetch_optional(&mut *connection)
        .await?;
    match row {
        Some(row) => token_principal(connection, &row).await.map(Some),
        None => Ok(None),
    }
}

async fn person(connection: &mut Connection, name: &str) -> Result<Option<Principal>, StoreError> {
    let row = sqlx::query(
        "select id, name, role from account
         where (id = $1 or email = lower($1) or name = $1) and disabled is null
         order by id = $1 desc, email = lower($1) desc, created limit 1",
    )
    .bind(name)
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let id: String = row.try_get("id")?;
    let teams = teams_of(connection, &id).await?;
    let (name, role) = (row.try_get("name")?, role(&row, "role")?);
    Ok(Some(person_principal(id, name, role, teams)))
}

async fn service(connection: &mut Connection, name: &str) -> Result<Option<Principal>, StoreError> {
    let row = sqlx::query(
        "select id, name, role from service_account where (id = $1 or name = $1) and removed is null",
    )
    .bind(name)
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let id: String = row.try_get("id")?;
    let name: String = row.try_get("name")?;
    let scopes = vec![Scope::Read, Scope::Write];
    let mut principal = Principal::new(PrincipalKind::Service, id.clone(), name, scopes);
    principal.role = role(&row, "role")?;
    principal.teams = teams_of(connection, &id).await?;
    Ok(Some(principal))
}

/// How the session with the id `id` began, if it is a person's.
pub(crate) async fn session_begun(
    connection: &mut Connection,
    id: &str,
) -> Result<Option<SessionBegun>, StoreError> {
    let row = sqlx::query(
        "select id, created, coalesce(method, 'link') as method from session
         where id = $1 and account is not null",
    )
    .bind(id)
    .fetch_optional(connection)
    .await?;
    row.map(|row| {
        Ok(SessionBegun {
            id: parsed(&row, "id")?,
            at: time(&row, "created")?,
            method: row.try_get("method")?,
        })
    })
    .transpose()
}
