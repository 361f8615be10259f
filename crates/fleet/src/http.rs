//! `/v1/things`: devices and their twins. The rooms beside this one have routes of their own.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use trunkline_model::action;
use trunkline_twin::{Operation, Rejected};
use trunkline_web::{Body, Caller, Path, Problem, Query, Reply};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::{Fleet, FleetError, NewThing, Tell, Thing, ThingChange, TwinRequest};
use crate::{certificate, group, job, kind, provision};

/// The most things of one answer.
const MOST: u32 = 1_000;

/// What the routes of this room need.
#[derive(Clone, Debug)]
pub(crate) struct Shared {
    pub(crate) fleet: Arc<Fleet>,
    pub(crate) tell: Arc<dyn Tell>,
}

impl FromRef<Shared> for Arc<Fleet> {
    fn from_ref(shared: &Shared) -> Self {
        Self::clone(&shared.fleet)
    }
}

/// Which things are wanted.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Page {
    /// The name after which to begin.
    #[serde(default)]
    pub(crate) after: String,
    /// How many at the most.
    #[serde(default = "hundred")]
    #[param(minimum = 1, maximum = 1_000)]
    pub(crate) limit: u32,
}

pub(crate) const fn hundred() -> u32 {
    100
}

/// Which twin of a thing is meant.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Which {
    /// The shadow's name; without it the classic one, which has none.
    shadow: Option<String>,
}

/// Things in the order of their names.
#[derive(Serialize, ToSchema)]
struct Things {
    things: Vec<Thing>,
}

/// A thing that was made, with its secret.
#[derive(Serialize, ToSchema)]
struct Made {
    thing: Thing,
    /// What the device shows as its password, with its name as the user. It is shown this once.
    secret: String,
}

/// A thing's new secret.
#[derive(Serialize, ToSchema)]
struct Secret {
    /// What the device shows as its password from now on. It is shown this once.
    secret: String,
}

/// The twins of a thing.
#[derive(Serialize, ToSchema)]
struct Twins {
    /// The names of its shadows; that of the classic one is empty.
    shadows: Vec<String>,
}

