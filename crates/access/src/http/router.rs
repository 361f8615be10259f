//! Which address leads where.

use std::sync::Arc;

use axum::extract::FromRef;
use trunkline_web::Origins;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{link, session, token};
use crate::Access;

/// What the handlers share.
#[derive(Clone, Debug)]
pub(super) struct Door {
    pub(super) access: Arc<Access>,
    pub(super) origins: Origins,
}

impl FromRef<Door> for Arc<Access> {
    fn from_ref(door: &Door) -> Self {
        Self::clone(&door.access)
    }
}

impl FromRef<Door> for Origins {
    fn from_ref(door: &Door) -> Self {
        door.origins.clone()
    }
}

/// The one route that needs no credential: signing in.
pub fn open_routes(access: Arc<Access>, origins: Origins) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(session::sign_in))
        .with_state(Door { access, origins })
}

/// The routes that must stand behind [`trunkline_web::require_credential`].
pub fn routes(access: Arc<Access>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(session::show_session, session::sign_out))
        .routes(routes!(token::list_tokens, token::create_token))
        .routes(routes!(token::revoke_token))
        .routes(routes!(link::create_link))
        .with_state(access)
}
