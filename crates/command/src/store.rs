//! The table of commands.

use serde_json::value::RawValue;
use sqlx::{AssertSqlSafe, QueryBuilder, Row as _};
use trunkline_model::Timestamp;
use trunkline_store::column::{optional_time, parsed, time};
use trunkline_store::{Connection, Migration, Row, StoreError};

use crate::{Command, CommandId, CommandStatus, CommandSummary};

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    name: "commands",
    sql: "
        create table command (
            -- Sorts by the time at which it was made.
            id text not null primary key,
            thing text not null,
            name text not null,
            status text not null,
            payload text,
            result text,
            -- Whether the result is bytes in base64.
            is_binary boolean not null,
            reason text,
            sent_by text not null,
            -- The id of the event that it was made, to which all others belong.
            cause text not null,
            created bigint not null,
            deadline bigint not null,
            -- When the broker took it; null while it has not.
            delivered bigint,
            -- When it was over; null while it is not.
            ended bigint,
            -- Whether an answer came when it was over.
            late boolean not null
        );
        create index command_thing on command (thing, id);
        create index command_status on command (status, id);
        create index command_ended on command (ended);
        create index command_open on command (thing) where ended is null;
        create index command_due on command (deadline) where ended is null;
        create index command_waits on command (created) where ended is null and delivered is null;
    ",
}];

/// What stands in lists.
const SUMMARY: &str =
    "id, thing, name, status, reason, sent_by, created, deadline, delivered, ended";
const ALL: &str = "id, thing, name, status, reason, sent_by, created, deadline, delivered, ended, \
                   payload, result, is_binary, cause, late";

/// A command as it is kept.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) command: Command,
    /// The id of the event that it was made.
    pub(crate) cause: String,
    /// Whether an answer came when it was over.
    pub(crate) late: bool,
}

fn summary_of(row: &Row) -> Result<CommandSummary, StoreError> {
    let status: &str = row.try_get("status")?;
    let unknown = std::io::Error::other("a status that this version does not know");
    Ok(CommandSummary {
        id: parsed(row, "id")?,
        thing: row.try_get("thing")?,
        name: row.try_get("name")?,
        status: CommandStatus::read(status)
            .ok_or_else(|| StoreError::value("status of a command", unknown))?,
        reason: row.try_get("reason")?,
        by: row.try_get("sent_by")?,
        created: time(row, "created")?,
        deadline: time(row, "deadline")?,
        delivered: optional_time(row, "delivered")?,
        ended: optional_time(row, "ended")?,
    })
}

/// The column `name`, which is JSON as it was written, or null.
fn optional_json(row: &Row, name: &'static str) -> Result<Option<Box<RawValue>>, StoreError> {
    let text: Option<String> = row.try_get(name)?;
    text.map(RawValue::from_string)
        .transpose()
        .map_err(|error| StoreError::value(name, error))
}

fn kept_of(row: &Row) -> Result<Kept, StoreError> {
    Ok(Kept {
        command: Command {
            summary: summary_of(row)?,
            payload: optional_json(row, "payload")?,
            result: optional_json(row, "result")?,
            binary: row.try_get("is_binary")?,
        },
        cause: row.try_get("cause")?,
        late: row.try_get("late")?,
    })
}

