//! Which address leads where.

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use trunkline_model::code;
use trunkline_web::{Authenticate, Origins, Problem};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::desk::Desk;
use super::{authorize, client, cors, device, discovery, key, logout, token, userinfo, workload};
use crate::Issuer;

/// The largest form: a request for a sign-in with the longest of every parameter is smaller.
const MAX_FORM: usize = 64 * 1024;

/// The routes of the standards. They need no credential of ours: `authenticate` tells whose browser it is, by its session cookie.
///
/// They do not stand in the OpenAPI description, since `/.well-known/openid-configuration` describes them.
pub fn open_routes(
    issuer: Arc<Issuer>,
    authenticate: Arc<dyn Authenticate>,
    origins: Origins,
) -> OpenApiRouter {
    let desk = Desk {
        issuer: Arc::clone(&issuer),
        authenticate,
        origins,
    };
    let public = Router::new()
        .route(
            "/.well-known/openid-configuration",
            get(discovery::describe).options(preflight),
        )
        .route(
            "/.well-known/oauth-authorization-server",
            get(discovery::describe).options(preflight),
        )
        .route("/oidc/jwks", get(discovery::keys).options(preflight))
        .route_layer(from_fn(cors::anybody));
    let tokens = Router::new()
        .route("/oidc/token", post(token::token).options(preflight))
        .route(
            "/oidc/userinfo",
            get(userinfo::user_info)
                .post(userinfo::user_info)
                .options(preflight),
        )
        .route("/oidc/revoke", post(token::revoke).options(preflight))
        .route_layer(from_fn_with_state(Arc::clone(&issuer), cors::registered));
    let pages = Router::new()
        .route(
            "/oidc/authorize",
            get(authorize::authorize).post(authorize::authorize),
        )
        .route("/oidc/consent", post(authorize::consent))
        .route("/oidc/device", get(device::show).post(device::decide))
        .route("/oidc/logout", get(logout::logout).post(logout::logout))
        .route("/oidc/logout/confirm", post(logout::confirm))
        .route(
            "/oidc/device_authorization",
            post(token::device_authorization),
        )
        .route("/oidc/introspect", post(token::introspect));
    let all = public
        .merge(tokens)
        .merge(pages)
        .layer(DefaultBodyLimit::max(MAX_FORM))
        .route_layer(from_fn_with_state(issuer, switched_on))
        .with_state(desk);
    OpenApiRouter::from(all)
}

/// The routes that must stand behind [`trunkline_web::require_credential`].
pub fn routes(issuer: Arc<Issuer>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(client::list_clients, client::create_client))
        .routes(routes!(client::change_client, client::remove_client))
        .routes(routes!(client::create_secret))
        .routes(routes!(client::remove_secret))
        .routes(routes!(key::list_keys))
        .routes(routes!(key::rotate_keys))
        .routes(routes!(workload::create_workload_token))
        .route_layer(from_fn_with_state(Arc::clone(&issuer), switched_on))
        .with_state(issuer)
}

/// Exists so that a preflight finds a route; the layer around it answers.
async fn preflight() {}

async fn switched_on(State(issuer): State<Arc<Issuer>>, request: Request, next: Next) -> Response {
    if issuer.is_enabled() {
        return next.run(request).await;
    }
    let detail = "the section `[issuer]` of the configuration says `enabled = false`";
    Problem::new(&code::ISSUER_DISABLED, detail).into_response()
}
