//! Whether the platform lives, and whether it is ready; for whatever watches over it.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::Api;

/// One word.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub(crate) struct Health {
    /// ok, or starting.
    status: &'static str,
}

/// Whether the process answers at all.
#[utoipa::path(get, path = "/healthz", tag = "system", operation_id = "live", security(()), responses((status = 200, body = Health)))]
pub(crate) async fn live() -> Json<Health> {
    Json(Health { status: "ok" })
}

/// Whether requests are answered as they should be.
#[utoipa::path(
    get, path = "/readyz", tag = "system", operation_id = "ready", security(()),
    responses((status = 200, body = Health), (status = 503, body = Health))
)]
pub(crate) async fn ready(State(api): State<Api>) -> (StatusCode, Json<Health>) {
    if api.platform.vitals().ready {
        (StatusCode::OK, Json(Health { status: "ok" }))
    } else {
        (
            StatusCode::SERVICE_UNAVAILABLE,
            Json(Health { status: "starting" }),
        )
    }
}
