//! `/v1/service-accounts`: accounts of programs.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use trunkline_model::{Role, action};
use trunkline_web::{Body, Caller, Path, Problem, Reply};
use utoipa::ToSchema;

use crate::{Access, ServiceAccount, ServiceId};

/// All service accounts.
#[derive(Serialize, ToSchema)]
pub(super) struct ServiceList {
    accounts: Vec<ServiceAccount>,
}

/// A service account that is to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ServiceRequest {
    /// 1 to 64 letters, digits, spaces, `.`, `_` or `-`.
    #[schema(example = "billing")]
    name: String,
    /// `viewer`, `developer`, `operator` or `owner`.
    #[schema(value_type = String, example = "developer")]
    role: Role,
    /// The teams that it belongs to.
    #[serde(default)]
    teams: Vec<String>,
}

/// Lists the service accounts.
#[utoipa::path(
    get, path = "/v1/service-accounts", tag = "people",
    responses(
        (status = 200, description = "all of them, the oldest first", body = ServiceList),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list_services(
    State(access): State<Arc<Access>>,
    caller: Caller,
) -> Reply<Json<ServiceList>> {
    caller.require(&action::SERVICE_LIST, "")?;
    let accounts = access.service_accounts().await?;
    Ok(Json(ServiceList { accounts }))
}

/// Makes a service account; for owners.
#[utoipa::path(
    post, path = "/v1/service-accounts", tag = "people", request_body = ServiceRequest,
    responses(
        (status = 201, description = "made; make a token with `service` for it", body = ServiceAccount),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn create_service(
    State(access): State<Arc<Access>>,
    caller: Caller,
    Body(request): Body<ServiceRequest>,
) -> Reply<(StatusCode, Json<ServiceAccount>)> {
    caller.require(&action::SERVICE_CHANGE, "")?;
    let made = access
        .create_service_account(&request.name, request.role, request.teams, &caller)
        .await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Removes a service account and its tokens; for owners.
#[utoipa::path(
    delete, path = "/v1/service-accounts/{id}", tag = "people",
    params(("id" = String, Path, description = "the service account's id")),
    responses(
        (status = 204, description = "removed"),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn remove_service(
    State(access): State<Arc<Access>>,
    caller: Caller,
    Path(id): Path<ServiceId>,
) -> Reply<StatusCode> {
    caller.require(&action::SERVICE_CHANGE, "")?;
    access.remove_service_account(id, &caller).await?;
    Ok(StatusCode::NO_CONTENT)
}
