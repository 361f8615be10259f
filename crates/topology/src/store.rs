//! The table of relations.

use sqlx::Row as _;
use trunkline_model::Timestamp;
use trunkline_store::{Connection, Migration, Row, StoreError};

use crate::{End, Related, Relation};

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    name: "relations",
    sql: "
        create table relation (
            origin text not null,
            kind text not null,
            target text not null,
            since bigint not null,
            said_by text not null,
            primary key (origin, kind, target)
        );
        create index relation_target on relation (target, origin, kind);
    ",
}];

fn end_of(row: &Row, column: &str) -> Result<End, StoreError> {
    let text: &str = row.try_get(column)?;
    text.parse()
        .map_err(|error: crate::TopologyError| StoreError::value("end of a relation", error))
}

fn related(row: &Row) -> Result<Related, StoreError> {
    Ok(Related {
        kind: row.try_get("kind")?,
        end: end_of(row, "other")?,
        since: Timestamp::from_micros(row.try_get("since")?),
        by: row.try_get("said_by")?,
    })
}

/// Puts a relation; false where it is there already.
pub(crate) async fn insert(
    connection: &mut Connection,
    relation: &Relation,
    by: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "insert into relation (origin, kind, target, since, said_by) values ($1, $2, $3, $4, $5) on conflict do nothing",
    )
    .bind(relation.from.as_str())
    .bind(&relation.kind)
    .bind(relation.to.as_str())
    .bind(now.as_micros())
    .bind(by)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Takes a relation away; false where there is none.
pub(crate) async fn remove(
    connection: &mut Connection,
    relation: &Relation,
) -> Result<bool, StoreError> {
    let done = sqlx::query("delete from relation where origin = $1 and kind = $2 and target = $3")
        .bind(relation.from.as_str())
        .bind(&relation.kind)
        .bind(relation.to.as_str())
        .execute(connection)
        .await?;
    Ok(done.rows_affected() > 0)
}

/// How many relations begin at `end`, and how many there are in all.
pub(crate) async fn number(
    connection: &mut Connection,
    end: &End,
) -> Result<(i64, i64), StoreError> {
    let of_end = sqlx::query_scalar("select count(*) from relation where origin = $1")
        .bind(end.as_str())
        .fetch_one(&mut *connection)
        .await?;
    let all = sqlx::query_scalar("select count(*) from relation");
    Ok((of_end, all.fetch_one(connection).await?))
}

/// The relations that begin at `end`.
pub(crate) async fn outgoing(
    connection: &mut Connection,
    end: &End,
) -> Result<Vec<Related>, StoreError> {
    let rows = sqlx::query(
        "select kind, target as other, since, said_by from relation where origin = $1 order by kind, target",
    )
    .bind(end.as_str())
    .fetch_all(connection)
    .await?;
    rows.iter().map(related).collect()
}

/// The relations that lead to `end`, after the one that begins at `after`'s end and is of its kind; at most `count`.
pub(crate) async fn incoming(
    connection: &mut Connection,
    end: &End,
    (origin, kind): (&str, &str),
    count: u32,
) -> Result<Vec<Related>, StoreError> {
    let rows = sqlx::query(
        "select kind, origin as other, since, said_by from relation
         where target = $1 and (origin, kind) > ($2, $3) order by origin, kind limit $4",
    )
    .bind(end.as_str())
    .bind(origin)
    .bind(kind)
    .bind(count)
    .fetch_all(connection)
    .await?;
    rows.iter().map(related).collect()
}

/// Relations that begin at `end` or lead there, at most `count`.
pub(crate) async fn touching(
    connection: &mut Connection,
    end: &End,
    count: u32,
) -> Result<Vec<Relation>, StoreError> {
    let rows = sqlx::query(
        "select origin, kind, target from relation where origin = $1
         union all select origin, kind, target from relation where target = $1 limit $2",
    )
    .bind(end.as_str())
    .bind(count)
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Relation {
                from: end_of(row, "origin")?,
                kind: row.try_get("kind")?,
                to: end_of(row, "target")?,
            })
        })
        .collect()
}

/// Everything from which at most `depth` relations, of one kind where one is named, lead to `end`, with how many they are. An end to which
/// several ways lead is there once for each length. At most `steps`, the nearest first.
pub(crate) async fn reach(
    connection: &mut Connection,
    end: &End,
    depth: u32,
    kind: Option<&str>,
    steps: u32,
) -> Result<Vec<(End, u32)>, StoreError> {
    // `union` drops what is there already, and the depth ends circles. There is no order by, which would have to see all steps before the
    // first: they come in the order in which they are found.
    let rows = sqlx::query(
        "with recursive back (place, distance) as (
            select origin, 1 from relation where target = $1 and ($3 is null or kind = $3)
            union select link.origin, back.distance + 1 from back join relation link on link.target = back.place
            where back.distance < $2 and link.origin <> $1 and ($3 is null or link.kind = $3)
         ) select place, distance from back limit $4",
    )
    .bind(end.as_str())
    .bind(depth)
    .bind(kind)
    .bind(steps)
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| Ok((end_of(row, "place")?, row.try_get("distance")?)))
        .collect()
}

/// The devices that are ends of relations, in the order of their names, after `after`, at most `count`.
pub(crate) async fn things(
    connection: &mut Connection,
    after: &str,
    count: u32,
) -> Result<Vec<End>, StoreError> {
    // `;` is what follows `:`.
    let rows = sqlx::query(
        "select place from (
            select origin as place from relation where origin > $1 and origin < 'thing;'
            union select target from relation where target > $1 and target < 'thing;'
         ) as ends order by place limit $2",
    )
    .bind(after)
    .bind(count)
    .fetch_all(connection)
    .await?;
    rows.iter().map(|row| end_of(row, "place")).collect()
}
