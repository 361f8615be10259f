//! `/v1/relations`, `/v1/things/{thing}/relations` and `/v1/things/{thing}/reach`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use trunkline_model::action;
use trunkline_model::action::ActionType;
use trunkline_web::{Body, Caller, Path, Problem, Query, Reply};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::relation::RelationRequest;
use crate::{End, Reach, Relation, RelationPage, Topology};

/// Which of the relations that lead to a device are wanted.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Page {
    /// What an earlier page gave as `next`.
    #[serde(default)]
    after: String,
    /// How many at the most.
    #[serde(default = "hundred")]
    #[param(minimum = 1, maximum = 1_000)]
    limit: u32,
}

/// How far is to be looked.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct HowFar {
    /// Over how many relations at the most.
    #[serde(default = "ten")]
    #[param(minimum = 1, maximum = 10)]
    depth: u32,
    /// Only over relations of this kind.
    kind: Option<String>,
    /// How many ends are shown at the most, the nearest first.
    #[serde(default = "thousand")]
    #[param(minimum = 1, maximum = 10_000)]
    limit: usize,
}

const fn ten() -> u32 {
    10
}

const fn hundred() -> u32 {
    100
}

const fn thousand() -> usize {
    1_000
}

/// Whether the caller may do `action` to both ends.
fn require(caller: &Caller, action: &'static ActionType, relation: &Relation) -> Reply<()> {
    caller.require(action, relation.from.resource())?;
    caller.require(action, relation.to.resource())
}

/// Whether the caller may look at an end.
fn may_see(caller: &Caller, end: &End) -> bool {
    caller.may_do(&action::THING_READ, end.resource(), None)
}

/// Relates a device or a place to another. Nothing changes where it is already.
#[utoipa::path(
    put, path = "/v1/relations", tag = "topology", operation_id = "putRelation", request_body = RelationRequest,
    responses(
        (status = 200, description = "the relation, which was there", body = Relation),
        (status = 201, description = "the relation, which is new", body = Relation),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn put(
    State(topology): State<Arc<Topology>>,
    caller: Caller,
    Body(asked): Body<RelationRequest>,
) -> Reply<(StatusCode, Json<Relation>)> {
    let relation = Relation::new(&asked.from, &asked.kind, &asked.to)?;
    require(&caller, &action::THING_CHANGE, &relation)?;
    let status = if topology.put(&relation, &caller.id).await? {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    Ok((status, Json(relation)))
}

/// Removes a relation. Nothing changes where there is none.
#[utoipa::path(
    delete, path = "/v1/relations", tag = "topology", operation_id = "removeRelation", params(RelationRequest),
    responses(
        (status = 204, description = "there is no such relation"),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn remove(
    State(topology): State<Arc<Topology>>,
    caller: Caller,
    Query(asked): Query<RelationRequest>,
) -> Reply<StatusCode> {
    let relation = Relation::new(&asked.from, &asked.kind, &asked.to)?;
    require(&caller, &action::THING_CHANGE, &relation)?;
    topology.remove(&relation, &caller.id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lists the relations of a device: those that begin there, and those that lead there. What the caller may not look at is left out.
#[utoipa::path(
    get, path = "/v1/things/{thing}/relations", tag = "topology", operation_id = "listThingRelations",
    params(("thing" = String, Path, description = "the thing"), Page),
    responses(
        (status = 200, description = "the relations", body = RelationPage),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn relations(
    State(topology): State<Arc<Topology>>,
    caller: Caller,
    Path(thing): Path<String>,
    Query(page): Query<Page>,
) -> Reply<Json<RelationPage>> {
    caller.require(&action::THING_READ, &thing)?;
    let end = End::thing(&thing)?;
    let found = topology.relations(&end, &page.after, page.limit);
    let mut found = found.await?;
    found.outgoing.retain(|one| may_see(&caller, &one.end));
    found.incoming.retain(|one| may_see(&caller, &one.end));
    Ok(Json(found))
}

/// Lists everything that hangs off a device: from which relations lead to it, over however many steps. That is what is affected where the
/// device fails, such as a gateway. What the caller may not look at is left out.
#[utoipa::path(
    get, path = "/v1/things/{thing}/reach", tag = "topology", operation_id = "listThingReach",
    params(("thing" = String, Path, description = "the thing"), HowFar),
    responses(
        (status = 200, description = "what hangs off it", body = Reach),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn reach(
    State(topology): State<Arc<Topology>>,
    caller: Caller,
    Path(thing): Path<String>,
    Query(far): Query<HowFar>,
) -> Reply<Json<Reach>> {
    caller.require(&action::THING_READ, &thing)?;
    let end = End::thing(&thing)?;
    let found = topology.reach(&end, far.depth, far.kind.as_deref());
    let mut found = found.await?;
    found.ends.retain(|one| may_see(&caller, &one.end));
    found.total = found.ends.len();
    found.ends.truncate(far.limit.clamp(1, 10_000));
    Ok(Json(found))
}

/// The routes of this room, which must stand behind [`trunkline_web::require_credential`].
pub fn routes(topology: Arc<Topology>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(put, remove))
        .routes(routes!(relations))
        .routes(routes!(reach))
        .with_state(topology)
}
