//! The tables of jobs and of their targets.

use sqlx::{AssertSqlSafe, QueryBuilder, Row as _};
use trunkline_job::{Job, Status};
use trunkline_store::{Connection, Migration, Row as Line, StoreError};

use super::row::{Numbers, Row};

/// Rows that one statement writes.
const TOGETHER: usize = 500;

pub(crate) const MIGRATION: Migration = Migration {
    version: 3,
    name: "jobs",
    sql: "
        create table job (
            id text not null primary key,
            job text not null,
            status text not null,
            created_at bigint not null,
            -- Whether the platform still has something to do for it.
            open boolean not null,
            groups text not null,
            resolved_at bigint,
            rollout text not null,
            failed text not null
        );
        create index job_created on job (created_at, id);
        create index job_open on job (open);
        create table job_target (
            job text not null references job (id) on delete cascade,
            thing text not null references thing (name) on delete cascade,
            -- Whether the job names it; otherwise a group has it.
            named boolean not null,
            place bigint not null,
            -- When it was told; null while it waits.
            told_at bigint,
            primary key (job, thing)
        );
        create index job_target_told on job_target (job, told_at, place);
        create index job_target_thing on job_target (thing);
        create table job_execution (
            -- The order in which they were queued.
            id integer not null primary key,
            job text not null references job (id) on delete cascade,
            -- It stays when the thing goes: a job must not look better than it was.
            thing text not null,
            number bigint not null,
            status text not null,
            terminal boolean not null,
            -- When it runs out of time, in seconds since 1970.
            due bigint,
            execution text not null,
            unique (job, thing, number)
        );
        create index job_execution_status on job_execution (job, status, thing);
        create index job_execution_thing on job_execution (thing, terminal);
        create index job_execution_due on job_execution (due);
    ",
};

/// What rolls a job back.
pub(crate) const ROLLBACK: Migration = Migration {
    version: 6,
    name: "rollback of jobs",
    sql: "alter table job add column rollback text;",
};

/// Which job rolls which other back.
pub(crate) const ROLLS_BACK: Migration = Migration {
    version: 7,
    name: "what jobs roll back",
    sql: "
        alter table job add column rolls_back text;
        create unique index job_rolls_back on job (rolls_back);
    ",
};

const COLUMNS: &str = "job, groups, resolved_at, rollout, failed, open, rollback, rolls_back";

fn read<T: serde::de::DeserializeOwned>(
    line: &Line,
    column: &str,
    what: &'static str,
) -> Result<T, StoreError> {
    let text: &str = line.try_get(column)?;
    serde_json::from_str(text).map_err(|error| StoreError::value(what, error))
}

pub(super) fn text<T: serde::Serialize>(
    value: &T,
    what: &'static str,
) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::value(what, error))
}

fn row_of(line: &Line) -> Result<Row, StoreError> {
    Ok(Row {
        job: read(line, "job", "job")?,
        groups: read(line, "groups", "list of a job's groups")?,
        resolved_at: line.try_get("resolved_at")?,
        rollout: read(line, "rollout", "rollout of a job")?,
        failed: read(line, "failed", "list of a job's statements")?,
        open: line.try_get("open")?,
        rollback: match line.try_get::<Option<&str>, _>("rollback")? {
            Some(_) => Some(read(line, "rollback", "document of a job")?),
            None => None,
        },
        rolls_back: line.try_get("rolls_back")?,
    })
}

/// Puts a job; false where there is one of its id.
pub(super) async fn insert(connection: &mut Connection, row: &Row) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "insert into job (id, created_at, job, status, open, groups, resolved_at, rollout, failed, rollback, rolls_back)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict do nothing",
    )
    .bind(&row.job.id)
    .bind(row.job.created_at)
    .bind(text(&row.job, "job")?)
    .bind(row.job.status.as_str())
    .bind(row.open)
    .bind(text(&row.groups, "list of a job's groups")?)
    .bind(row.resolved_at)
    .bind(text(&row.rollout, "rollout of a job")?)
    .bind(text(&row.failed, "list of a job's statements")?)
    .bind(match &row.rollback {
        Some(document) => Some(text(document, "document of a job")?),
        None => None,
    })
    .bind(&row.rolls_back)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Writes a job as it is now. Its groups and what rolls it back never change.
