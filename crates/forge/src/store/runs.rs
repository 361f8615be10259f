//! The table of runs of tasks.

use sqlx::Row as _;
use trunkline_model::Timestamp;
use trunkline_store::{Connection, Row, StoreError, column};

use crate::{Run, RunState};

/// Which runs are wanted.
#[derive(Clone, Debug, Default)]
pub(crate) struct RunFilter<'a> {
    pub(crate) change: Option<i64>,
    pub(crate) landing: Option<&'a str>,
    pub(crate) repository: Option<&'a str>,
    /// Only those before this id.
    pub(crate) before: Option<&'a str>,
    pub(crate) limit: u32,
}

fn run_of(row: &Row) -> Result<Run, StoreError> {
    let state: &str = row.try_get("state")?;
    let exit: Option<i64> = row.try_get("exit_code")?;
    Ok(Run {
        id: row.try_get("id")?,
        repository: row.try_get("repository")?,
        landing: row.try_get("landing")?,
        change: row.try_get("change")?,
        project: row.try_get("project")?,
        task: row.try_get("task")?,
        key: row.try_get("key")?,
        commit: row.try_get("commit_id")?,
        state: match state {
            "running" => RunState::Running,
            "green" => RunState::Green,
            "red" => RunState::Red,
            "timed_out" => RunState::TimedOut,
            _ => RunState::Cancelled,
        },
        cached: row.try_get("cached")?,
        flaky: row.try_get("flaky")?,
        exit: exit.and_then(|code| i32::try_from(code).ok()),
        started: column::time(row, "started")?,
        milliseconds: row.try_get("milliseconds")?,
    })
}

pub(crate) async fn insert_run(connection: &mut Connection, run: &Run) -> Result<(), StoreError> {
    sqlx::query(
        "insert into task_run (id, repository, landing, change, project, task, key, commit_id, state, cached, flaky, exit_code, started,
         milliseconds) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
    )
    .bind(&run.id)
    .bind(&run.repository)
    .bind(&run.landing)
    .bind(run.change)
    .bind(&run.project)
    .bind(&run.task)
    .bind(&run.key)
    .bind(&run.commit)
    .bind(run.state.name())
    .bind(run.cached)
    .bind(run.flaky)
    .bind(run.exit.map(i64::from))
    .bind(run.started.as_micros())
    .bind(run.milliseconds)
    .execute(connection)
    .await?;
    Ok(())
}

pub(crate) async fn finish_run(connection: &mut Connection, run: &Run) -> Result<(), StoreError> {
    sqlx::query(
        "update task_run set state = $2, cached = $3, flaky = $4, exit_code = $5, milliseconds = $6 where id = $1",
    )
    .bind(&run.id)
    .bind(run.state.name())
    .bind(run.cached)
    .bind(run.flaky)
    .bind(run.exit.map(i64::from))
    .bind(run.milliseconds)
    .execute(connection)
    .await?;
    Ok(())
}

/// Ends the runs that the platform's own end cut off.
pub(crate) async fn end_lost_runs(connection: &mut Connection) -> Result<(), StoreError> {
    sqlx::query("update task_run set state = 'cancelled' where state = 'running'")
        .execute(connection)
        .await?;
    Ok(())
}

pub(crate) async fn run(connection: &mut Connection, id: &str) -> Result<Option<Run>, StoreError> {
    let row = sqlx::query("select * from task_run where id = $1")
        .bind(id)
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(run_of).transpose()
}

/// Runs, the newest first.
pub(crate) async fn runs(
    connection: &mut Connection,
    filter: &RunFilter<'_>,
) -> Result<Vec<Run>, StoreError> {
    let rows = sqlx::query(
        "select * from task_run where ($1 is null or change = $1) and ($2 is null or landing = $2) and ($3 is null or repository = $3)
         and ($4 is null or id < $4) order by id desc limit $5",
    )
    .bind(filter.change)
    .bind(filter.landing)
    .bind(filter.repository)
    .bind(filter.before)
    .bind(i64::from(filter.limit))
    .fetch_all(connection)
    .await?;
    rows.iter().map(run_of).collect()
}

/// Removes runs that began before `then`, at most 1,000 of them, and gives their ids.
pub(crate) async fn remove_old_runs(
    connection: &mut Connection,
    then: Timestamp,
) -> Result<Vec<String>, StoreError> {
    let rows = sqlx::query(
        "delete from task_run where id in (select id from task_run where started < $1 and state <> 'running' limit 1000)
         returning id",
    )
    .bind(then.as_micros())
    .fetch_all(connection)
    .await?;
    rows.iter().map(|row| Ok(row.try_get("id")?)).collect()
}
