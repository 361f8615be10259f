//! Writing the tables.

use sqlx::Row as _;
use trunkline_model::Timestamp;
use trunkline_rollout::{Deployment, ReleaseId};
use trunkline_store::{Connection, StoreError};

use super::{ReleaseRow, ServiceRow};
use crate::port::{Fetched, Trunk};

fn json(value: &impl serde::Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::value("document of a service", error))
}

/// Notes that the services of a trunk were looked at.
pub(crate) async fn put_trunk(
    connection: &mut Connection,
    trunk: &Trunk,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into run_trunk (repository, commit_id) values ($1, $2)
         on conflict (repository) do update set commit_id = excluded.commit_id",
    )
    .bind(&trunk.repository)
    .bind(&trunk.commit)
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes a service in place of what there was of it.
pub(crate) async fn put_service(
    connection: &mut Connection,
    service: &ServiceRow,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into run_service (name, repository, folder, project, fingerprint, manifest, line, problem, judged_from, step_from)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         on conflict (name) do update set repository = excluded.repository, folder = excluded.folder, project = excluded.project,
         fingerprint = excluded.fingerprint, manifest = excluded.manifest, line = excluded.line, problem = excluded.problem,
         judged_from = excluded.judged_from, step_from = excluded.step_from",
    )
    .bind(&service.name)
    .bind(&service.repository)
    .bind(&service.folder)
    .bind(&service.project)
    .bind(&service.fingerprint)
    .bind(json(&service.manifest)?)
    .bind(json(&service.line)?)
    .bind(&service.problem)
    .bind(service.judged_from.map(Timestamp::as_micros))
    .bind(service.step_from.map(Timestamp::as_micros))
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes where the releases of a service are.
pub(crate) async fn set_line(
    connection: &mut Connection,
    service: &ServiceRow,
) -> Result<(), StoreError> {
    sqlx::query(
        "update run_service set line = $2, judged_from = $3, step_from = $4 where name = $1",
    )
    .bind(&service.name)
    .bind(json(&service.line)?)
    .bind(service.judged_from.map(Timestamp::as_micros))
    .bind(service.step_from.map(Timestamp::as_micros))
    .execute(connection)
    .await?;
    Ok(())
}

/// Removes a service. Its releases and deployments stay, for whoever asks what was.
pub(crate) async fn remove_service(
    connection: &mut Connection,
    service: &str,
) -> Result<(), StoreError> {
    sqlx::query("delete from run_service where name = $1")
        .bind(service)
        .execute(connection)
        .await?;
    Ok(())
}

/// The number of the next release of a service.
pub(crate) async fn next_number(
    connection: &mut Connection,
    service: &str,
) -> Result<i64, StoreError> {
    let row = sqlx::query(
        "select coalesce(max(number), 0) + 1 as next from run_release where service = $1",
    )
    .bind(service)
    .fetch_one(connection)
    .await?;
    Ok(row.try_get("next")?)
}

pub(crate) async fn add_release(
    connection: &mut Connection,
    release: &ReleaseRow,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into run_release (id, service, number, repository, commit_id, folder, project, fingerprint, manifest, created)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(release.id.to_string())
    .bind(&release.service)
    .bind(release.number)
    .bind(&release.repository)
    .bind(&release.commit)
    .bind(&release.folder)
    .bind(&release.project)
    .bind(&release.fingerprint)
    .bind(json(&release.manifest)?)
    .bind(release.created.as_micros())
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes what the files of a release are; false where that was known.
pub(crate) async fn set_fetched(
    connection: &mut Connection,
    id: ReleaseId,
    fetched: &Fetched,
) -> Result<bool, StoreError> {
    let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let done = sqlx::query("update run_release set digest = $2, files = $3, bytes = $4, tasks = $5 where id = $1 and digest is null")
        .bind(id.to_string())
        .bind(&fetched.digest)
        .bind(number(fetched.files))
        .bind(number(fetched.bytes))
        .bind(json(&fetched.tasks)?)
        .execute(connection)
        .await?;
    Ok(done.rows_affected() > 0)
}

/// Writes how a deployment is now.
pub(crate) async fn put_deployment(
    connection: &mut Connection,
    service: &str,
    number: i64,
    deployment: &Deployment,
    evidence: Option<&serde_json::Value>,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into run_deployment (id, service, kind, release_id, number, previous, state, step, percent, reason, evidence, by_whom, started, changed)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13)
         on conflict (id) do update set previous = excluded.previous, state = excluded.state, step = excluded.step, percent = excluded.percent,
         reason = excluded.reason, evidence = coalesce(excluded.evidence, run_deployment.evidence), changed = excluded.changed",
    )
    .bind(deployment.id.to_string())
    .bind(service)
    .bind(deployment.kind.name())
    .bind(deployment.release.to_string())
    .bind(number)
    .bind(deployment.previous.map(|id| id.to_string()))
    .bind(deployment.state.name())
    .bind(crate::event::step_of(deployment))
    .bind(i64::from(deployment.percent()))
    .bind(&deployment.reason)
    .bind(evidence.map(json).transpose()?)
    .bind(&deployment.by)
    .bind(now.as_micros())
    .execute(connection)
    .await?;
    Ok(())
}
