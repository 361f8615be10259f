//! `/v1/teams`: the teams.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use trunkline_model::action;
use trunkline_web::{Body, Caller, Path, Problem, Reply};
use utoipa::ToSchema;

use crate::{Access, Team};

/// All teams.
#[derive(Serialize, ToSchema)]
pub(super) struct TeamList {
    teams: Vec<Team>,
}

/// A team that is to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TeamRequest {
    /// 1 to 64 letters, digits, spaces, `.`, `_` or `-`.
    #[schema(example = "platform")]
    name: String,
}

/// Lists the teams.
#[utoipa::path(
    get, path = "/v1/teams", tag = "people",
    responses(
        (status = 200, description = "all teams, in the order of their names", body = TeamList),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list_teams(
    State(access): State<Arc<Access>>,
    caller: Caller,
) -> Reply<Json<TeamList>> {
    caller.require(&action::PERSON_LIST, "")?;
    let teams = access.teams().await?;
    Ok(Json(TeamList { teams }))
}

/// Makes a team; for owners.
#[utoipa::path(
    post, path = "/v1/teams", tag = "people", request_body = TeamRequest,
    responses(
        (status = 201, description = "made", body = Team),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn create_team(
    State(access): State<Arc<Access>>,
    caller: Caller,
    Body(request): Body<TeamRequest>,
) -> Reply<(StatusCode, Json<Team>)> {
    caller.require(&action::TEAM_CHANGE, "")?;
    let team = access.create_team(&request.name, &caller).await?;
    Ok((StatusCode::CREATED, Json(team)))
}

/// Removes a team; its people stay. For owners.
#[utoipa::path(
    delete, path = "/v1/teams/{name}", tag = "people",
    params(("name" = String, Path, description = "the team's name")),
    responses(
        (status = 204, description = "removed"),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn remove_team(
    State(access): State<Arc<Access>>,
    caller: Caller,
    Path(name): Path<String>,
) -> Reply<StatusCode> {
    caller.require(&action::TEAM_CHANGE, &name)?;
    access.remove_team(&name, &caller).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Puts a person or service account into a team; for owners.
#[utoipa::path(
    put, path = "/v1/teams/{name}/members/{id}", tag = "people",
    params(
        ("name" = String, Path, description = "the team's name"),
        ("id" = String, Path, description = "the id of the account or service account"),
    ),
    responses(
        (status = 204, description = "it belongs to the team"),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn join_team(
    State(access): State<Arc<Access>>,
    caller: Caller,
    Path((name, id)): Path<(String, String)>,
) -> Reply<StatusCode> {
    caller.require(&action::TEAM_CHANGE, &name)?;
    access.join_team(&name, &id, &caller).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a person or service account out of a team; for owners.
#[utoipa::path(
    delete, path = "/v1/teams/{name}/members/{id}", tag = "people",
    params(
        ("name" = String, Path, description = "the team's name"),
        ("id" = String, Path, description = "the id of the account or service account"),
    ),
    responses(
        (status = 204, description = "it does not belong to the team"),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn leave_team(
    State(access): State<Arc<Access>>,
    caller: Caller,
    Path((name, id)): Path<(String, String)>,
) -> Reply<StatusCode> {
    caller.require(&action::TEAM_CHANGE, &name)?;
    access.leave_team(&name, &id, &caller).await?;
    Ok(StatusCode::NO_CONTENT)
}
