//! `/v1/thing-types`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use trunkline_model::action;
use trunkline_thingtype::{NewThingType, ThingType};
use trunkline_web::{Body, Caller, Path, Problem, Reply};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Fleet;
use crate::http::Shared;

/// Types in the order of their names.
#[derive(Serialize, ToSchema)]
struct ThingTypes {
    types: Vec<ThingType>,
}

/// Lists types of things.
#[utoipa::path(
    get, path = "/v1/thing-types", tag = "types", operation_id = "listThingTypes",
    responses(
        (status = 200, description = "the types", body = ThingTypes),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn list(State(fleet): State<Arc<Fleet>>, caller: Caller) -> Reply<Json<ThingTypes>> {
    caller.require(&action::THING_READ, "")?;
    let types = fleet.types().await?;
    Ok(Json(ThingTypes { types }))
}

/// Shows a type.
#[utoipa::path(
    get, path = "/v1/thing-types/{type}", tag = "types", operation_id = "showThingType",
    params(("type" = String, Path, description = "the type")),
    responses(
        (status = 200, description = "the type", body = ThingType),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn show(
    State(fleet): State<Arc<Fleet>>,
    caller: Caller,
    Path(name): Path<String>,
) -> Reply<Json<ThingType>> {
    caller.require(&action::THING_READ, &target(&name))?;
    Ok(Json(fleet.thing_type(&name).await?))
}

/// Writes a type, which may be there already. Things that are there are not looked at again.
#[utoipa::path(
    put, path = "/v1/thing-types/{type}", tag = "types", operation_id = "putThingType", request_body = NewThingType,
    params(("type" = String, Path, description = "the type")),
    responses(
        (status = 200, description = "the type", body = ThingType),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn put(
    State(fleet): State<Arc<Fleet>>,
    caller: Caller,
    Path(name): Path<String>,
    Body(wanted): Body<NewThingType>,
) -> Reply<Json<ThingType>> {
    caller.require(&action::THING_CHANGE, &target(&name))?;
    Ok(Json(fleet.put_type(&name, wanted, &caller.id).await?))
}

/// Takes a type away. Its things stay, and their kind is a mere word from then on.
#[utoipa::path(
    delete, path = "/v1/thing-types/{type}", tag = "types", operation_id = "removeThingType",
    params(("type" = String, Path, description = "the type")),
    responses(
        (status = 204, description = "it is gone"),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn remove(
    State(fleet): State<Arc<Fleet>>,
    caller: Caller,
    Path(name): Path<String>,
) -> Reply<StatusCode> {
    caller.require(&action::THING_CHANGE, &target(&name))?;
    fleet.remove_type(&name, &caller.id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What policies call a type.
fn target(name: &str) -> String {
    format!("type:{name}")
}

pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show, put, remove))
}
