//! What the Gateway page shows.

use std::sync::atomic::Ordering;

use serde::Serialize;
use utoipa::ToSchema;

use super::Gateway;
use super::gateway::lock;
use crate::file::{AuthMethod, ContractMode, Problem};
use crate::table::Route;
use crate::upstream::{TargetState, Upstream};

/// The gateway at this moment.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct View {
    /// The addresses that it listens at.
    pub listeners: Vec<String>,
    /// Counts the changes of the routes.
    pub generation: u64,
    /// The routes.
    pub routes: Vec<RouteView>,
    /// The upstreams.
    pub upstreams: Vec<UpstreamView>,
    /// What is wrong with the route files.
    pub problems: Vec<Problem>,
}

/// A route at this moment.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RouteView {
    /// Its name.
    pub name: String,
    /// The file that it stands in.
    pub file: String,
    /// Its hosts; every host where it is empty.
    pub hosts: Vec<String>,
    /// Its path as the file writes it.
    pub path: String,
    /// Its methods; every method where it is empty.
    pub methods: Vec<String>,
    /// The credentials that it takes; none are asked for where it is empty.
    pub auth: Vec<&'static str>,
    /// The usage plan for callers that have none.
    pub plan: Option<String>,
    /// `off`, `report` or `enforce`.
    pub contract: &'static str,
    /// Where its requests go.
    pub upstreams: Vec<SideView>,
    /// The upstream that gets a copy.
    pub mirror: Option<String>,
    /// Requests since the start.
    pub requests: u64,
    /// Of those, answers with 500 and above.
    pub errors: u64,
    /// Of those, refused by the gateway.
    pub refused: u64,
    /// Half of the requests took at most so many microseconds.
    pub p50_us: Option<u64>,
    /// 99 of 100 requests took at most so many microseconds.
    pub p99_us: Option<u64>,
}

/// One side of a route.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SideView {
    /// The upstream's name.
    pub name: String,
    /// Its weight against the others.
    pub weight: u32,
}

/// An upstream at this moment.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct UpstreamView {
    /// Its name.
    pub name: String,
    /// The file that it stands in.
    pub file: String,
    /// Its targets.
    pub targets: Vec<TargetView>,
}

/// A target at this moment.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TargetView {
    /// Its URL as the file writes it.
    pub url: String,
    /// Its weight against the others.
    pub weight: u32,
    /// The release that it serves.
    pub release: Option<String>,
    /// `healthy`, `unhealthy`, `open` (it failed and gets a rest) or `unknown`.
    pub state: &'static str,
    /// Requests under way.
    pub in_flight: u32,
}

impl Gateway {
    /// The gateway at this moment.
    #[must_use]
    pub fn view(&self) -> View {
        let table = self.core.table.load();
        View {
            listeners: lock(&self.listeners).clone(),
            generation: table.generation,
            routes: table.routes.iter().map(|route| route_view(route)).collect(),
            upstreams: table
                .upstreams
                .values()
                .map(|upstream| upstream_view(upstream))
                .collect(),
            problems: lock(&self.files).problems.clone(),
        }
    }
}

fn route_view(route: &Route) -> RouteView {
    let rule = &route.rule;
    let side = |side: &crate::table::Side| SideView {
        name: side.upstream.name.clone(),
        weight: side.weight.load(Ordering::Relaxed),
    };
    let auth = |method: &AuthMethod| match method {
        AuthMethod::Key => "key",
        AuthMethod::Jwt => "jwt",
        AuthMethod::Session => "session",
    };
    RouteView {
        name: route.name.clone(),
        file: route.file.clone(),
        hosts: rule
            .hosts
            .iter()
            .map(|host| host.get_ref().clone())
            .collect(),
        path: rule.path.get_ref().clone(),
        methods: route.methods.iter().map(ToString::to_string).collect(),
        auth: rule.auth.iter().map(auth).collect(),
        plan: rule.plan.clone(),
        contract: match route.contract {
            ContractMode::Off => "off",
            ContractMode::Report => "report",
            ContractMode::Enforce => "enforce",
        },
        upstreams: route.sides.iter().map(side).collect(),
        mirror: route
            .mirror
            .as_ref()
            .map(|mirror| mirror.upstream.name.clone()),
        requests: route.stats.requests.load(Ordering::Relaxed),
        errors: route.stats.errors.load(Ordering::Relaxed),
        refused: route.stats.refused.load(Ordering::Relaxed),
        p50_us: route.stats.quantile(0.5),
        p99_us: route.stats.quantile(0.99),
    }
}

fn upstream_view(upstream: &Upstream) -> UpstreamView {
    let targets = upstream.targets.iter().map(|target| TargetView {
        url: target.url.clone(),
        weight: target.weight.load(Ordering::Relaxed),
        release: target.release.clone(),
        state: match target.state() {
            TargetState::Unknown => "unknown",
            TargetState::Healthy => "healthy",
            TargetState::Unhealthy => "unhealthy",
            TargetState::Open => "open",
        },
        in_flight: target.in_flight(),
    });
    UpstreamView {
        name: upstream.name.clone(),
        file: upstream.file.clone(),
        targets: targets.collect(),
    }
}
