//! `/v1/gateway`: the gateway at this moment, and changes of weights.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use trunkline_model::action;
use trunkline_web::{Body, Caller, Path, Problem as WebProblem, Reply};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::gateway::{RouteView, SideView, UpstreamView};
use crate::{Gateway, Problem};

/// A usage plan, as it is shown.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PlanView {
    /// Its name.
    pub name: String,
    /// Requests in a second, over time.
    #[schema(required = true)]
    pub rate: Option<f64>,
    /// Requests at once after a rest.
    #[schema(required = true)]
    pub burst: Option<u32>,
    /// Requests in a day of UTC.
    #[schema(required = true)]
    pub per_day: Option<u64>,
    /// Requests in a calendar month of UTC.
    #[schema(required = true)]
    pub per_month: Option<u64>,
}

/// What a holder has used of its plan.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct UsageView {
    /// The key, or issuer and subject.
    pub key: String,
    /// The name that people know it by.
    pub name: String,
    /// The plan.
    pub plan: String,
    /// Requests today.
    pub today: u64,
    /// Requests this month.
    pub month: u64,
    /// The most of a day.
    #[schema(required = true)]
    pub limit_day: Option<u64>,
    /// The most of a month.
    #[schema(required = true)]
    pub limit_month: Option<u64>,
}

/// Knows the plans, and what is used of them.
pub trait Plans: Send + Sync + Debug {
    /// All plans.
    fn plans(&self) -> Vec<PlanView>;
    /// What everybody has used.
    fn usage(&self) -> Vec<UsageView>;
}

/// The gateway at this moment.
#[derive(Serialize, ToSchema)]
struct Shown {
    /// The addresses that it listens at.
    listeners: Vec<String>,
    /// Counts the changes of the routes.
    generation: u64,
    routes: Vec<ShownRoute>,
    upstreams: Vec<UpstreamView>,
    plans: Vec<PlanView>,
    /// What is wrong with the route files.
    problems: Vec<Problem>,
}

/// A route at this moment.
#[derive(Serialize, ToSchema)]
struct ShownRoute {
    /// Its name.
    name: String,
    /// The file that it stands in.
    file: String,
    /// Its hosts; every host where it is empty.
    hosts: Vec<String>,
    /// Its path as the file writes it.
    path: String,
    /// Its methods; every method where it is empty.
    methods: Vec<String>,
    /// The credentials that it takes, with commas; `none` where it asks for none.
    #[schema(example = "key, jwt")]
    auth: String,
    /// The usage plan for callers that have none.
    #[schema(required = true)]
    plan: Option<String>,
    /// How requests are held against the service's document: `off`, `report` or `enforce`.
    contract: &'static str,
    upstreams: Vec<SideView>,
    /// The upstream that gets a copy.
    #[schema(required = true)]
    mirror: Option<String>,
    /// Requests since the start.
    requests: u64,
    /// Answers with 500 and above.
    errors: u64,
    /// Refused by the gateway.
    refused: u64,
    /// Half of them took at most so many microseconds.
    #[schema(required = true)]
    p50_us: Option<u64>,
    /// 99 of 100 took at most so many microseconds.
    #[schema(required = true)]
    p99_us: Option<u64>,
}

/// What is used of the plans.
#[derive(Serialize, ToSchema)]
struct UsageList {
    keys: Vec<UsageView>,
}

/// New weights of an upstream's targets.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WeightsRequest {
    /// A weight for each target's URL; a target that is not named keeps its own.
    weights: BTreeMap<String, u32>,
}

impl From<RouteView> for ShownRoute {
    fn from(route: RouteView) -> Self {
        let auth = match route.auth.as_slice() {
            [] => "none".to_owned(),
            methods => methods.join(", "),
        };
        Self {
            name: route.name,
            file: route.file,
            hosts: route.hosts,
            path: route.path,
            methods: route.methods,
            auth,
            plan: route.plan,
            contract: route.contract,
            upstreams: route.upstreams,
            mirror: route.mirror,
            requests: route.requests,
            errors: route.errors,
            refused: route.refused,
            p50_us: route.p50_us,
            p99_us: route.p99_us,
        }
    }
}