/// Puts a command that was just made.
pub(crate) async fn insert(
    connection: &mut Connection,
    command: &Command,
    cause: &str,
) -> Result<(), StoreError> {
    let Command {
        summary, payload, ..
    } = command;
    sqlx::query(
        "insert into command (id, thing, name, status, payload, is_binary, sent_by, cause, created, deadline, late)
         values ($1, $2, $3, $4, $5, false, $6, $7, $8, $9, false)",
    )
    .bind(summary.id.to_string())
    .bind(&summary.thing)
    .bind(&summary.name)
    .bind(summary.status.as_str())
    .bind(payload.as_ref().map(|json| json.get()))
    .bind(&summary.by)
    .bind(cause)
    .bind(summary.created.as_micros())
    .bind(summary.deadline.as_micros())
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes how a command ended.
pub(crate) async fn end(connection: &mut Connection, command: &Command) -> Result<(), StoreError> {
    let Command {
        summary,
        result,
        binary,
        ..
    } = command;
    sqlx::query(
        "update command set status = $2, ended = $3, reason = $4, result = $5, is_binary = $6 where id = $1",
    )
    .bind(summary.id.to_string())
    .bind(summary.status.as_str())
    .bind(summary.ended.map(Timestamp::as_micros))
    .bind(&summary.reason)
    .bind(result.as_ref().map(|json| json.get()))
    .bind(binary)
    .execute(connection)
    .await?;
    Ok(())
}

/// Notes that the broker took a command.
pub(crate) async fn delivered(
    connection: &mut Connection,
    id: CommandId,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query("update command set delivered = $2 where id = $1 and delivered is null")
        .bind(id.to_string())
        .bind(now.as_micros())
        .execute(connection)
        .await?;
    Ok(())
}

/// Notes that an answer came when the command was over.
pub(crate) async fn note_late(
    connection: &mut Connection,
    id: CommandId,
) -> Result<(), StoreError> {
    let note = sqlx::query("update command set late = true where id = $1").bind(id.to_string());
    note.execute(connection).await?;
    Ok(())
}

pub(crate) async fn one(
    connection: &mut Connection,
    id: CommandId,
) -> Result<Option<Kept>, StoreError> {
    let text = format!("select {ALL} from command where id = $1");
    let row = sqlx::query(AssertSqlSafe(text))
        .bind(id.to_string())
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(kept_of).transpose()
}

/// How many commands of a thing, and how many in all, wait for an answer.
pub(crate) async fn open(
    connection: &mut Connection,
    thing: &str,
) -> Result<(i64, i64), StoreError> {
    let of_thing =
        sqlx::query_scalar("select count(*) from command where thing = $1 and ended is null")
            .bind(thing)
            .fetch_one(&mut *connection)
            .await?;
    let all = sqlx::query_scalar("select count(*) from command where ended is null");
    Ok((of_thing, all.fetch_one(connection).await?))
}

/// The commands of a thing that were made by `until` and wait for an answer.
pub(crate) async fn open_of(
    connection: &mut Connection,
    thing: &str,
    until: Timestamp,
) -> Result<Vec<Kept>, StoreError> {
    let text = format!(
        "select {ALL} from command where thing = $1 and ended is null and created <= $2 order by id"
    );
    let rows = sqlx::query(AssertSqlSafe(text))
        .bind(thing)
        .bind(until.as_micros())
        .fetch_all(connection)
        .await?;
    rows.iter().map(kept_of).collect()
}

/// Commands whose time has run out, at most `count`.
pub(crate) async fn due(
    connection: &mut Connection,
    now: Timestamp,
    count: u32,
) -> Result<Vec<Kept>, StoreError> {
    let text = format!(
        "select {ALL} from command where ended is null and deadline <= $1 order by deadline limit $2"
    );
    let rows = sqlx::query(AssertSqlSafe(text))
        .bind(now.as_micros())
        .bind(count)
        .fetch_all(connection)
        .await?;
    rows.iter().map(kept_of).collect()
}

/// Commands that have time, and that the broker has not taken though they were made by `made`, from the oldest on, after the one called
/// `after`; at most `count`.
pub(crate) async fn undelivered(
    connection: &mut Connection,
    made: Timestamp,
    now: Timestamp,
    after: Option<CommandId>,
    count: u32,
) -> Result<Vec<CommandId>, StoreError> {
    let rows = sqlx::query(
        "select id from command
         where ended is null and delivered is null and created <= $1 and deadline > $2 and id > $3 order by id limit $4",
    )
    .bind(made.as_micros())
    .bind(now.as_micros())
    .bind(after.map_or_else(String::new, |after| after.to_string()))
    .bind(count)
    .fetch_all(connection)
    .await?;
    rows.iter().map(|row| parsed(row, "id")).collect()
}

/// Whether commands were over by `before`.
pub(crate) async fn any_over(
    connection: &mut Connection,
    before: Timestamp,
) -> Result<bool, StoreError> {
    let found = sqlx::query("select 1 from command where ended <= $1 limit 1")
        .bind(before.as_micros())
        .fetch_optional(connection)
        .await?;
    Ok(found.is_some())
}

/// Takes commands away that were over by `before`, at most `count`; how many those were.
pub(crate) async fn sweep(
    connection: &mut Connection,
    before: Timestamp,
    count: u32,
) -> Result<u64, StoreError> {
    let done = sqlx::query(
        "delete from command where id in (select id from command where ended <= $1 order by ended limit $2)",
    )
    .bind(before.as_micros())
    .bind(count)
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

/// Takes the oldest commands of a thing away that are over, so that at most `keep` of those are left.
pub(crate) async fn trim(
    connection: &mut Connection,
    thing: &str,
    keep: u32,
) -> Result<(), StoreError> {
    sqlx::query(
        "delete from command where thing = $1 and ended is not null and id <= (
            select id from command where thing = $1 and ended is not null order by id desc limit 1 offset $2
         )",
    )
    .bind(thing)
    .bind(keep)
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes all commands of a thing away that were made by `until`.
pub(crate) async fn forget(
    connection: &mut Connection,
    thing: &str,
    until: Timestamp,
) -> Result<(), StoreError> {
    let forget = sqlx::query("delete from command where thing = $1 and created <= $2");
    let forget = forget.bind(thing).bind(until.as_micros());
    forget.execute(connection).await?;
    Ok(())
}

/// Commands from the newest to the oldest, at most `count`, after the one called `after`.
pub(crate) async fn page(
    connection: &mut Connection,
    thing: Option<&str>,
    status: Option<CommandStatus>,
    after: Option<CommandId>,
    count: u32,
) -> Result<Vec<CommandSummary>, StoreError> {
    let mut ask = QueryBuilder::new("select ");
    ask.push(SUMMARY).push(" from command where true");
    if let Some(thing) = thing {
        ask.push(" and thing = ").push_bind(thing);
    }
    if let Some(status) = status {
        ask.push(" and status = ").push_bind(status.as_str());
    }
    if let Some(after) = after {
        ask.push(" and id < ").push_bind(after.to_string());
    }
    ask.push(" order by id desc limit ").push_bind(count);
    let rows = ask.build().fetch_all(connection).await?;
    rows.iter().map(summary_of).collect()
}
