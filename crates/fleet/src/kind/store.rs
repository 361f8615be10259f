//! The table of types.

use sqlx::Row as _;
use trunkline_store::{Connection, Migration, Row, StoreError};
use trunkline_thingtype::ThingType;

pub(crate) const MIGRATION: Migration = Migration {
    version: 5,
    name: "types of things",
    sql: "
        create table thing_type (
            name text not null primary key,
            type text not null
        );
    ",
};

const WHAT: &str = "type of things";

fn type_of(row: &Row) -> Result<ThingType, StoreError> {
    let text: &str = row.try_get("type")?;
    serde_json::from_str(text).map_err(|error| StoreError::value(WHAT, error))
}

/// Writes a type.
pub(super) async fn put(connection: &mut Connection, kind: &ThingType) -> Result<(), StoreError> {
    let text = serde_json::to_string(kind).map_err(|error| StoreError::value(WHAT, error))?;
    sqlx::query(
        "insert into thing_type (name, type) values ($1, $2)
         on conflict (name) do update set type = excluded.type",
    )
    .bind(&kind.name)
    .bind(text)
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes a type away; false where there is none.
pub(super) async fn remove(connection: &mut Connection, name: &str) -> Result<bool, StoreError> {
    let remove = sqlx::query("delete from thing_type where name = $1").bind(name);
    Ok(remove.execute(connection).await?.rows_affected() > 0)
}

pub(super) async fn one(
    connection: &mut Connection,
    name: &str,
) -> Result<Option<ThingType>, StoreError> {
    let row = sqlx::query("select type from thing_type where name = $1")
        .bind(name)
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(type_of).transpose()
}

/// All types in the order of their names.
pub(super) async fn all(connection: &mut Connection) -> Result<Vec<ThingType>, StoreError> {
    let rows = sqlx::query("select type from thing_type order by name")
        .fetch_all(connection)
        .await?;
    rows.iter().map(type_of).collect()
}