pub(super) async fn update(connection: &mut Connection, row: &Row) -> Result<(), StoreError> {
    sqlx::query(
        "update job set job = $2, status = $3, open = $4, resolved_at = $5, rollout = $6, failed = $7 where id = $1",
    )
    .bind(&row.job.id)
    .bind(text(&row.job, "job")?)
    .bind(row.job.status.as_str())
    .bind(row.open)
    .bind(row.resolved_at)
    .bind(text(&row.rollout, "rollout of a job")?)
    .bind(text(&row.failed, "list of a job's statements")?)
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes a job away with its targets and executions.
pub(super) async fn remove(connection: &mut Connection, id: &str) -> Result<(), StoreError> {
    let remove = sqlx::query("delete from job where id = $1").bind(id);
    remove.execute(connection).await?;
    Ok(())
}

pub(super) async fn one(connection: &mut Connection, id: &str) -> Result<Option<Row>, StoreError> {
    let text = format!("select {COLUMNS} from job where id = $1");
    let line = sqlx::query(AssertSqlSafe(text))
        .bind(id)
        .fetch_optional(connection)
        .await?;
    line.as_ref().map(row_of).transpose()
}

/// Jobs for which the platform has something to do. One that cannot be read is left out and told of: it must not hold up the others.
pub(super) async fn open(connection: &mut Connection) -> Result<Vec<Row>, StoreError> {
    let text = format!("select id, {COLUMNS} from job where open = $1 order by created_at, id");
    let lines = sqlx::query(AssertSqlSafe(text))
        .bind(true)
        .fetch_all(connection)
        .await?;
    let mut rows = Vec::with_capacity(lines.len());
    for line in &lines {
        match row_of(line) {
            Ok(row) => rows.push(row),
            Err(error) => {
                let job: &str = line.try_get("id")?;
                let error = &error as &dyn std::error::Error;
                tracing::error!(job, error, "a job cannot be read and is not worked on");
            }
        }
    }
    Ok(rows)
}

/// How many jobs there are, and how many of them are open.
pub(super) async fn number(connection: &mut Connection) -> Result<(i64, i64), StoreError> {
    let line = sqlx::query("select count(*), count(case when open then 1 end) from job")
        .fetch_one(connection)
        .await?;
    Ok((line.try_get(0)?, line.try_get(1)?))
}

/// Jobs from the newest to the oldest, after the one of that second and id, at most `count`.
pub(super) async fn page(
    connection: &mut Connection,
    status: Option<&str>,
    after: Option<(i64, &str)>,
    count: u32,
) -> Result<Vec<Job>, StoreError> {
    let (at, id) = after.unwrap_or((i64::MAX, ""));
    let lines = sqlx::query(
        "select job from job where ($1 is null or status = $1) and (created_at, id) < ($2, $3)
         order by created_at desc, id desc limit $4",
    )
    .bind(status)
    .bind(at)
    .bind(id)
    .bind(count)
    .fetch_all(connection)
    .await?;
    lines.iter().map(|line| read(line, "job", "job")).collect()
}

/// Puts things among the targets of a job, so far as they exist and are none yet; how many those were.
pub(super) async fn add_targets(
    connection: &mut Connection,
    job: &str,
    things: &[String],
    named: bool,
) -> Result<u64, StoreError> {
    let last = sqlx::query_scalar("select coalesce(max(place), 0) from job_target where job = $1");
    let last: i64 = last.bind(job).fetch_one(&mut *connection).await?;
    let mut places = last + 1..;
    let mut added = 0;
    for things in things.chunks(TOGETHER) {
        let mut insert = QueryBuilder::new("with wanted (name, place) as (");
        insert.push_values(
            things.iter().zip(&mut places),
            |mut values, (thing, place)| {
                values.push_bind(thing).push_bind(place);
            },
        );
        insert.push(") insert into job_target (job, thing, named, place) select ");
        insert
            .push_bind(job)
            .push(", thing.name, ")
            .push_bind(named);
        insert.push(", wanted.place from wanted join thing on thing.name = wanted.name where true on conflict do nothing");
        let insert = insert.build().persistent(false);
        added += insert.execute(&mut *connection).await?.rows_affected();
    }
    Ok(added)
}

/// The targets that a job names, or those that it has because a group has them, in their order.
pub(super) async fn targets(
    connection: &mut Connection,
    job: &str,
    named: bool,
) -> Result<Vec<String>, StoreError> {
    let text = "select thing from job_target where job = $1 and named = $2 order by place";
    let things = sqlx::query_scalar(text).bind(job).bind(named);
    Ok(things.fetch_all(connection).await?)
}

pub(super) async fn remove_target(
    connection: &mut Connection,
    job: &str,
    thing: &str,
) -> Result<(), StoreError> {
    let remove = sqlx::query("delete from job_target where job = $1 and thing = $2");
    remove.bind(job).bind(thing).execute(connection).await?;
    Ok(())
}

pub(super) async fn has_target(
    connection: &mut Connection,
    job: &str,
    thing: &str,
) -> Result<bool, StoreError> {
    let found = sqlx::query("select 1 from job_target where job = $1 and thing = $2");
    let found = found
        .bind(job)
        .bind(thing)
        .fetch_optional(connection)
        .await?;
    Ok(found.is_some())
}

/// Targets that wait, the first first.
pub(super) async fn waiting(
    connection: &mut Connection,
    job: &str,
    count: u64,
) -> Result<Vec<String>, StoreError> {
    let things = sqlx::query_scalar(
        "select thing from job_target where job = $1 and told_at is null order by place limit $2",
    );
    let things = things.bind(job).bind(count.cast_signed());
    Ok(things.fetch_all(connection).await?)
}

/// Notes that a target was told.
pub(super) async fn told(
    connection: &mut Connection,
    job: &str,
    thing: &str,
    now: i64,
) -> Result<(), StoreError> {
    let told = sqlx::query("update job_target set told_at = $3 where job = $1 and thing = $2");
    let told = told.bind(job).bind(thing).bind(now);
    told.execute(connection).await?;
    Ok(())
}

/// Counts the targets and the executions of a job.
pub(super) async fn numbers(connection: &mut Connection, job: &str) -> Result<Numbers, StoreError> {
    let line = sqlx::query("select count(*), count(told_at) from job_target where job = $1")
        .bind(job)
        .fetch_one(&mut *connection)
        .await?;
    let (targets, notified): (i64, i64) = (line.try_get(0)?, line.try_get(1)?);
    let mut numbers = Numbers {
        targets: targets.unsigned_abs(),
        notified: notified.unsigned_abs(),
        ..Numbers::default()
    };
    let lines =
        sqlx::query("select status, count(*) from job_execution where job = $1 group by status")
            .bind(job)
            .fetch_all(connection)
            .await?;
    for line in &lines {
        let number: i64 = line.try_get(1)?;
        let status = super::executions::status_of(line.try_get(0)?)?;
        numbers.counts.add(status, number.unsigned_abs());
    }
    Ok(numbers)
}

/// Things with an execution of `job` that is queued, or, where so is said, in progress; at most `count`.
pub(super) async fn things_with(
    connection: &mut Connection,
    job: &str,
    in_progress: bool,
    count: u32,
) -> Result<Vec<String>, StoreError> {
    let other = if in_progress {
        Status::InProgress
    } else {
        Status::Queued
    };
    let things = sqlx::query_scalar(
        "select distinct thing from job_execution where job = $1 and status in ($2, $3) limit $4",
    );
    let things = things
        .bind(job)
        .bind(Status::Queued.as_str())
        .bind(other.as_str())
        .bind(count);
    Ok(things.fetch_all(connection).await?)
}

/// Jobs whose documents devices may still ask for: something is to be done for them, or a device has not ended. Unlike [`open`] this fails
/// where one cannot be read.
pub(super) async fn in_use(connection: &mut Connection) -> Result<Vec<Row>, StoreError> {
    let text = format!(
        "select {COLUMNS} from job where open = $1
            or exists (select 1 from job_execution e where e.job = job.id and e.terminal = $2)"
    );
    let lines = sqlx::query(AssertSqlSafe(text)).bind(true).bind(false);
    let lines = lines.fetch_all(connection).await?;
    lines.iter().map(row_of).collect()
}

/// The job that rolls `job` back, if there is one.
pub(super) async fn rolled_back_by(
    connection: &mut Connection,
    job: &str,
) -> Result<Option<String>, StoreError> {
    let id = sqlx::query_scalar("select id from job where rolls_back = $1").bind(job);
    Ok(id.fetch_optional(connection).await?)
}

/// Things with an execution that has run out of time, at most `count`.
pub(super) async fn things_due(
    connection: &mut Connection,
    now: i64,
    count: u32,
) -> Result<Vec<String>, StoreError> {
    let things =
        sqlx::query_scalar("select distinct thing from job_execution where due <= $1 limit $2");
    Ok(things.bind(now).bind(count).fetch_all(connection).await?)
}

/// Whether a job that is not over has the group for its targets.
pub(crate) async fn is_target(
    connection: &mut Connection,
    group: &str,
) -> Result<Option<String>, StoreError> {
    let rows = open(connection).await?;
    let wants = |row: &&Row| row.groups.iter().any(|known| known == group);
    Ok(rows.iter().find(wants).map(|row| row.job.id.clone()))
}
