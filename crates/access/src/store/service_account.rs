//! The table `service_account`.

use sqlx::Row as _;
use trunkline_model::Timestamp;
use trunkline_store::{Connection, Row, StoreError};

use super::account::teams_by_member;
use super::column::{parsed, role, time};
use crate::model::{ServiceAccount, ServiceId};

/// Writes a new service account; false when the name is taken.
pub(crate) async fn insert_service(
    connection: &mut Connection,
    account: &ServiceAccount,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "insert into service_account (id, name, role, created) values ($1, $2, $3, $4) on conflict do nothing",
    )
    .bind(account.id.to_string())
    .bind(&account.name)
    .bind(account.role.name())
    .bind(account.created.as_micros())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// All service accounts, the oldest first.
pub(crate) async fn services(
    connection: &mut Connection,
) -> Result<Vec<ServiceAccount>, StoreError> {
    let rows = sqlx::query(
        "select id, name, role, created from service_account where removed is null order by created, id",
    )
    .fetch_all(&mut *connection)
    .await?;
    let mut teams = teams_by_member(connection).await?;
    rows.iter()
        .map(|row| {
            let id: ServiceId = parsed(row, "id")?;
            service(row, id, teams.remove(&id.to_string()).unwrap_or_default())
        })
        .collect()
}

fn service(row: &Row, id: ServiceId, teams: Vec<String>) -> Result<ServiceAccount, StoreError> {
    Ok(ServiceAccount {
        id,
        name: row.try_get("name")?,
        role: role(row, "role")?,
        teams,
        created: time(row, "created")?,
        disabled: false,
    })
}

/// The id of the service account called `name`.
pub(crate) async fn find_service(
    connection: &mut Connection,
    name: &str,
) -> Result<Option<ServiceId>, StoreError> {
    let row = sqlx::query("select id from service_account where name = $1 and removed is null")
        .bind(name)
        .fetch_optional(connection)
        .await?;
    row.map(|row| parsed(&row, "id")).transpose()
}

/// Removes a service account with its tokens and gives its name; nothing when there is none.
pub(crate) async fn remove_service(
    connection: &mut Connection,
    id: ServiceId,
    now: Timestamp,
) -> Result<Option<String>, StoreError> {
    let statement =
        "update service_account set removed = $1 where id = $2 and removed is null returning name";
    let name: Option<String> = sqlx::query_scalar(statement)
        .bind(now.as_micros())
        .bind(id.to_string())
        .fetch_optional(&mut *connection)
        .await?;
    if name.is_some() {
        for statement in [
            "update token set revoked = $1 where service = $2 and revoked is null",
            "delete from team_member where $1 > 0 and member = $2",
        ] {
            sqlx::query(statement)
                .bind(now.as_micros())
                .bind(id.to_string())
                .execute(&mut *connection)
                .await?;
        }
    }
    Ok(name)
}
