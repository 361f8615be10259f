//! `/v1/repositories/{repository}/queue`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use trunkline_model::action;
use trunkline_web::{Body, Caller, Path, Problem, Reply};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::{Forge, ForgeError, QueueReport, RepositoryInfo};

/// Whether a queue lands changes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct QueuePatch {
    /// It takes changes and lands none.
    paused: bool,
    /// Why, in at most 500 bytes.
    #[serde(default)]
    reason: String,
}

/// Shows the landing queue of a repository: what is in it, in which lane, and what it waits for.
#[utoipa::path(
    get, path = "/v1/repositories/{repository}/queue", tag = "forge", operation_id = "showQueue",
    params(("repository" = String, Path, description = "its name")),
    responses(
        (status = 200, description = "the queue", body = QueueReport),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "the platform stops", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn show(
    State(forge): State<Arc<Forge>>,
    caller: Caller,
    Path(name): Path<String>,
) -> Reply<Json<QueueReport>> {
    caller.require(&action::CHANGE_READ, &name)?;
    let report = forge.hosted(&name)?.queue.report().await;
    Ok(Json(report.ok_or(ForgeError::Stopped)?))
}

/// Lets the landing queue of a repository wait, or go on.
#[utoipa::path(
    patch, path = "/v1/repositories/{repository}/queue", tag = "forge", operation_id = "changeQueue", request_body = QueuePatch,
    params(("repository" = String, Path, description = "its name")),
    responses(
        (status = 200, description = "the repository", body = RepositoryInfo),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn change(
    State(forge): State<Arc<Forge>>,
    caller: Caller,
    Path(name): Path<String>,
    Body(patch): Body<QueuePatch>,
) -> Reply<Json<RepositoryInfo>> {
    caller.require(&action::QUEUE_CHANGE, &name)?;
    let changed = forge.pause_queue(&name, patch.paused, &patch.reason, &caller.id);
    Ok(Json(changed.await?))
}

pub(super) fn routes() -> OpenApiRouter<Arc<Forge>> {
    OpenApiRouter::new().routes(routes!(show, change))
}
