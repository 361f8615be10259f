//! All routes together.

use std::sync::Arc;

use axum::Router;
use utoipa_axum::router::OpenApiRouter;

use crate::Forge;

/// The routes of this room, which must stand behind [`trunkline_web::require_credential`].
pub fn routes(forge: Arc<Forge>) -> OpenApiRouter {
    OpenApiRouter::new()
        .merge(super::repositories::routes())
        .merge(super::files::routes())
        .merge(super::changes::routes())
        .merge(super::queue::routes())
        .merge(super::runs::routes())
        .with_state(forge)
}

/// The routes that git itself speaks to, which must stand behind [`trunkline_web::require_credential`] and, before that,
/// [`trunkline_web::accept_basic`].
pub fn git_routes(forge: Arc<Forge>) -> Router {
    super::git::routes().with_state(forge)
}
