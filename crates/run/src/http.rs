//! `/v1/services`.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use serde::{Deserialize, Serialize};
use trunkline_model::action;
use trunkline_web::{Body, Caller, Path, Problem, Reply};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::commands::Steer;
use crate::{DeploymentInfo, ReleaseInfo, RollbackInfo, ServiceInfo, Services, Wish};

/// Services.
#[derive(Serialize, ToSchema)]
struct RunServiceList {
    /// They, in the order of their names.
    services: Vec<ServiceInfo>,
}

/// Releases.
#[derive(Serialize, ToSchema)]
struct ReleaseList {
    /// They, the newest first.
    releases: Vec<ReleaseInfo>,
}

/// Deployments.
#[derive(Serialize, ToSchema)]
struct DeploymentList {
    /// They, the newest first.
    deployments: Vec<DeploymentInfo>,
}

/// Lines.
#[derive(Serialize, ToSchema)]
struct ServiceLog {
    /// They, each with its time.
    lines: Vec<String>,
}

/// How many lines.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct HowMany {
    /// At most so many; 200 where it is missing.
    lines: Option<usize>,
}

/// Which release.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct Which {
    /// Its number; the one before where it is missing.
    number: Option<i64>,
}

/// What a person wants of a service.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Act {
    Promote,
    Hold,
    Resume,
    Skip,
    Pin,
    Unpin,
}

/// Shows the services.
#[utoipa::path(
    get, path = "/v1/services", tag = "services", operation_id = "listServices",
    responses((status = 200, description = "the services", body = RunServiceList)),
)]
async fn list(
    State(services): State<Arc<Services>>,
    caller: Caller,
) -> Reply<Json<RunServiceList>> {
    let mut all = services.services().await?;
    all.retain(|one| {
        caller
            .decide(&action::DEPLOYMENT_READ, &one.name)
            .is_allowed()
    });
    Ok(Json(RunServiceList { services: all }))
}

/// Shows a service: what serves, what is on its way, what runs.
#[utoipa::path(
    get, path = "/v1/services/{service}", tag = "services", operation_id = "showService",
    params(("service" = String, Path, description = "its name")),
    responses(
        (status = 200, description = "the service", body = ServiceInfo),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn show(
    State(services): State<Arc<Services>>,
    caller: Caller,
    Path(name): Path<String>,
) -> Reply<Json<ServiceInfo>> {
    caller.require(&action::DEPLOYMENT_READ, &name)?;
    Ok(Json(services.service(&name).await?))
}

/// Shows the last releases of a service.
#[utoipa::path(
    get, path = "/v1/services/{service}/releases", tag = "services", operation_id = "listReleases",
    params(("service" = String, Path, description = "its name")),
    responses(
        (status = 200, description = "its releases", body = ReleaseList),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn releases(
    State(services): State<Arc<Services>>,
    caller: Caller,
    Path(name): Path<String>,
) -> Reply<Json<ReleaseList>> {
    caller.require(&action::DEPLOYMENT_READ, &name)?;
    let releases = services.releases(&name).await?;
    Ok(Json(ReleaseList { releases }))
}

/// Shows the last deployments of a service, with the evidence by which they were judged.
#[utoipa::path(
    get, path = "/v1/services/{service}/deployments", tag = "services", operation_id = "listDeployments",
    params(("service" = String, Path, description = "its name")),
    responses(
        (status = 200, description = "its deployments", body = DeploymentList),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn deployments(
    State(services): State<Arc<Services>>,
    caller: Caller,
    Path(name): Path<String>,
) -> Reply<Json<DeploymentList>> {
    caller.require(&action::DEPLOYMENT_READ, &name)?;
    let deployments = services.deployments(&name).await?;
    Ok(Json(DeploymentList { deployments }))
}

/// Shows the last lines that a service wrote.
#[utoipa::path(
    get, path = "/v1/services/{service}/log", tag = "services", operation_id = "showServiceLog",
    params(("service" = String, Path, description = "its name"), HowMany),
    responses(
        (status = 200, description = "the lines", body = ServiceLog),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn log(
    State(services): State<Arc<Services>>,
    caller: Caller,
    Path(name): Path<String>,
    Query(wanted): Query<HowMany>,
) -> Reply<Json<ServiceLog>> {
    caller.require(&action::DEPLOYMENT_READ, &name)?;
    let lines = services.logs(&name, wanted.lines.unwrap_or(200)).await?;
    Ok(Json(ServiceLog { lines }))
}

/// Says what going back would do, without doing it.
#[utoipa::path(
    get, path = "/v1/services/{service}/rollback", tag = "services", operation_id = "explainRollback",
    params(("service" = String, Path, description = "its name"), Which),
    responses(
        (status = 200, description = "what it would do", body = RollbackInfo),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn explain(
    State(services): State<Arc<Services>>,
    caller: Caller,
    Path(name): Path<String>,
    Query(wanted): Query<Which>,
) -> Reply<Json<RollbackInfo>> {
    caller.require(&action::DEPLOYMENT_READ, &name)?;
    Ok(Json(services.explain_rollback(&name, wanted.number).await?))
}

/// Goes back to the release before, or to the one that is named. Where it is ready, all requests go there before the answer comes.
#[utoipa::path(
    post, path = "/v1/services/{service}/rollback", tag = "services", operation_id = "rollBackService", request_body = Wish,
    params(("service" = String, Path, description = "its name")),
    responses(
        (status = 200, description = "the service", body = ServiceInfo),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn roll_back(
    State(services): State<Arc<Services>>,
    caller: Caller,
    Path(name): Path<String>,
    Body(wish): Body<Wish>,
) -> Reply<Json<ServiceInfo>> {
    caller.require(&action::DEPLOYMENT_CHANGE, &name)?;
    services.roll_back(&name, &wish, &caller.id).await?;
    Ok(Json(services.service(&name).await?))
}

/// Changes what serves or what is on its way: `promote`, `hold`, `resume`, `skip`, `pin` or `unpin`. The answer is the service as it is
/// then.
#[utoipa::path(
    post, path = "/v1/services/{service}/{act}", tag = "services", operation_id = "changeService", request_body = Wish,
    params(("service" = String, Path, description = "its name"), ("act" = String, Path, description = "what is to be done")),
    responses(
        (status = 200, description = "the service", body = ServiceInfo),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn act(
    State(services): State<Arc<Services>>,
    caller: Caller,
    Path((name, act)): Path<(String, Act)>,
    Body(wish): Body<Wish>,
) -> Reply<Json<ServiceInfo>> {
    caller.require(&action::DEPLOYMENT_CHANGE, &name)?;
    let by = &caller.id;
    match act {
        Act::Promote => services.promote(&name, &wish, by).await?,
        Act::Hold => services.steer(&name, Steer::Hold, &wish, by).await?,
        Act::Resume => services.steer(&name, Steer::Resume, &wish, by).await?,
        Act::Skip => services.steer(&name, Steer::Skip, &wish, by).await?,
        Act::Pin => services.pin(&name, true, &wish, by).await?,
        Act::Unpin => services.pin(&name, false, &wish, by).await?,
    }
    Ok(Json(services.service(&name).await?))
}

/// The routes of this room, which must stand behind [`trunkline_web::require_credential`].
pub fn routes(services: Arc<Services>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show))
        .routes(routes!(releases))
        .routes(routes!(deployments))
        .routes(routes!(log))
        .routes(routes!(explain, roll_back))
        .routes(routes!(act))
        .with_state(services)
}
