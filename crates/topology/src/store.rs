//! The table of relations.

use sqlx::{QueryBuilder, Row as _};
use trunkline_model::Timestamp;
use trunkline_store::column::{parsed, time};
use trunkline_store::{Connection, Migration, Row, StoreError};

use crate::{End, Related, Relation, Stated};

pub(crate) const MIGRATIONS: &[Migration] = &[
    Migration {
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
    },
    Migration {
        version: 2,
        name: "when a relation was said last",
        sql: "
        alter table relation add column said bigint not null default 0;
        update relation set said = since;
    ",
    },
];

fn related(row: &Row) -> Result<Related, StoreError> {
    Ok(Related {
        kind: row.try_get("kind")?,
        end: parsed(row, "other")?,
        since: time(row, "since")?,
        by: row.try_get("said_by")?,
    })
}

/// Relations in the order of where they begin, of what kind they are and where they lead, after `after`, at most `count`.
pub(crate) async fn all_after(
    connection: &mut Connection,
    after: Option<&Relation>,
    count: u32,
) -> Result<Vec<Stated>, StoreError> {
    let (origin, kind, target) = after.map_or(("", "", ""), |after| {
        (after.from.as_str(), after.kind.as_str(), after.to.as_str())
    });
    let rows = sqlx::query(
        "select origin, kind, target, since, said_by from relation where (origin, kind, target) > ($1, $2, $3)
         order by origin, kind, target limit $4",
    )
    .bind(origin)
    .bind(kind)
    .bind(target)
    .bind(count)
    .fetch_all(connection)
    .await?;
    let stated = |row: &Row| {
        Ok(Stated {
            relation: Relation {
                from: parsed(row, "origin")?,
                kind: row.try_get("kind")?,
                to: parsed(row, "target")?,
            },
            since: time(row, "since")?,
            by: row.try_get("said_by")?,
        })
    };
    rows.iter().map(stated).collect()
}

/// Puts a relation; false where it is there already, which is said again then.
pub(crate) async fn insert(
    connection: &mut Connection,
    relation: &Relation,
    by: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "insert into relation (origin, kind, target, since, said_by, said) values ($1, $2, $3, $4, $5, $4) on conflict do nothing",
    )
    .bind(relation.from.as_str())
    .bind(&relation.kind)
    .bind(relation.to.as_str())
    .bind(now.as_micros())
    .bind(by)
    .execute(&mut *connection)
    .await?;
    if done.rows_affected() > 0 {
        return Ok(true);
    }
    sqlx::query(
        "update relation set said = $4 where origin = $1 and kind = $2 and target = $3 and said < $4",
    )
    .bind(relation.from.as_str())
    .bind(&relation.kind)
    .bind(relation.to.as_str())
    .bind(now.as_micros())
    .execute(connection)
    .await?;
    Ok(false)
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

/// Relations that begin at `end` or lead there and were said last by `until`, at most `count`.
pub(crate) async fn touching(
    connection: &mut Connection,
    end: &End,
    until: Timestamp,
    count: u32,
) -> Result<Vec<Relation>, StoreError> {
    let rows = sqlx::query(
        "select origin, kind, target from relation where origin = $1 and said <= $2
         union all select origin, kind, target from relation where target = $1 and said <= $2 limit $3",
    )
    .bind(end.as_str())
    .bind(until.as_micros())
    .bind(count)
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Relation {
                from: parsed(row, "origin")?,
                kind: row.try_get("kind")?,
                to: parsed(row, "target")?,
            })
        })
        .collect()
}

/// Where the relations begin that lead to any of `ends`, of one kind where one is named; at most `count`, and an end as often as relations
/// begin there.
pub(crate) async fn behind(
    connection: &mut Connection,
    ends: &[End],
    kind: Option<&str>,
    count: usize,
) -> Result<Vec<End>, StoreError> {
    let mut ask = QueryBuilder::new("select origin from relation where target in (");
    let mut list = ask.separated(", ");
    for end in ends {
        list.push_bind(end.as_str());
    }
    list.push_unseparated(")");
    if let Some(kind) = kind {
        ask.push(" and kind = ").push_bind(kind);
    }
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    ask.push(" limit ").push_bind(count);
    // A list of another length is another statement: none of them is worth being remembered.
    let rows = ask.build().persistent(false).fetch_all(connection).await?;
    rows.iter().map(|row| parsed(row, "origin")).collect()
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
    rows.iter().map(|row| parsed(row, "place")).collect()
}
