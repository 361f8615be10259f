//! Which address leads where.

use std::sync::Arc;

use axum::extract::FromRef;
use trunkline_web::Origins;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{
    invitation, issuer, link, me, passkey, password, people, service_account, session, team, token,
};
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

/// The routes that need no credential: signing in, joining, and setting a forgotten password.
pub fn open_routes(access: Arc<Access>, origins: Origins) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(session::ways))
        .routes(routes!(session::sign_in))
        .routes(routes!(passkey::begin_sign_in))
        .routes(routes!(passkey::finish_sign_in))
        .routes(routes!(issuer::begin_issuer))
        .routes(routes!(issuer::finish_issuer))
        .routes(routes!(invitation::look_at_invitation))
        .routes(routes!(invitation::accept_invitation))
        .routes(routes!(password::forgot_password))
        .routes(routes!(password::reset_password))
        .with_state(Door { access, origins })
}

/// The routes that must stand behind [`trunkline_web::require_credential`].
pub fn routes(access: Arc<Access>) -> OpenApiRouter {
    let people = OpenApiRouter::new()
        .routes(routes!(people::list_people))
        .routes(routes!(people::change_person))
        .routes(routes!(people::create_reset))
        .routes(routes!(invitation::list_invitations, invitation::invite))
        .routes(routes!(invitation::withdraw_invitation))
        .routes(routes!(team::list_teams, team::create_team))
        .routes(routes!(team::remove_team))
        .routes(routes!(team::join_team, team::leave_team))
        .routes(routes!(
            service_account::list_services,
            service_account::create_service
        ))
        .routes(routes!(service_account::remove_service));
    let me = OpenApiRouter::new()
        .routes(routes!(me::list_sessions, me::end_sessions))
        .routes(routes!(me::end_session))
        .routes(routes!(password::change_password))
        .routes(routes!(me::begin_totp, me::remove_totp))
        .routes(routes!(me::confirm_totp))
        .routes(routes!(passkey::list_passkeys))
        .routes(routes!(passkey::begin_passkey))
        .routes(routes!(passkey::finish_passkey))
        .routes(routes!(passkey::remove_passkey));
    OpenApiRouter::new()
        .routes(routes!(session::show_session, session::sign_out))
        .routes(routes!(token::list_tokens, token::create_token))
        .routes(routes!(token::revoke_token))
        .routes(routes!(link::create_link))
        .merge(people)
        .merge(me)
        .with_state(access)
}
