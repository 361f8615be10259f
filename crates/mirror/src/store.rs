//! The table of mirrors.

use sqlx::Row as _;
use trunkline_model::Timestamp;
use trunkline_store::{Connection, Migration, Row, StoreError};

use crate::{Direction, Mirror, MirrorState};

/// The steps to the table as it is.
pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    name: "mirrors",
    sql: "
        create table mirror (
            repository text not null primary key,
            -- What tells it from one of the same name that is made later.
            identity text not null,
            direction text not null,
            url text not null,
            branch text not null,
            user_name text not null,
            secret text,
            -- What the other side's webhook shows or signs with.
            webhook text not null,
            state text not null,
            problem text,
            commit_id text,
            checked bigint
        );
    ",
}];

fn mirror_of(row: &Row) -> Result<Mirror, StoreError> {
    let direction: String = row.try_get("direction")?;
    let state: String = row.try_get("state")?;
    let checked: Option<i64> = row.try_get("checked")?;
    Ok(Mirror {
        repository: row.try_get("repository")?,
        identity: row.try_get("identity")?,
        direction: match direction.as_str() {
            "to" => Direction::To,
            _ => Direction::From,
        },
        url: row.try_get("url")?,
        branch: row.try_get("branch")?,
        user: row.try_get("user_name")?,
        secret: row.try_get("secret")?,
        state: match state.as_str() {
            "same" => MirrorState::Same,
            "failing" => MirrorState::Failing,
            _ => MirrorState::New,
        },
        problem: row.try_get("problem")?,
        commit: row.try_get("commit_id")?,
        checked: checked.map(Timestamp::from_micros),
    })
}

pub(crate) async fn all(connection: &mut Connection) -> Result<Vec<Mirror>, StoreError> {
    let rows = sqlx::query("select * from mirror order by repository")
        .fetch_all(connection)
        .await?;
    rows.iter().map(mirror_of).collect()
}

/// One mirror, and what its webhook shows.
pub(crate) async fn one(
    connection: &mut Connection,
    repository: &str,
) -> Result<Option<(Mirror, String)>, StoreError> {
    let row = sqlx::query("select * from mirror where repository = $1")
        .bind(repository)
        .fetch_optional(connection)
        .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    Ok(Some((mirror_of(&row)?, row.try_get("webhook")?)))
}

/// Writes a mirror, in place of what there was of its repository.
pub(crate) async fn put(
    connection: &mut Connection,
    mirror: &Mirror,
    webhook: &str,
) -> Result<(), StoreError> {
    remove(&mut *connection, &mirror.repository).await?;
    sqlx::query(
        "insert into mirror (repository, direction, url, branch, user_name, secret, webhook, state, problem, commit_id, checked, identity)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    )
    .bind(&mirror.repository)
    .bind(mirror.direction.name())
    .bind(&mirror.url)
    .bind(&mirror.branch)
    .bind(&mirror.user)
    .bind(&mirror.secret)
    .bind(webhook)
    .bind(mirror.state.name())
    .bind(&mirror.problem)
    .bind(&mirror.commit)
    .bind(mirror.checked.map(Timestamp::as_micros))
    .bind(&mirror.identity)
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes how a mirror is; false where it is another by now.
pub(crate) async fn update(
    connection: &mut Connection,
    mirror: &Mirror,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "update mirror set state = $3, problem = $4, commit_id = $5, checked = $6 where repository = $1 and url = $2",
    )
    .bind(&mirror.repository)
    .bind(&mirror.url)
    .bind(mirror.state.name())
    .bind(&mirror.problem)
    .bind(&mirror.commit)
    .bind(mirror.checked.map(Timestamp::as_micros))
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

pub(crate) async fn remove(
    connection: &mut Connection,
    repository: &str,
) -> Result<(), StoreError> {
    sqlx::query("delete from mirror where repository = $1")
        .bind(repository)
        .execute(connection)
        .await?;
    Ok(())
}
