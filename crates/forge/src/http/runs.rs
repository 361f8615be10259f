//! `/v1/runs`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use trunkline_model::action;
use trunkline_web::{Caller, Path, Problem, Query, Reply};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::{Forge, Run};

/// Which runs are wanted.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// Only those of this repository.
    repository: Option<String>,
    /// Only those for this change and what it lands with.
    change: Option<i64>,
    /// Only those before the run with this id.
    before: Option<String>,
    /// How many at the most.
    #[serde(default = "fifty")]
    #[param(minimum = 1, maximum = 200)]
    limit: u32,
}

const fn fifty() -> u32 {
    50
}

/// Where a piece of a log begins.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct From {
    /// Its first byte.
    #[serde(default)]
    from: u64,
}

/// Runs of tasks.
#[derive(Serialize, ToSchema)]
struct RunList {
    /// The newest first.
    runs: Vec<Run>,
}

/// A piece of a log.
#[derive(Serialize, ToSchema)]
struct RunLog {
    /// Its text, at most 1 MiB.
    text: String,
    /// Where the next piece begins; there may be none yet.
    next: u64,
    /// Nothing more comes.
    over: bool,
}

/// Lists runs of tasks.
#[utoipa::path(
    get, path = "/v1/runs", tag = "forge", operation_id = "listRuns", params(Filter),
    responses(
        (status = 200, description = "the runs", body = RunList),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn list(
    State(forge): State<Arc<Forge>>,
    caller: Caller,
    Query(filter): Query<Filter>,
) -> Reply<Json<RunList>> {
    caller.require(
        &action::CHANGE_READ,
        filter.repository.as_deref().unwrap_or_default(),
    )?;
    let mut runs = forge
        .runs(
            filter.repository.as_deref(),
            filter.change,
            filter.before.as_deref(),
            filter.limit,
        )
        .await?;
    runs.retain(|run| caller.may_do(&action::CHANGE_READ, &run.repository, None));
    Ok(Json(RunList { runs }))
}

/// Shows a run of a task.
#[utoipa::path(
    get, path = "/v1/runs/{run}", tag = "forge", operation_id = "showRun",
    params(("run" = String, Path, description = "its id")),
    responses(
        (status = 200, description = "the run", body = Run),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn show(
    State(forge): State<Arc<Forge>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Reply<Json<Run>> {
    caller.require(&action::CHANGE_READ, "")?;
    let run = forge.run(&id).await?;
    caller.require(&action::CHANGE_READ, &run.repository)?;
    Ok(Json(run))
}

/// Shows what a run of a task wrote, also while it runs.
#[utoipa::path(
    get, path = "/v1/runs/{run}/log", tag = "forge", operation_id = "showRunLog",
    params(("run" = String, Path, description = "its id"), From),
    responses(
        (status = 200, description = "a piece of the log", body = RunLog),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn log(
    State(forge): State<Arc<Forge>>,
    caller: Caller,
    Path(id): Path<String>,
    Query(from): Query<From>,
) -> Reply<Json<RunLog>> {
    caller.require(&action::CHANGE_READ, "")?;
    let run = forge.run(&id).await?;
    caller.require(&action::CHANGE_READ, &run.repository)?;
    let piece = forge.run_log(&id, from.from).await?;
    // Told before the piece was read, so that nothing comes after `over`.
    let over = run.state != crate::RunState::Running && piece.content.is_empty();
    Ok(Json(RunLog {
        text: String::from_utf8_lossy(&piece.content).into_owned(),
        next: piece.next,
        over,
    }))
}

pub(super) fn routes() -> OpenApiRouter<Arc<Forge>> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show))
        .routes(routes!(log))
}
