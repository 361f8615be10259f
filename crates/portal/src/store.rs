//! The tables: every version of a document, and what was learnt from traffic.

use sqlx::Row as _;
use trunkline_model::Timestamp;
use trunkline_store::{Connection, Migration, StoreError};

/// Versions of one service that are kept; the oldest go.
const KEPT: i64 = 50;

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    name: "documents and what was learnt",
    sql: "
        create table api_document (
            service text not null,
            number integer not null,
            version text not null,
            document text not null,
            since bigint not null,
            primary key (service, number)
        );
        create table api_learned (
            service text not null primary key,
            state text not null
        );
    ",
}];

/// A version of a service's document.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) number: i64,
    pub(crate) version: String,
    pub(crate) document: String,
}

/// The newest versions of a service's document, at most `count`, the newest first.
pub(crate) async fn newest(
    connection: &mut Connection,
    service: &str,
    count: i64,
) -> Result<Vec<Kept>, StoreError> {
    let rows = sqlx::query(
        "select number, version, document from api_document where service = $1 order by number desc limit $2",
    )
    .bind(service)
    .bind(count)
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Kept {
                number: row.try_get("number")?,
                version: row.try_get("version")?,
                document: row.try_get("document")?,
            })
        })
        .collect()
}

/// Keeps a new version.
pub(crate) async fn keep(
    connection: &mut Connection,
    service: &str,
    kept: &Kept,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into api_document (service, number, version, document, since) values ($1, $2, $3, $4, $5)",
    )
    .bind(service)
    .bind(kept.number)
    .bind(&kept.version)
    .bind(&kept.document)
    .bind(now.as_micros())
    .execute(&mut *connection)
    .await?;
    sqlx::query("delete from api_document where service = $1 and number <= $2")
        .bind(service)
        .bind(kept.number - KEPT)
        .execute(connection)
        .await?;
    Ok(())
}

/// What was learnt of all services.
pub(crate) async fn learned(
    connection: &mut Connection,
) -> Result<Vec<(String, String)>, StoreError> {
    let rows = sqlx::query("select service, state from api_learned")
        .fetch_all(connection)
        .await?;
    rows.iter()
        .map(|row| Ok((row.try_get("service")?, row.try_get("state")?)))
        .collect()
}

/// Writes what was learnt of a service.
pub(crate) async fn write_learned(
    connection: &mut Connection,
    service: &str,
    state: &str,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into api_learned (service, state) values ($1, $2)
         on conflict (service) do update set state = excluded.state",
    )
    .bind(service)
    .bind(state)
    .execute(connection)
    .await?;
    Ok(())
}
