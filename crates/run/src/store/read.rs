//! Reading the tables.

use sqlx::Row as _;
use trunkline_model::Timestamp;
use trunkline_project::Service;
use trunkline_rollout::{DeploymentId, Line, ReleaseId};
use trunkline_store::{Connection, Row, StoreError};

use crate::model::{DeploymentInfo, ReleaseInfo};

/// A service.
#[derive(Clone, Debug)]
pub(crate) struct ServiceRow {
    pub(crate) name: String,
    pub(crate) repository: String,
    pub(crate) folder: String,
    pub(crate) project: String,
    pub(crate) fingerprint: String,
    pub(crate) manifest: Service,
    pub(crate) line: Line,
    /// Since when the deployment that is on its way is judged.
    pub(crate) judged_from: Option<Timestamp>,
    /// Since when it is at its step.
    pub(crate) step_from: Option<Timestamp>,
    pub(crate) problem: Option<String>,
}

/// A release.
#[derive(Clone, Debug)]
pub(crate) struct ReleaseRow {
    pub(crate) id: ReleaseId,
    pub(crate) service: String,
    pub(crate) number: i64,
    pub(crate) repository: String,
    pub(crate) commit: String,
    pub(crate) folder: String,
    pub(crate) project: String,
    pub(crate) fingerprint: String,
    pub(crate) manifest: Service,
    pub(crate) digest: Option<String>,
    pub(crate) bytes: Option<i64>,
    pub(crate) created: Timestamp,
}

impl ReleaseRow {
    pub(crate) fn info(&self) -> ReleaseInfo {
        ReleaseInfo {
            id: self.id.to_string(),
            number: self.number,
            commit: self.commit.clone(),
            digest: self.digest.clone(),
            bytes: self.bytes,
            created: self.created,
            contracts: self.manifest.rollback.data
                == trunkline_project::service::DataStep::Contract,
        }
    }
}

fn json<T: serde::de::DeserializeOwned>(row: &Row, name: &str) -> Result<T, StoreError> {
    let text: String = row.try_get(name)?;
    serde_json::from_str(&text).map_err(|error| StoreError::value("document of a service", error))
}

fn id<T: std::str::FromStr>(row: &Row, name: &str) -> Result<T, StoreError>
where
    T::Err: std::error::Error + Send + Sync + 'static,
{
    let text: String = row.try_get(name)?;
    text.parse()
        .map_err(|error| StoreError::value("id of a service", error))
}

fn service_of(row: &Row) -> Result<ServiceRow, StoreError> {
    let judged_from: Option<i64> = row.try_get("judged_from")?;
    let step_from: Option<i64> = row.try_get("step_from")?;
    Ok(ServiceRow {
        name: row.try_get("name")?,
        repository: row.try_get("repository")?,
        folder: row.try_get("folder")?,
        project: row.try_get("project")?,
        fingerprint: row.try_get("fingerprint")?,
        manifest: json(row, "manifest")?,
        line: json(row, "line")?,
        judged_from: judged_from.map(Timestamp::from_micros),
        step_from: step_from.map(Timestamp::from_micros),
        problem: row.try_get("problem")?,
    })
}

fn release_of(row: &Row) -> Result<ReleaseRow, StoreError> {
    Ok(ReleaseRow {
        id: id(row, "id")?,
        service: row.try_get("service")?,
        number: row.try_get("number")?,
        repository: row.try_get("repository")?,
        commit: row.try_get("commit_id")?,
        folder: row.try_get("folder")?,
        project: row.try_get("project")?,
        fingerprint: row.try_get("fingerprint")?,
        manifest: json(row, "manifest")?,
        digest: row.try_get("digest")?,
        bytes: row.try_get("bytes")?,
        created: Timestamp::from_micros(row.try_get("created")?),
    })
}

fn deployment_of(row: &Row) -> Result<DeploymentInfo, StoreError> {
    let evidence: Option<String> = row.try_get("evidence")?;
    Ok(DeploymentInfo {
        id: row.try_get("id")?,
        kind: row.try_get("kind")?,
        number: row.try_get("number")?,
        release: row.try_get("release_id")?,
        state: row.try_get("state")?,
        step: row.try_get("step")?,
        percent: row.try_get("percent")?,
        reason: row.try_get("reason")?,
        evidence: evidence.and_then(|text| serde_json::from_str(&text).ok()),
        by: row.try_get("by_whom")?,
        started: Timestamp::from_micros(row.try_get("started")?),
        changed: Timestamp::from_micros(row.try_get("changed")?),
    })
}

pub(crate) async fn trunks(
    connection: &mut Connection,
) -> Result<Vec<(String, String)>, StoreError> {
    let rows = sqlx::query("select repository, commit_id from run_trunk")
        .fetch_all(connection)
        .await?;
    let pair = |row: &Row| Ok((row.try_get("repository")?, row.try_get("commit_id")?));
    rows.iter().map(pair).collect()
}

pub(crate) async fn services(connection: &mut Connection) -> Result<Vec<ServiceRow>, StoreError> {
    let rows = sqlx::query("select * from run_service order by name")
        .fetch_all(connection)
        .await?;
    rows.iter().map(service_of).collect()
}

pub(crate) async fn release(
    connection: &mut Connection,
    id: ReleaseId,
) -> Result<Option<ReleaseRow>, StoreError> {
    let row = sqlx::query("select * from run_release where id = $1")
        .bind(id.to_string())
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(release_of).transpose()
}

pub(crate) async fn release_by_number(
    connection: &mut Connection,
    service: &str,
    number: i64,
) -> Result<Option<ReleaseRow>, StoreError> {
    let row = sqlx::query("select * from run_release where service = $1 and number = $2")
        .bind(service)
        .bind(number)
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(release_of).transpose()
}

/// The releases of a service, the newest first.
pub(crate) async fn releases(
    connection: &mut Connection,
    service: &str,
    most: i64,
) -> Result<Vec<ReleaseRow>, StoreError> {
    let rows =
        sqlx::query("select * from run_release where service = $1 order by number desc limit $2")
            .bind(service)
            .bind(most)
            .fetch_all(connection)
            .await?;
    rows.iter().map(release_of).collect()
}

/// The release that served last of those that are not `left`.
pub(crate) async fn settled_before(
    connection: &mut Connection,
    service: &str,
    left: ReleaseId,
) -> Result<Option<ReleaseRow>, StoreError> {
    let row = sqlx::query(
        "select run_release.* from run_release join run_deployment on run_release.id = run_deployment.release_id
         where run_deployment.service = $1 and run_deployment.state = 'settled' and run_release.id <> $2
         and run_release.number < (select number from run_release where id = $2)
         order by run_deployment.changed desc limit 1",
    )
    .bind(service)
    .bind(left.to_string())
    .fetch_optional(connection)
    .await?;
    row.as_ref().map(release_of).transpose()
}

pub(crate) async fn deployment(
    connection: &mut Connection,
    id: DeploymentId,
) -> Result<Option<DeploymentInfo>, StoreError> {
    let row = sqlx::query("select * from run_deployment where id = $1")
        .bind(id.to_string())
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(deployment_of).transpose()
}

/// The deployments of a service, the newest first.
pub(crate) async fn deployments(
    connection: &mut Connection,
    service: &str,
    most: i64,
) -> Result<Vec<DeploymentInfo>, StoreError> {
    let rows = sqlx::query(
        "select * from run_deployment where service = $1 order by started desc, id desc limit $2",
    )
    .bind(service)
    .bind(most)
    .fetch_all(connection)
    .await?;
    rows.iter().map(deployment_of).collect()
}
