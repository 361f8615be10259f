//! `/v1/repositories`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use trunkline_model::action;
use trunkline_web::{Body, Caller, Path, Problem, Reply};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::{Forge, NewRepository, RepositoryInfo};

/// What may be changed of a repository.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RepositoryPatch {
    /// What it is for, in at most 500 bytes.
    description: String,
}

/// All repositories.
#[derive(Serialize, ToSchema)]
struct RepositoryList {
    /// In the order of their names.
    repositories: Vec<RepositoryInfo>,
}

/// Lists repositories. Those that the caller may not look at are left out.
#[utoipa::path(
    get, path = "/v1/repositories", tag = "forge", operation_id = "listRepositories",
    responses(
        (status = 200, description = "the repositories", body = RepositoryList),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn list(State(forge): State<Arc<Forge>>, caller: Caller) -> Reply<Json<RepositoryList>> {
    caller.require(&action::REPOSITORY_READ, "")?;
    let mut repositories = forge.repositories();
    repositories.retain(|one| caller.may_do(&action::REPOSITORY_READ, &one.name, None));
    Ok(Json(RepositoryList { repositories }))
}

/// Makes an empty repository, whose trunk moves by the landing queue once something was pushed to it.
#[utoipa::path(
    post, path = "/v1/repositories", tag = "forge", operation_id = "createRepository", request_body = NewRepository,
    responses(
        (status = 201, description = "the repository", body = RepositoryInfo),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "git is missing", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn create(
    State(forge): State<Arc<Forge>>,
    caller: Caller,
    Body(wanted): Body<NewRepository>,
) -> Reply<(StatusCode, Json<RepositoryInfo>)> {
    caller.require(&action::REPOSITORY_CHANGE, &wanted.name)?;
    let made = forge.create_repository(wanted, &caller.id).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Shows a repository.
#[utoipa::path(
    get, path = "/v1/repositories/{repository}", tag = "forge", operation_id = "showRepository",
    params(("repository" = String, Path, description = "its name")),
    responses(
        (status = 200, description = "the repository", body = RepositoryInfo),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn show(
    State(forge): State<Arc<Forge>>,
    caller: Caller,
    Path(name): Path<String>,
) -> Reply<Json<RepositoryInfo>> {
    caller.require(&action::REPOSITORY_READ, &name)?;
    Ok(Json(forge.repository(&name)?))
}

/// Changes what a repository is said to be for.
#[utoipa::path(
    patch, path = "/v1/repositories/{repository}", tag = "forge", operation_id = "changeRepository", request_body = RepositoryPatch,
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
    Body(patch): Body<RepositoryPatch>,
) -> Reply<Json<RepositoryInfo>> {
    caller.require(&action::REPOSITORY_CHANGE, &name)?;
    let changed = forge.describe_repository(&name, patch.description, &caller.id);
    Ok(Json(changed.await?))
}

/// Removes a repository with its changes. It is not there any more afterwards: clone it before, if it may be needed.
#[utoipa::path(
    delete, path = "/v1/repositories/{repository}", tag = "forge", operation_id = "removeRepository",
    params(("repository" = String, Path, description = "its name")),
    responses(
        (status = 204, description = "it is removed"),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn remove(
    State(forge): State<Arc<Forge>>,
    caller: Caller,
    Path(name): Path<String>,
) -> Reply<StatusCode> {
    caller.require(&action::REPOSITORY_CHANGE, &name)?;
    forge.remove_repository(&name, &caller.id).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) fn routes() -> OpenApiRouter<Arc<Forge>> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(show, change, remove))
}
