//! The tables of groups.

use sqlx::Row as _;
use trunkline_model::Timestamp;
use trunkline_store::{Connection, Migration, Row, StoreError};

use super::Group;

pub(crate) const MIGRATION: Migration = Migration {
    version: 4,
    name: "groups of things",
    sql: "
        create table thing_group (
            name text not null primary key,
            parent text references thing_group (name),
            -- What says whose name is in it; null where people say so.
            statement text,
            description text not null,
            created bigint not null
        );
        create index thing_group_parent on thing_group (parent);
        create table thing_group_member (
            part_of text not null references thing_group (name) on delete cascade,
            thing text not null references thing (name) on delete cascade,
            primary key (part_of, thing)
        );
        create index thing_group_member_thing on thing_group_member (thing);
    ",
};

fn group_of(row: &Row) -> Result<Group, StoreError> {
    Ok(Group {
        name: row.try_get("name")?,
        parent: row.try_get("parent")?,
        statement: row.try_get("statement")?,
        description: row.try_get("description")?,
        created: Timestamp::from_micros(row.try_get("created")?),
    })
}

/// Puts a group; false where there is one of its name.
pub(super) async fn insert(connection: &mut Connection, group: &Group) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "insert into thing_group (name, parent, statement, description, created) values ($1, $2, $3, $4, $5)
         on conflict do nothing",
    )
    .bind(&group.name)
    .bind(&group.parent)
    .bind(&group.statement)
    .bind(&group.description)
    .bind(group.created.as_micros())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

pub(super) async fn update(connection: &mut Connection, group: &Group) -> Result<(), StoreError> {
    sqlx::query("update thing_group set statement = $2, description = $3 where name = $1")
        .bind(&group.name)
        .bind(&group.statement)
        .bind(&group.description)
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn remove(connection: &mut Connection, name: &str) -> Result<(), StoreError> {
    let remove = sqlx::query("delete from thing_group where name = $1").bind(name);
    remove.execute(connection).await?;
    Ok(())
}

pub(super) async fn one(
    connection: &mut Connection,
    name: &str,
) -> Result<Option<Group>, StoreError> {
    let row = sqlx::query(
        "select name, parent, statement, description, created from thing_group where name = $1",
    )
    .bind(name)
    .fetch_optional(connection)
    .await?;
    row.as_ref().map(group_of).transpose()
}

/// Groups in the order of their names, after `after`, at most `count`.
pub(super) async fn page(
    connection: &mut Connection,
    after: &str,
    count: u32,
) -> Result<Vec<Group>, StoreError> {
    let rows = sqlx::query(
        "select name, parent, statement, description, created from thing_group
         where name > $1 order by name limit $2",
    )
    .bind(after)
    .bind(count)
    .fetch_all(connection)
    .await?;
    rows.iter().map(group_of).collect()
}

pub(super) async fn number(connection: &mut Connection) -> Result<i64, StoreError> {
    let number = sqlx::query_scalar("select count(*) from thing_group");
    Ok(number.fetch_one(connection).await?)
}

/// How many levels there are down to `name`, itself counted.
pub(super) async fn depth(connection: &mut Connection, name: &str) -> Result<i64, StoreError> {
    let number = sqlx::query_scalar(
        "with recursive up (name, parent) as (
            select name, parent from thing_group where name = $1
            union select over.name, over.parent from thing_group over join up on over.name = up.parent
         ) select count(*) from up",
    );
    Ok(number.bind(name).fetch_one(connection).await?)
}

/// A group that is a part of `name`, if there is one.
pub(super) async fn child(
    connection: &mut Connection,
    name: &str,
) -> Result<Option<String>, StoreError> {
    let child =
        sqlx::query_scalar("select name from thing_group where parent = $1 order by name limit 1");
    Ok(child.bind(name).fetch_optional(connection).await?)
}

/// The things in `name` and in its parts, in the order of their names, after `after`, at most `count`.
pub(super) async fn things(
    connection: &mut Connection,
    name: &str,
    after: &str,
    count: u32,
) -> Result<Vec<String>, StoreError> {
    let things = sqlx::query_scalar(
        "with recursive down (name) as (
            select name from thing_group where name = $1
            union select part.name from thing_group part join down on part.parent = down.name
         ) select distinct thing from thing_group_member
         where part_of in (select name from down) and thing > $2 order by thing limit $3",
    );
    let things = things.bind(name).bind(after).bind(count);
    Ok(things.fetch_all(connection).await?)
}

/// What was put into groups: the group and the thing, in their order, after `after`, at most `count`.
pub(super) async fn members_after(
    connection: &mut Connection,
    (group, thing): (&str, &str),
    count: u32,
) -> Result<Vec<(String, String)>, StoreError> {
    let members = sqlx::query_as(
        "select part_of, thing from thing_group_member where (part_of, thing) > ($1, $2)
         order by part_of, thing limit $3",
    );
    let members = members.bind(group).bind(thing).bind(count);
    Ok(members.fetch_all(connection).await?)
}

/// The groups into which a thing was put.
pub(super) async fn of_thing(
    connection: &mut Connection,
    thing: &str,
) -> Result<Vec<String>, StoreError> {
    let groups = sqlx::query_scalar(
        "select part_of from thing_group_member where thing = $1 order by part_of",
    );
    Ok(groups.bind(thing).fetch_all(connection).await?)
}

pub(super) async fn add(
    connection: &mut Connection,
    group: &str,
    thing: &str,
) -> Result<(), StoreError> {
    sqlx::query("insert into thing_group_member (part_of, thing) values ($1, $2)")
        .bind(group)
        .bind(thing)
        .execute(connection)
        .await?;
    Ok(())
}

/// Takes a thing out of a group; false where it is not in it.
pub(super) async fn take_out(
    connection: &mut Connection,
    group: &str,
    thing: &str,
) -> Result<bool, StoreError> {
    let remove = sqlx::query("delete from thing_group_member where part_of = $1 and thing = $2");
    let done = remove.bind(group).bind(thing).execute(connection).await?;
    Ok(done.rows_affected() > 0)
}

/// Those of `names` that are things, in their order.
pub(super) async fn existing(
    connection: &mut Connection,
    names: &[String],
) -> Result<Vec<String>, StoreError> {
    let mut all = Vec::with_capacity(names.len());
    for names in names.chunks(500) {
        let mut ask = sqlx::QueryBuilder::new("select name from thing where name in (");
        let mut list = ask.separated(", ");
        for name in names {
            list.push_bind(name);
        }
        ask.push(") order by name");
        let found = ask.build_query_scalar::<String>().persistent(false);
        all.extend(found.fetch_all(&mut *connection).await?);
    }
    Ok(all)
}
