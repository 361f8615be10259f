//! The table of large files.

use sqlx::Row as _;
use trunkline_store::{Connection, Migration, StoreError};

/// The steps to the table as it is.
pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    name: "large files",
    sql: "
        create table lfs_object (
            -- The identity of the repository.
            repository text not null,
            -- Its SHA-256.
            oid text not null,
            bytes bigint not null,
            created bigint not null,
            created_by text not null,
            primary key (repository, oid)
        );
    ",
}];

/// Bytes of one file of a repository; nothing where it does not have it.
pub(crate) async fn bytes_of(
    connection: &mut Connection,
    repository: &str,
    oid: &str,
) -> Result<Option<u64>, StoreError> {
    let row = sqlx::query("select bytes from lfs_object where repository = $1 and oid = $2")
        .bind(repository)
        .bind(oid)
        .fetch_optional(connection)
        .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let bytes: i64 = row.try_get("bytes")?;
    Ok(Some(bytes.unsigned_abs()))
}

/// Bytes of all files.
pub(crate) async fn total(connection: &mut Connection) -> Result<u64, StoreError> {
    let row = sqlx::query("select coalesce(sum(bytes), 0) as total from lfs_object")
        .fetch_one(connection)
        .await?;
    let total: i64 = row.try_get("total")?;
    Ok(total.unsigned_abs())
}

/// Writes that a repository has a file; whether that was new.
pub(crate) async fn insert(
    connection: &mut Connection,
    (repository, oid, bytes): (&str, &str, u64),
    now: i64,
    by: &str,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "insert into lfs_object (repository, oid, bytes, created, created_by) values ($1, $2, $3, $4, $5) on conflict do nothing",
    )
    .bind(repository)
    .bind(oid)
    .bind(bytes.cast_signed())
    .bind(now)
    .bind(by)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// The repositories that have files.
pub(crate) async fn repositories(connection: &mut Connection) -> Result<Vec<String>, StoreError> {
    let rows = sqlx::query("select distinct repository from lfs_object order by repository")
        .fetch_all(connection)
        .await?;
    let names = rows.iter().map(|row| row.try_get("repository"));
    Ok(names.collect::<Result<_, _>>()?)
}

/// Forgets the files of a repository.
pub(crate) async fn forget(
    connection: &mut Connection,
    repository: &str,
) -> Result<(), StoreError> {
    sqlx::query("delete from lfs_object where repository = $1")
        .bind(repository)
        .execute(connection)
        .await?;
    Ok(())
}
