//! The forge over HTTP: `/v1/repositories`, `/v1/changes`, `/v1/runs`, and git's own protocol below `/git`.

mod changes;
mod files;
mod git;
mod queue;
mod repositories;
mod runs;

use std::sync::Arc;

use axum::Router;
use utoipa_axum::router::OpenApiRouter;

use crate::Forge;

/// The routes of this room, which must stand behind [`trunkline_web::require_credential`].
pub fn routes(forge: Arc<Forge>) -> OpenApiRouter {
    OpenApiRouter::new()
        .merge(repositories::routes())
        .merge(files::routes())
        .merge(changes::routes())
        .merge(queue::routes())
        .merge(runs::routes())
        .with_state(forge)
}

/// The routes that git itself speaks to, which must stand behind [`trunkline_web::require_credential`] and, before that,
/// [`trunkline_web::accept_basic`].
pub fn git_routes(forge: Arc<Forge>) -> Router {
    git::routes().with_state(forge)
}
