//! The table of documents.

use sqlx::Row as _;
use trunkline_store::{Connection, Migration, StoreError};
use trunkline_twin::Document;

use crate::Place;
use crate::cache::Key;

/// The documents lay in a table of the fleet before, and were written with every change.
pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    name: "twins behind the log",
    sql: "
        create table twin_document (
            thing text not null,
            shadow text not null,
            document text not null,
            -- When it was deleted, in seconds since 1970; null while it is there.
            deleted bigint,
            -- Counts the times that documents were written.
            written bigint not null,
            primary key (thing, shadow)
        );
        create index twin_document_written on twin_document (written, thing, shadow);
        create index twin_document_deleted on twin_document (deleted) where deleted is not null;
        -- Up to where in the log the documents are true.
        create table twin_place (one integer not null primary key, place bigint not null);
        insert into twin_document (thing, shadow, document, deleted, written)
            select thing, shadow, document, deleted, 1 from twin;
        drop table twin;
    ",
}];

/// A document as it lies in the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The thing.
    pub thing: String,
    /// The shadow's name; empty for the classic one.
    pub shadow: String,
    /// The document as JSON, deleted ones included.
    pub document: String,
    /// Counts the times that documents were written.
    pub written: i64,
}

/// How far somebody who follows the table has come. The default is before everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    written: i64,
    thing: String,
    shadow: String,
}

impl Row {
    /// The mark behind this document.
    #[must_use]
    pub fn mark(&self) -> Mark {
        Mark {
            written: self.written,
            thing: self.thing.clone(),
            shadow: self.shadow.clone(),
        }
    }
}

/// A document, and its JSON.
pub(crate) struct Written {
    key: Key,
    text: String,
    deleted: Option<i64>,
}

impl Written {
    pub(crate) fn new(key: Key, document: &Document) -> Result<Self, StoreError> {
        Ok(Self {
            key,
            text: text(document)?,
            deleted: document.deleted.then_some(document.timestamp),
        })
    }
}

pub(crate) fn text(document: &Document) -> Result<String, StoreError> {
    serde_json::to_string(document).map_err(|error| StoreError::value("document of a twin", error))
}

pub(crate) fn parse(text: &str) -> Result<Document, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::value("document of a twin", error))
}

/// The JSON of a document, if there is one.
pub(crate) async fn document(
    connection: &mut Connection,
    key: &Key,
) -> Result<Option<String>, StoreError> {
    let query =
        sqlx::query_scalar("select document from twin_document where thing = $1 and shadow = $2")
            .bind(&key.thing)
            .bind(&key.shadow);
    Ok(query.fetch_optional(connection).await?)
}

/// Writes documents; `number` counts these times.
pub(crate) async fn put(
    connection: &mut Connection,
    documents: &[Written],
    number: i64,
) -> Result<(), StoreError> {
    for written in documents {
        sqlx::query(
            "insert into twin_document (thing, shadow, document, deleted, written) values ($1, $2, $3, $4, $5)
             on conflict (thing, shadow) do update
             set document = excluded.document, deleted = excluded.deleted, written = excluded.written",
        )
        .bind(&written.key.thing)
        .bind(&written.key.shadow)
        .bind(&written.text)
        .bind(written.deleted)
        .bind(number)
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// The number of the last time that documents were written.
pub(crate) async fn last_number(connection: &mut Connection) -> Result<i64, StoreError> {
    let query = sqlx::query_scalar("select coalesce(max(written), 0) from twin_document");
    Ok(query.fetch_one(connection).await?)
}

/// Removes all of a thing.
pub(crate) async fn forget(connection: &mut Connection, thing: &str) -> Result<(), StoreError> {
    sqlx::query("delete from twin_document where thing = $1")
        .bind(thing)
        .execute(connection)
        .await?;
    Ok(())
}

/// Removes what was deleted before `second`; its version is remembered no longer.
pub(crate) async fn sweep(connection: &mut Connection, second: i64) -> Result<(), StoreError> {
    sqlx::query("delete from twin_document where deleted < $1")
        .bind(second)
        .execute(connection)
        .await?;
    Ok(())
}

/// How many shadows of `thing` there are; those that were deleted since `second` count.
pub(crate) async fn count(
    connection: &mut Connection,
    thing: &str,
    second: i64,
) -> Result<usize, StoreError> {
    let count: i64 = sqlx::query_scalar(
        "select count(*) from twin_document where thing = $1 and (deleted is null or deleted >= $2)",
    )
    .bind(thing)
    .bind(second)
    .fetch_one(connection)
    .await?;
    Ok(usize::try_from(count).unwrap_or_default())
}

/// The names of a thing's shadows that are there.
pub(crate) async fn shadows(
    connection: &mut Connection,
    thing: &str,
) -> Result<Vec<String>, StoreError> {
    let query =
        sqlx::query_scalar("select shadow from twin_document where thing = $1 and deleted is null")
            .bind(thing);
    Ok(query.fetch_all(connection).await?)
}

/// Up to where the documents are true; nothing before the first time.
pub(crate) async fn place(connection: &mut Connection) -> Result<Option<Place>, StoreError> {
    let place: Option<i64> = sqlx::query_scalar("select place from twin_place where one = 1")
        .fetch_optional(connection)
        .await?;
    Ok(place.map(i64::unsigned_abs))
}

/// Says up to where the documents are true.
pub(crate) async fn set_place(connection: &mut Connection, place: Place) -> Result<(), StoreError> {
    sqlx::query(
        "insert into twin_place (one, place) values (1, $1) on conflict (one) do update set place = excluded.place",
    )
    .bind(i64::try_from(place).unwrap_or(i64::MAX))
    .execute(connection)
    .await?;
    Ok(())
}

/// Documents that were written after `after`, in the order of the times of writing, of the things and of the shadows; at most `count`.
pub(crate) async fn written_since(
    connection: &mut Connection,
    after: &Mark,
    count: u32,
) -> Result<Vec<Row>, StoreError> {
    let rows = sqlx::query(
        "select thing, shadow, document, written from twin_document where (written, thing, shadow) > ($1, $2, $3)
         order by written, thing, shadow limit $4",
    )
    .bind(after.written)
    .bind(&after.thing)
    .bind(&after.shadow)
    .bind(count)
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Row {
                thing: row.try_get(0)?,
                shadow: row.try_get(1)?,
                document: row.try_get(2)?,
                written: row.try_get(3)?,
            })
        })
        .collect()
}

/// How many documents there are, deleted ones included.
pub(crate) async fn count_all(connection: &mut Connection) -> Result<u64, StoreError> {
    let count: i64 = sqlx::query_scalar("select count(*) from twin_document")
        .fetch_one(connection)
        .await?;
    Ok(count.unsigned_abs())
}
