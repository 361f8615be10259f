//! The routers of all rooms as one.

use std::sync::Arc;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::IntoResponse;
use axum::routing::get;
use trunkline_api::Api;
use trunkline_reapi::Reapi;
use trunkline_web::{
    Authenticate, Authorize, Gate, Kit, Origins, accept_basic, fallbacks, require_credential,
};
use utoipa_axum::router::OpenApiRouter;

use super::Settings;
use super::rooms::Rooms;

/// The HTTP surfaces of one platform.
#[derive(Clone, Debug)]
pub(super) struct Surfaces {
    /// The console and the API.
    pub(super) api: Router,
    /// OTLP over HTTP alone.
    pub(super) otlp: Router,
    /// OTLP over gRPC.
    pub(super) grpc: Router,
}

pub(super) fn surfaces(settings: &Settings, rooms: &Rooms, api: Api) -> Surfaces {
    let origins = Origins::new(&settings.config.web);
    let authenticate: Arc<dyn Authenticate> = Arc::clone(&rooms.access) as _;
    let authorize: Arc<dyn Authorize> = Arc::clone(&rooms.permits) as _;
    let gate = Gate::new(authenticate, authorize, origins.clone());
    let kit = Kit::new(
        Arc::clone(&settings.clock),
        Arc::clone(&settings.ids),
        &settings.config.web,
    );
    let behind =
        |router: Router| router.route_layer(from_fn_with_state(gate.clone(), require_credential));

    let (open, mut document) = OpenApiRouter::with_openapi(trunkline_api::document())
        .merge(trunkline_api::open_routes(api.clone()))
        .merge(trunkline_access::open_routes(
            Arc::clone(&rooms.access),
            origins.clone(),
        ))
        .merge(trunkline_fleet::open_routes(Arc::clone(&rooms.fleet)))
        .merge(trunkline_artifact::open_routes(Arc::clone(
            &rooms.artifacts,
        )))
        .merge(trunkline_mirror::open_routes(Arc::clone(&rooms.mirrors)))
        .merge(trunkline_issuer::open_routes(
            Arc::clone(&rooms.issuer),
            Arc::clone(&rooms.access) as _,
            origins,
        ))
        .split_for_parts();
    let (closed, of_closed) = OpenApiRouter::new()
        .merge(trunkline_api::router(api))
        .merge(trunkline_access::routes(Arc::clone(&rooms.access)))
        .merge(trunkline_issuer::routes(Arc::clone(&rooms.issuer)))
        .merge(trunkline_gateway::routes(
            Arc::clone(&rooms.edge.gateway),
            Arc::clone(&rooms.edge.counter) as _,
        ))
        .merge(trunkline_fleet::routes(
            Arc::clone(&rooms.fleet),
            rooms.hub.listeners(),
        ))
        .merge(trunkline_hub::routes(Arc::clone(&rooms.hub)))
        .merge(trunkline_present::routes(rooms.rebuilder(settings)))
        .merge(trunkline_artifact::routes(Arc::clone(&rooms.artifacts)))
        .merge(trunkline_forge::routes(Arc::clone(&rooms.forge)))
        .merge(trunkline_mirror::routes(Arc::clone(&rooms.mirrors)))
        .merge(trunkline_run::routes(Arc::clone(&rooms.run.services)))
        .merge(trunkline_command::routes(Arc::clone(&rooms.commands)))
        .merge(trunkline_topology::routes(Arc::clone(&rooms.topology)))
        .merge(trunkline_portal::routes(Arc::clone(&rooms.portal)))
        .merge(trunkline_permit::routes(Arc::clone(&rooms.permits)))
        .merge(rooms.ingest.router())
        .split_for_parts();
    document.merge(of_closed);
    let text = document.to_pretty_json().unwrap_or_default();
    let openapi = get(move || {
        let text = text.clone();
        async move {
            (
                [(axum::http::header::CONTENT_TYPE, "application/json")],
                text,
            )
                .into_response()
        }
    });
    // Requests to the APIs of AWS are signed; who asks is known once the whole request is read.
    let aws = super::aws::aws(settings, rooms, endpoint(settings));
    let open = open
        .merge(trunkline_hub::open_routes(Arc::clone(&rooms.hub)))
        .merge(trunkline_aws::routes(aws));
    let closed = behind(closed.route("/openapi.json", openapi));
    // git knows HTTP Basic alone.
    let git = trunkline_forge::git_routes(Arc::clone(&rooms.forge))
        .merge(trunkline_lfs::routes(Arc::clone(&rooms.lfs)));
    let git = behind(git).layer(from_fn(accept_basic));
    let cache = behind(trunkline_workshop::routes(rooms.results.clone()));
    let reapi = Reapi::new(rooms.results.clone(), Arc::clone(&settings.clock));
    let cache = cache.merge(reapi.routes(gate.clone()));
    let all = fallbacks(
        open.merge(closed).merge(git).merge(cache),
        Some(trunkline_console::router()),
    );
    let (otlp, _) = rooms.ingest.otlp_router().split_for_parts();
    Surfaces {
        api: kit.wrap(all),
        otlp: kit.wrap(fallbacks(behind(otlp), None)),
        grpc: rooms.ingest.grpc(gate),
    }
}

/// Where devices find the broker, as far as the configuration says: the first name of its certificate, else this machine.
fn endpoint(settings: &Settings) -> String {
    let names = &settings.config.mqtt.tls_names;
    names.first().cloned().unwrap_or_else(|| "localhost".into())
}
