//! The table of repositories.

use sqlx::Row as _;
use trunkline_store::{Connection, Row, StoreError, column};

use crate::RepositoryInfo;

fn repository_of(row: &Row) -> Result<RepositoryInfo, StoreError> {
    Ok(RepositoryInfo {
        name: row.try_get("name")?,
        trunk: row.try_get("trunk")?,
        description: row.try_get("description")?,
        created: column::time(row, "created")?,
        created_by: row.try_get("created_by")?,
        paused: row.try_get("paused")?,
        pause_reason: row.try_get("pause_reason")?,
        follows: row.try_get("follows")?,
    })
}

pub(crate) async fn repositories(
    connection: &mut Connection,
) -> Result<Vec<RepositoryInfo>, StoreError> {
    let rows = sqlx::query("select * from repository order by name")
        .fetch_all(connection)
        .await?;
    rows.iter().map(repository_of).collect()
}

pub(crate) async fn insert_repository(
    connection: &mut Connection,
    repository: &RepositoryInfo,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into repository (name, trunk, description, paused, created, created_by) values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(&repository.name)
    .bind(&repository.trunk)
    .bind(&repository.description)
    .bind(repository.paused)
    .bind(repository.created.as_micros())
    .bind(&repository.created_by)
    .execute(connection)
    .await?;
    Ok(())
}

pub(crate) async fn update_repository(
    connection: &mut Connection,
    repository: &RepositoryInfo,
) -> Result<(), StoreError> {
    sqlx::query(
        "update repository set description = $2, paused = $3, pause_reason = $4, follows = $5 where name = $1",
    )
    .bind(&repository.name)
    .bind(&repository.description)
    .bind(repository.paused)
    .bind(&repository.pause_reason)
    .bind(&repository.follows)
    .execute(connection)
    .await?;
    Ok(())
}

/// Removes a repository with all that is known of its changes.
pub(crate) async fn remove_repository(
    connection: &mut Connection,
    name: &str,
) -> Result<(), StoreError> {
    for sql in [
        "delete from change_comment where change in (select number from change where repository = $1)",
        "delete from change_review where change in (select number from change where repository = $1)",
        "delete from change_revision where change in (select number from change where repository = $1)",
        "delete from change where repository = $1",
        "delete from landing where repository = $1",
        "delete from task_run where repository = $1",
        "delete from repository where name = $1",
    ] {
        sqlx::query(sql)
            .bind(name)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}
