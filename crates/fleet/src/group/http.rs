//! `/v1/thing-groups` and `/v1/things/{thing}/groups`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use trunkline_model::action;
use trunkline_web::{Body, Caller, Path, Problem, Query, Reply};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Group, GroupChange, NewGroup};
use crate::Fleet;
use crate::http::{Page, Shared};

/// Groups in the order of their names.
#[derive(Serialize, ToSchema)]
struct ThingGroups {
    groups: Vec<Group>,
}

/// The names of the things of a group.
#[derive(Serialize, ToSchema)]
struct GroupThings {
    things: Vec<String>,
}

/// The names of the groups of a thing.
#[derive(Serialize, ToSchema)]
struct GroupNames {
    groups: Vec<String>,
}

/// Lists groups.
#[utoipa::path(
    get, path = "/v1/thing-groups", tag = "groups", operation_id = "listThingGroups", params(Page),
    responses(
        (status = 200, description = "the groups", body = ThingGroups),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn list(
    State(fleet): State<Arc<Fleet>>,
    caller: Caller,
    Query(page): Query<Page>,
) -> Reply<Json<ThingGroups>> {
    caller.require(&action::THING_READ, "")?;
    let groups = fleet.groups(&page.after, page.limit).await?;
    Ok(Json(ThingGroups { groups }))
}

/// Makes a group, into which people put things or which a statement makes up.
#[utoipa::path(
    post, path = "/v1/thing-groups", tag = "groups", operation_id = "createThingGroup", request_body = NewGroup,
    responses(
        (status = 201, description = "the group", body = Group),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn create(
    State(fleet): State<Arc<Fleet>>,
    caller: Caller,
    Body(wanted): Body<NewGroup>,
) -> Reply<(StatusCode, Json<Group>)> {
    caller.require(&action::THING_CHANGE, &target(&wanted.name))?;
    let group = fleet.create_group(wanted, &caller.id).await?;
    Ok((StatusCode::CREATED, Json(group)))
}

/// Shows a group.
#[utoipa::path(
    get, path = "/v1/thing-groups/{group}", tag = "groups", operation_id = "showThingGroup",
    params(("group" = String, Path, description = "the group")),
    responses(
        (status = 200, description = "the group", body = Group),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn show(
    State(fleet): State<Arc<Fleet>>,
    caller: Caller,
    Path(group): Path<String>,
) -> Reply<Json<Group>> {
    caller.require(&action::THING_READ, &target(&group))?;
    Ok(Json(fleet.group(&group).await?))
}

/// Changes a group's statement or description.
#[utoipa::path(
    patch, path = "/v1/thing-groups/{group}", tag = "groups", operation_id = "changeThingGroup", request_body = GroupChange,
    params(("group" = String, Path, description = "the group")),
    responses(
        (status = 200, description = "the group", body = Group),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn change(
    State(fleet): State<Arc<Fleet>>,
    caller: Caller,
    Path(group): Path<String>,
    Body(wanted): Body<GroupChange>,
) -> Reply<Json<Group>> {
    caller.require(&action::THING_CHANGE, &target(&group))?;
    Ok(Json(fleet.change_group(&group, wanted, &caller.id).await?))
}

/// Takes a group away. Its things stay.
#[utoipa::path(
    delete, path = "/v1/thing-groups/{group}", tag = "groups", operation_id = "removeThingGroup",
    params(("group" = String, Path, description = "the group")),
    responses(
        (status = 204, description = "it is gone"),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn remove(
    State(fleet): State<Arc<Fleet>>,
    caller: Caller,
    Path(group): Path<String>,
) -> Reply<StatusCode> {
    caller.require(&action::THING_CHANGE, &target(&group))?;
    fleet.remove_group(&group, &caller.id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lists the things of a group and of the groups that are its parts. A statement is evaluated for it.
#[utoipa::path(
    get, path = "/v1/thing-groups/{group}/things", tag = "groups", operation_id = "listGroupThings",
    params(("group" = String, Path, description = "the group"), Page),
    responses(
        (status = 200, description = "the names of the things", body = GroupThings),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn things(
    State(fleet): State<Arc<Fleet>>,
    caller: Caller,
    Path(group): Path<String>,
    Query(page): Query<Page>,
) -> Reply<Json<GroupThings>> {
    caller.require(&action::THING_READ, &target(&group))?;
    let things = fleet.things_of_group(&group, &page.after, page.limit);
    let things = things.await?;
    Ok(Json(GroupThings { things }))
}

/// Puts a thing into a group.
#[utoipa::path(
    put, path = "/v1/thing-groups/{group}/things/{thing}", tag = "groups", operation_id = "addToThingGroup",
    params(("group" = String, Path, description = "the group"), ("thing" = String, Path, description = "the thing")),
    responses(
        (status = 204, description = "it is in the group"),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn add(
    State(fleet): State<Arc<Fleet>>,
    caller: Caller,
    Path((group, thing)): Path<(String, String)>,
) -> Reply<StatusCode> {
    caller.require(&action::THING_CHANGE, &target(&group))?;
    caller.require(&action::THING_CHANGE, &thing)?;
    fleet.add_to_group(&group, &thing, &caller.id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a thing out of a group.
#[utoipa::path(
    delete, path = "/v1/thing-groups/{group}/things/{thing}", tag = "groups", operation_id = "takeOutOfThingGroup",
    params(("group" = String, Path, description = "the group"), ("thing" = String, Path, description = "the thing")),
    responses(
        (status = 204, description = "it is not in the group"),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn take_out(
    State(fleet): State<Arc<Fleet>>,
    caller: Caller,
    Path((group, thing)): Path<(String, String)>,
) -> Reply<StatusCode> {
    caller.require(&action::THING_CHANGE, &target(&group))?;
    caller.require(&action::THING_CHANGE, &thing)?;
    fleet.take_out_of_group(&group, &thing, &caller.id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lists the groups into which a thing was put.
#[utoipa::path(
    get, path = "/v1/things/{thing}/groups", tag = "groups", operation_id = "listThingsGroups",
    params(("thing" = String, Path, description = "the thing")),
    responses(
        (status = 200, description = "the names of the groups", body = GroupNames),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn of_thing(
    State(fleet): State<Arc<Fleet>>,
    caller: Caller,
    Path(thing): Path<String>,
) -> Reply<Json<GroupNames>> {
    caller.require(&action::THING_READ, &thing)?;
    let groups = fleet.groups_of(&thing).await?;
    Ok(Json(GroupNames { groups }))
}

/// What policies call a group, which is what jobs call it too.
fn target(group: &str) -> String {
    format!("group:{group}")
}

pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(show, change, remove))
        .routes(routes!(things))
        .routes(routes!(add, take_out))
        .routes(routes!(of_thing))
}