/// Shows the routes, the upstreams and what is wrong with their files.
#[utoipa::path(
    get, path = "/v1/gateway", tag = "gateway", operation_id = "showGateway",
    responses(
        (status = 200, description = "the gateway at this moment", body = Shown),
        (status = "4XX", description = "refused", body = WebProblem, content_type = "application/problem+json"),
    )
)]
async fn show(State(desk): State<Desk>, caller: Caller) -> Reply<Json<Shown>> {
    caller.require(&action::GATEWAY_READ, "")?;
    let view = desk.gateway.view();
    Ok(Json(Shown {
        listeners: view.listeners,
        generation: view.generation,
        routes: view.routes.into_iter().map(ShownRoute::from).collect(),
        upstreams: view.upstreams,
        plans: desk.plans.plans(),
        problems: view.problems,
    }))
}

/// Lists what everybody has used of their plans.
#[utoipa::path(
    get, path = "/v1/gateway/usage", tag = "gateway", operation_id = "listUsage",
    responses(
        (status = 200, description = "what is used", body = UsageList),
        (status = "4XX", description = "refused", body = WebProblem, content_type = "application/problem+json"),
    )
)]
async fn usage(State(desk): State<Desk>, caller: Caller) -> Reply<Json<UsageList>> {
    caller.require(&action::GATEWAY_READ, "")?;
    Ok(Json(UsageList {
        keys: desk.plans.usage(),
    }))
}

/// Sets the weights of an upstream's targets. They count from the next request on, until the file changes.
#[utoipa::path(
    put, path = "/v1/gateway/upstreams/{name}/weights", tag = "gateway", operation_id = "setWeights",
    params(("name" = String, Path, description = "the upstream")), request_body = WeightsRequest,
    responses(
        (status = 204, description = "set"),
        (status = "4XX", description = "refused", body = WebProblem, content_type = "application/problem+json"),
    )
)]
async fn set_weights(
    State(desk): State<Desk>,
    caller: Caller,
    Path(name): Path<String>,
    Body(wanted): Body<WeightsRequest>,
) -> Reply<StatusCode> {
    caller.require(&action::GATEWAY_CHANGE, &name)?;
    desk.gateway.set_weights(&name, &wanted.weights)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sets the weights of a route's split. They count from the next request on, until the file changes.
#[utoipa::path(
    put, path = "/v1/gateway/routes/{name}/split", tag = "gateway", operation_id = "setSplit",
    params(("name" = String, Path, description = "the route")), request_body = BTreeMap<String, u32>,
    responses(
        (status = 204, description = "set"),
        (status = "4XX", description = "refused", body = WebProblem, content_type = "application/problem+json"),
    )
)]
async fn set_split(
    State(desk): State<Desk>,
    caller: Caller,
    Path(name): Path<String>,
    Body(wanted): Body<BTreeMap<String, u32>>,
) -> Reply<StatusCode> {
    caller.require(&action::GATEWAY_CHANGE, &name)?;
    desk.gateway.set_split(&name, &wanted)?;
    Ok(StatusCode::NO_CONTENT)
}

/// What the handlers share.
#[derive(Clone, Debug)]
pub(super) struct Desk {
    pub(super) gateway: Arc<Gateway>,
    plans: Arc<dyn Plans>,
}

impl FromRef<Desk> for Arc<Gateway> {
    fn from_ref(desk: &Desk) -> Self {
        Self::clone(&desk.gateway)
    }
}

/// The routes about the gateway, which must stand behind [`trunkline_web::require_credential`].
pub fn routes(gateway: Arc<Gateway>, plans: Arc<dyn Plans>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(show))
        .routes(routes!(usage))
        .routes(routes!(set_weights))
        .routes(routes!(set_split))
        .routes(routes!(super::try_it::try_it))
        .with_state(Desk { gateway, plans })
}