/// Lists things.
#[utoipa::path(
    get, path = "/v1/things", tag = "things", operation_id = "listThings", params(Page),
    responses(
        (status = 200, description = "the things", body = Things),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn list(
    State(fleet): State<Arc<Fleet>>,
    caller: Caller,
    Query(page): Query<Page>,
) -> Reply<Json<Things>> {
    caller.require(&action::THING_READ, "")?;
    let things = fleet.things(&page.after, page.limit.clamp(1, MOST)).await?;
    Ok(Json(Things { things }))
}

/// Makes a thing and its secret.
#[utoipa::path(
    post, path = "/v1/things", tag = "things", operation_id = "createThing", request_body = NewThing,
    responses(
        (status = 201, description = "the thing and its secret", body = Made),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn create(
    State(fleet): State<Arc<Fleet>>,
    caller: Caller,
    Body(wanted): Body<NewThing>,
) -> Reply<(StatusCode, Json<Made>)> {
    caller.require(&action::THING_CHANGE, &wanted.name)?;
    let (thing, secret) = fleet.create(wanted, &caller.id).await?;
    Ok((
        StatusCode::CREATED,
        Json(Made {
            thing,
            secret: secret.reveal().to_owned(),
        }),
    ))
}

/// Shows a thing.
#[utoipa::path(
    get, path = "/v1/things/{thing}", tag = "things", operation_id = "showThing",
    params(("thing" = String, Path, description = "the thing")),
    responses(
        (status = 200, description = "the thing", body = Thing),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn show(
    State(fleet): State<Arc<Fleet>>,
    caller: Caller,
    Path(thing): Path<String>,
) -> Reply<Json<Thing>> {
    caller.require(&action::THING_READ, &thing)?;
    Ok(Json(fleet.thing(&thing).await?))
}

/// Changes a thing's kind or attributes.
#[utoipa::path(
    patch, path = "/v1/things/{thing}", tag = "things", operation_id = "changeThing", request_body = ThingChange,
    params(("thing" = String, Path, description = "the thing")),
    responses(
        (status = 200, description = "the thing", body = Thing),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn change(
    State(fleet): State<Arc<Fleet>>,
    caller: Caller,
    Path(thing): Path<String>,
    Body(wanted): Body<ThingChange>,
) -> Reply<Json<Thing>> {
    caller.require(&action::THING_CHANGE, &thing)?;
    Ok(Json(fleet.change(&thing, wanted, &caller.id).await?))
}

/// Takes a thing and its twins away, and ends its connection.
#[utoipa::path(
    delete, path = "/v1/things/{thing}", tag = "things", operation_id = "removeThing",
    params(("thing" = String, Path, description = "the thing")),
    responses(
        (status = 204, description = "it is gone"),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn remove(
    State(shared): State<Shared>,
    caller: Caller,
    Path(thing): Path<String>,
) -> Reply<StatusCode> {
    caller.require(&action::THING_CHANGE, &thing)?;
    let certificates = shared.fleet.remove(&thing, &caller.id).await?;
    shared.tell.disconnect(&thing);
    for id in certificates {
        shared.tell.disconnect(&id);
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Gives a thing a new secret and ends its connection; the old secret is worth nothing from then on.
#[utoipa::path(
    post, path = "/v1/things/{thing}/secret", tag = "things", operation_id = "renewThingSecret",
    params(("thing" = String, Path, description = "the thing")),
    responses(
        (status = 200, description = "the new secret", body = Secret),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn renew_secret(
    State(shared): State<Shared>,
    caller: Caller,
    Path(thing): Path<String>,
) -> Reply<Json<Secret>> {
    caller.require(&action::THING_CHANGE, &thing)?;
    let secret = shared.fleet.renew_secret(&thing, &caller.id).await?;
    shared.tell.disconnect(&thing);
    Ok(Json(Secret {
        secret: secret.reveal().to_owned(),
    }))
}

/// Lists the twins of a thing.
#[utoipa::path(
    get, path = "/v1/things/{thing}/twins", tag = "things", operation_id = "listTwins",
    params(("thing" = String, Path, description = "the thing")),
    responses(
        (status = 200, description = "the names of its shadows", body = Twins),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn twins(
    State(fleet): State<Arc<Fleet>>,
    caller: Caller,
    Path(thing): Path<String>,
) -> Reply<Json<Twins>> {
    caller.require(&action::THING_READ, &thing)?;
    let shadows = fleet.shadows(&thing).await?;
    Ok(Json(Twins { shadows }))
}

/// Shows a twin: what is wanted, what is, and the difference.
#[utoipa::path(
    get, path = "/v1/things/{thing}/twin", tag = "things", operation_id = "showTwin",
    params(("thing" = String, Path, description = "the thing"), Which),
    responses(
        (status = 200, description = "the document", body = Object),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn twin(
    State(shared): State<Shared>,
    caller: Caller,
    Path(thing): Path<String>,
    Query(which): Query<Which>,
) -> Reply<Json<Value>> {
    caller.require(&action::THING_READ, &thing)?;
    shared.ask(&caller, thing, which, Operation::Get, &[]).await
}

/// Changes a twin: what is given is united with what is there, and what is null goes.
#[utoipa::path(
    post, path = "/v1/things/{thing}/twin", tag = "things", operation_id = "updateTwin", request_body = Object,
    params(("thing" = String, Path, description = "the thing"), Which),
    responses(
        (status = 200, description = "what was accepted", body = Object),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn update_twin(
    State(shared): State<Shared>,
    caller: Caller,
    Path(thing): Path<String>,
    Query(which): Query<Which>,
    payload: Result<Bytes, BytesRejection>,
) -> Reply<Json<Value>> {
    caller.require(&action::TWIN_CHANGE, &thing)?;
    // What is larger than any request may be is refused in the same words as what is larger than a twin's.
    let payload = payload.map_err(|_| FleetError::Twin(Rejected::too_large()))?;
    shared
        .ask(&caller, thing, which, Operation::Update, &payload)
        .await
}

/// Takes a twin away.
#[utoipa::path(
    delete, path = "/v1/things/{thing}/twin", tag = "things", operation_id = "removeTwin",
    params(("thing" = String, Path, description = "the thing"), Which),
    responses(
        (status = 200, description = "it is gone", body = Object),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn remove_twin(
    State(shared): State<Shared>,
    caller: Caller,
    Path(thing): Path<String>,
    Query(which): Query<Which>,
) -> Reply<Json<Value>> {
    caller.require(&action::TWIN_CHANGE, &thing)?;
    shared
        .ask(&caller, thing, which, Operation::Delete, &[])
        .await
}

impl Shared {
    async fn ask(
        &self,
        caller: &Caller,
        thing: String,
        which: Which,
        operation: Operation,
        payload: &[u8],
    ) -> Reply<Json<Value>> {
        let request = TwinRequest {
            thing,
            shadow: which.shadow,
            operation,
            payload: payload.to_vec(),
            by: caller.id.clone(),
        };
        let answer = self.fleet.twin(request).await?;
        let result = answer.result.map_err(FleetError::Twin)?;
        // Whoever listens over MQTT hears of a change over HTTP too.
        if operation != Operation::Get {
            self.tell.tell(answer.told);
        }
        Ok(Json(result.value()))
    }
}

/// The routes of this room, which must stand behind [`trunkline_web::require_credential`]; `tell` hears what changed.
pub fn routes(fleet: Arc<Fleet>, tell: Arc<dyn Tell>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(show, change, remove))
        .routes(routes!(renew_secret))
        .routes(routes!(twins))
        .routes(routes!(twin, update_twin, remove_twin))
        .merge(certificate::routes())
        .merge(provision::routes())
        .merge(job::routes())
        .merge(group::routes())
        .merge(kind::routes())
        .with_state(Shared { fleet, tell })
}

/// The route by which devices join. It stands in the open: what a device shows is a token for that.
pub fn open_routes(fleet: Arc<Fleet>) -> OpenApiRouter {
    certificate::join_routes().with_state(fleet)
}
