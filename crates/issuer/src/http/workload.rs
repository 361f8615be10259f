//! `/v1/oidc/workload-tokens`: a program's own short-lived token.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use trunkline_model::Timestamp;
use trunkline_web::{Body, Caller, Problem, Reply};
use utoipa::ToSchema;

use crate::{Issuer, WorkloadRequest};

/// A workload token that was made.
#[derive(Serialize, ToSchema)]
pub(super) struct WorkloadAnswer {
    /// The token: a JWT that the service checks with the keys at `/oidc/jwks`.
    token: String,
    /// When it stops being good.
    #[schema(value_type = String, format = DateTime)]
    expires: Timestamp,
}

/// Makes a short-lived token that says who the caller is, for one service.
#[utoipa::path(
    post, path = "/v1/oidc/workload-tokens", tag = "issuer", request_body = WorkloadRequest,
    responses(
        (status = 201, description = "made; it is shown this once", body = WorkloadAnswer),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn create_workload_token(
    State(issuer): State<Arc<Issuer>>,
    caller: Caller,
    Body(wanted): Body<WorkloadRequest>,
) -> Reply<(StatusCode, Json<WorkloadAnswer>)> {
    let made = issuer.workload_token(&caller, &wanted).await?;
    let body = WorkloadAnswer {
        token: made.text.reveal().into(),
        expires: made.expires,
    };
    Ok((StatusCode::CREATED, Json(body)))
}
