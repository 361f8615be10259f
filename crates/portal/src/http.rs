//! `/v1/apis`: documents, their changes, and what was learnt.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use trunkline_contract::{Change, breaking};
use trunkline_model::action;
use trunkline_web::{Body, Caller, Path, Problem, Reply};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::portal::{Api, compare};
use crate::{Portal, PortalError};

/// All services.
#[derive(Serialize, ToSchema)]
struct ApiList {
    apis: Vec<Api>,
}

/// What changed between two documents.
#[derive(Serialize, ToSchema)]
struct Changes {
    /// The version that clients know; null where this is the first one.
    #[schema(required = true)]
    from: Option<String>,
    /// The version that replaced it.
    to: String,
    /// How many of the changes may break a client.
    breaking: usize,
    changes: Vec<OneChange>,
}

/// One change.
#[derive(Serialize, ToSchema)]
struct OneChange {
    /// `breaking`, `warning` or `info`.
    #[schema(value_type = String, example = "breaking")]
    severity: trunkline_contract::Severity,
    /// What kind of change it is.
    #[schema(example = "new-required-request-parameter")]
    rule: String,
    /// Method and path; empty where it is about the whole document.
    #[schema(example = "GET /orders")]
    operation: String,
    /// Where in the operation.
    #[schema(example = "query.limit")]
    place: String,
    /// A sentence about it.
    text: String,
}

/// Two documents.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DiffRequest {
    /// The text of the version that clients know, JSON or YAML.
    old: String,
    /// The text of the version that is to replace it.
    new: String,
}

/// What was learnt from a service's requests.
#[derive(Serialize, ToSchema)]
struct Learned {
    /// A draft of an OpenAPI document.
    #[schema(value_type = Object)]
    document: Value,
    /// Endpoints that the service's document does not have.
    #[schema(value_type = Vec<Object>)]
    endpoints: Vec<trunkline_contract::Endpoint>,
}

impl Changes {
    fn new(from: Option<String>, to: String, changes: Vec<Change>) -> Self {
        Self {
            from,
            to,
            breaking: breaking(&changes),
            changes: changes
                .into_iter()
                .map(|change| OneChange {
                    severity: change.severity,
                    rule: change.rule,
                    operation: change.operation,
                    place: change.place,
                    text: change.text,
                })
                .collect(),
        }
    }
}

/// Lists the services that have a document or were seen by the gateway.
#[utoipa::path(
    get, path = "/v1/apis", tag = "apis", operation_id = "listApis",
    responses(
        (status = 200, description = "the services", body = ApiList),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn list(State(portal): State<Arc<Portal>>, caller: Caller) -> Reply<Json<ApiList>> {
    let mut apis = portal.list();
    apis.retain(|api| caller.may_do(&action::API_READ, &api.service, None));
    Ok(Json(ApiList { apis }))
}

/// Gives a service's OpenAPI document.
#[utoipa::path(
    get, path = "/v1/apis/{service}/openapi.json", tag = "apis", operation_id = "showApi",
    params(("service" = String, Path, description = "the service")),
    responses(
        (status = 200, description = "the document", body = Object),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn document(
    State(portal): State<Arc<Portal>>,
    caller: Caller,
    Path(service): Path<String>,
) -> Reply<Json<Value>> {
    caller.require(&action::API_READ, &service)?;
    let promise = portal
        .promise(&service)
        .ok_or(PortalError::ServiceUnknown(service))?;
    Ok(Json(promise.document.value().clone()))
}

/// Says what the newest version of a service's document changed.
#[utoipa::path(
    get, path = "/v1/apis/{service}/changes", tag = "apis", operation_id = "listApiChanges",
    params(("service" = String, Path, description = "the service")),
    responses(
        (status = 200, description = "the changes", body = Changes),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn changes(
    State(portal): State<Arc<Portal>>,
    caller: Caller,
    Path(service): Path<String>,
) -> Reply<Json<Changes>> {
    caller.require(&action::API_READ, &service)?;
    let (from, to, changes) = portal.changes(&service).await?;
    Ok(Json(Changes::new(from, to, changes)))
}

/// Compares two documents that the request brings along.
#[utoipa::path(
    post, path = "/v1/apis/diff", tag = "apis", operation_id = "diffApis", request_body = DiffRequest,
    responses(
        (status = 200, description = "the changes", body = Changes),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn diff(
    State(portal): State<Arc<Portal>>,
    caller: Caller,
    Body(wanted): Body<DiffRequest>,
) -> Reply<Json<Changes>> {
    caller.require(&action::API_READ, "")?;
    // Two documents of the largest size take a while.
    let now = portal.now();
    let compared =
        tokio::task::spawn_blocking(move || compare(&wanted.old, &wanted.new, now)).await;
    let changes = compared
        .map_err(|error| Problem::new(&trunkline_model::code::WEB_INTERNAL, error.to_string()))??;
    Ok(Json(Changes::new(None, String::new(), changes)))
}

/// Gives what was learnt from a service's requests: a draft of its document, and the endpoints that its document does not have.
#[utoipa::path(
    get, path = "/v1/apis/{service}/learned", tag = "apis", operation_id = "showLearnedApi",
    params(("service" = String, Path, description = "the service")),
    responses(
        (status = 200, description = "what was learnt", body = Learned),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn learned(
    State(portal): State<Arc<Portal>>,
    caller: Caller,
    Path(service): Path<String>,
) -> Reply<Json<Learned>> {
    caller.require(&action::API_READ, &service)?;
    let (document, endpoints) = portal.learned(&service)?;
    Ok(Json(Learned {
        document,
        endpoints,
    }))
}

/// The routes of this room, which must stand behind [`trunkline_web::require_credential`].
pub fn routes(portal: Arc<Portal>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(diff))
        .routes(routes!(document))
        .routes(routes!(changes))
        .routes(routes!(learned))
        .with_state(portal)
}
