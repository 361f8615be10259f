//! The table of executions.

use sqlx::Row as _;
use trunkline_job::{Execution, Key, Status};
use trunkline_store::{Connection, Row as Line, StoreError};

use super::model::ExecutionShown;
use super::store::text;

const WHAT: &str = "execution of a job";

pub(super) fn status_of(text: &str) -> Result<Status, StoreError> {
    Status::read(text).ok_or_else(|| {
        let unknown = std::io::Error::other("a status that this version does not know");
        StoreError::value("status of an execution", unknown)
    })
}

fn execution_of(line: &Line) -> Result<Execution, StoreError> {
    let text: &str = line.try_get("execution")?;
    serde_json::from_str(text).map_err(|error| StoreError::value(WHAT, error))
}

fn shown_of(line: &Line) -> Result<ExecutionShown, StoreError> {
    let thing = line.try_get("thing")?;
    Ok(ExecutionShown::of(thing, execution_of(line)?))
}

/// What a thing has to do, and all that it had to do for `job`, in the order in which it was queued.
pub(super) async fn of_thing(
    connection: &mut Connection,
    thing: &str,
    job: Option<&str>,
) -> Result<Vec<Execution>, StoreError> {
    let lines = sqlx::query(
        "select id, execution from job_execution where thing = $1 and terminal = $2
         union select id, execution from job_execution where job = $3 and thing = $1 order by id",
    )
    .bind(thing)
    .bind(false)
    .bind(job)
    .fetch_all(connection)
    .await?;
    lines.iter().map(execution_of).collect()
}

/// Things that have begun with `job`, however it ended for them, in the order of their names.
pub(super) async fn begun(
    connection: &mut Connection,
    job: &str,
) -> Result<Vec<String>, StoreError> {
    let query = "select thing, execution from job_execution where job = $1 order by thing";
    let lines = sqlx::query(query).bind(job).fetch_all(connection).await?;
    let mut things = Vec::new();
    for line in &lines {
        let execution = execution_of(line)?;
        // A device may say how it went without a word before.
        let went = matches!(
            execution.status,
            Status::Succeeded | Status::Failed | Status::TimedOut
        );
        if went || execution.started_at.is_some() {
            things.push(line.try_get("thing")?);
        }
    }
    things.dedup();
    Ok(things)
}

/// Writes an execution as it is now.
pub(super) async fn put(
    connection: &mut Connection,
    thing: &str,
    execution: &Execution,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into job_execution (job, thing, number, status, terminal, due, execution)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (job, thing, number) do update set status = excluded.status,
         terminal = excluded.terminal, due = excluded.due, execution = excluded.execution",
    )
    .bind(&execution.job)
    .bind(thing)
    .bind(execution.number.cast_signed())
    .bind(execution.status.as_str())
    .bind(execution.status.is_terminal())
    .bind(execution.due())
    .bind(text(execution, WHAT)?)
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes an execution away.
pub(super) async fn remove(
    connection: &mut Connection,
    thing: &str,
    key: &Key,
) -> Result<(), StoreError> {
    sqlx::query("delete from job_execution where job = $1 and thing = $2 and number = $3")
        .bind(&key.job)
        .bind(thing)
        .bind(key.number.cast_signed())
        .execute(connection)
        .await?;
    Ok(())
}

/// Executions of a job in the order of things and numbers, after those, at most `count`.
pub(super) async fn page_of_job(
    connection: &mut Connection,
    job: &str,
    status: Option<Status>,
    (thing, number): (&str, i64),
    count: u32,
) -> Result<Vec<ExecutionShown>, StoreError> {
    let lines = sqlx::query(
        "select thing, execution from job_execution
         where job = $1 and ($2 is null or status = $2) and (thing, number) > ($3, $4)
         order by thing, number limit $5",
    )
    .bind(job)
    .bind(status.map(Status::as_str))
    .bind(thing)
    .bind(number)
    .bind(count)
    .fetch_all(connection)
    .await?;
    lines.iter().map(shown_of).collect()
}

/// Executions of all jobs in the order in which they were queued, after the one of that place, at most `count`; each with its place.
pub(super) async fn all_after(
    connection: &mut Connection,
    after: i64,
    count: u32,
) -> Result<Vec<(i64, ExecutionShown)>, StoreError> {
    let lines = sqlx::query(
        "select id, thing, execution from job_execution where id > $1 order by id limit $2",
    )
    .bind(after)
    .bind(count)
    .fetch_all(connection)
    .await?;
    placed(&lines)
}

fn placed(lines: &[Line]) -> Result<Vec<(i64, ExecutionShown)>, StoreError> {
    let placed = |line: &Line| Ok((line.try_get("id")?, shown_of(line)?));
    lines.iter().map(placed).collect()
}

/// Executions of a thing from the newest to the oldest, before the one of that place, at most `count`; each with its place.
pub(super) async fn page_of_thing(
    connection: &mut Connection,
    thing: &str,
    before: i64,
    count: u32,
) -> Result<Vec<(i64, ExecutionShown)>, StoreError> {
    let lines = sqlx::query(
        "select id, thing, execution from job_execution where thing = $1 and id < $2 order by id desc limit $3",
    )
    .bind(thing)
    .bind(before)
    .bind(count)
    .fetch_all(connection)
    .await?;
    placed(&lines)
}
