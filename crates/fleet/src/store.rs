//! The table of things.

use sqlx::Row as _;
use trunkline_model::Timestamp;
use trunkline_proof::Digest;
use trunkline_store::{Connection, Migration, Row, StoreError};

use crate::Thing;

pub(crate) const MIGRATIONS: &[Migration] = &[
    THINGS,
    crate::certificate::MIGRATION,
    crate::job::MIGRATION,
    crate::group::MIGRATION,
    crate::kind::MIGRATION,
    crate::job::ROLLBACK,
    crate::job::ROLLS_BACK,
    crate::certificate::TOLD,
];

const THINGS: Migration = Migration {
    version: 1,
    name: "things and twins",
    sql: "
        create table thing (
            name text not null primary key,
            kind text not null,
            attributes text not null,
            secret blob not null,
            created bigint not null
        );
        create table twin (
            thing text not null references thing (name) on delete cascade,
            shadow text not null,
            document text not null,
            -- When it was deleted, in seconds since 1970; null while it is there.
            deleted integer,
            primary key (thing, shadow)
        );
    ",
};

fn thing_of(row: &Row) -> Result<Thing, StoreError> {
    let attributes: &str = row.try_get("attributes")?;
    Ok(Thing {
        name: row.try_get("name")?,
        kind: row.try_get("kind")?,
        attributes: serde_json::from_str(attributes)
            .map_err(|error| StoreError::value("attributes of a thing", error))?,
        created: Timestamp::from_micros(row.try_get("created")?),
    })
}

/// Puts a thing; false where there is one of its name.
pub(crate) async fn insert(
    connection: &mut Connection,
    thing: &Thing,
    secret: &Digest,
) -> Result<bool, StoreError> {
    let attributes = serde_json::to_string(&thing.attributes)
        .map_err(|error| StoreError::value("attributes of a thing", error))?;
    let done = sqlx::query(
        "insert into thing (name, kind, attributes, secret, created) values ($1, $2, $3, $4, $5) on conflict do nothing",
    )
    .bind(&thing.name)
    .bind(&thing.kind)
    .bind(attributes)
    .bind(secret.as_bytes().as_slice())
    .bind(thing.created.as_micros())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Writes the kind and the attributes of a thing.
pub(crate) async fn update(connection: &mut Connection, thing: &Thing) -> Result<(), StoreError> {
    let attributes = serde_json::to_string(&thing.attributes)
        .map_err(|error| StoreError::value("attributes of a thing", error))?;
    sqlx::query("update thing set kind = $2, attributes = $3 where name = $1")
        .bind(&thing.name)
        .bind(&thing.kind)
        .bind(attributes)
        .execute(connection)
        .await?;
    Ok(())
}

/// Takes a thing away; false where there is none.
pub(crate) async fn remove(connection: &mut Connection, name: &str) -> Result<bool, StoreError> {
    let done = sqlx::query("delete from thing where name = $1")
        .bind(name)
        .execute(connection)
        .await?;
    Ok(done.rows_affected() > 0)
}

/// Gives a thing another secret; false where there is none of this name.
pub(crate) async fn set_secret(
    connection: &mut Connection,
    name: &str,
    secret: &Digest,
) -> Result<bool, StoreError> {
    let done = sqlx::query("update thing set secret = $2 where name = $1")
        .bind(name)
        .bind(secret.as_bytes().as_slice())
        .execute(connection)
        .await?;
    Ok(done.rows_affected() > 0)
}

/// Things in the order of their names, after `after`, at most `count`.
pub(crate) async fn things(
    connection: &mut Connection,
    after: &str,
    count: u32,
) -> Result<Vec<Thing>, StoreError> {
    let rows = sqlx::query(
        "select name, kind, attributes, created from thing where name > $1 order by name limit $2",
    )
    .bind(after)
    .bind(count)
    .fetch_all(connection)
    .await?;
    rows.iter().map(thing_of).collect()
}

/// One thing.
pub(crate) async fn thing(
    connection: &mut Connection,
    name: &str,
) -> Result<Option<Thing>, StoreError> {
    let row = sqlx::query("select name, kind, attributes, created from thing where name = $1")
        .bind(name)
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(thing_of).transpose()
}

/// The names and secrets of all things.
pub(crate) async fn secrets(
    connection: &mut Connection,
) -> Result<Vec<(String, Digest)>, StoreError> {
    let rows = sqlx::query("select name, secret from thing")
        .fetch_all(connection)
        .await?;
    rows.iter()
        .map(|row| {
            let secret: &[u8] = row.try_get("secret")?;
            let secret = Digest::from_slice(secret)
                .map_err(|error| StoreError::value("secret of a thing", error))?;
            Ok((row.try_get("name")?, secret))
        })
        .collect()
}

/// The names and kinds of all things.
pub(crate) async fn kinds(
    connection: &mut Connection,
) -> Result<Vec<(String, String)>, StoreError> {
    let rows = sqlx::query("select name, kind from thing")
        .fetch_all(connection)
        .await?;
    rows.iter()
        .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
        .collect()
}
