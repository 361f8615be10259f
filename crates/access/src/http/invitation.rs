//! `/v1/invitations`: how people join.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use trunkline_model::{Role, Timestamp, action};
use trunkline_web::{Body, Caller, ClientAddress, Path, Problem, Reply, SameOrigin};
use utoipa::ToSchema;

use super::check::Base;
use super::session::{Session, signed_in};
use crate::{Access, AccessError, Invitation, InvitationId, InvitationLook, Joining};

/// The invitations that are open.
#[derive(Serialize, ToSchema)]
pub(super) struct InvitationList {
    invitations: Vec<Invitation>,
}

/// Who is to be invited.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct InvitationRequest {
    /// The email of who is invited; it may be chosen where it is missing.
    email: Option<String>,
    /// `viewer`, `developer`, `operator` or `owner`.
    #[schema(value_type = String, example = "developer")]
    role: Role,
    /// The teams that it will belong to.
    #[serde(default)]
    teams: Vec<String>,
}

/// An invitation that was made.
#[derive(Serialize, ToSchema)]
pub(super) struct InvitationCreated {
    /// Its id.
    #[schema(value_type = String)]
    id: InvitationId,
    /// The address to open; it is shown this once.
    #[schema(example = "http://127.0.0.1:7070/join#invitation=4fT0…")]
    url: String,
    /// When it stops being good.
    #[schema(value_type = String, format = DateTime)]
    expires: Timestamp,
    /// Whether it is being mailed to `email`.
    mailed: bool,
}

/// The code of an invitation.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct InvitationCode {
    /// What stands in the link behind `#invitation=`.
    code: String,
}

/// Who joins.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Acceptance {
    /// What stands in the link behind `#invitation=`.
    code: String,
    /// 1 to 64 letters, digits, spaces, `.`, `_` or `-`.
    name: String,
    /// An email, where the invitation names none. Needed for a password.
    email: Option<String>,
    /// A password of 12 to 256 characters; without one, add a passkey before the session ends.
    password: Option<String>,
}

/// Lists the invitations that are open; for owners.
#[utoipa::path(
    get, path = "/v1/invitations", tag = "people",
    responses(
        (status = 200, description = "neither used nor too old, the oldest first", body = InvitationList),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list_invitations(
    State(access): State<Arc<Access>>,
    caller: Caller,
) -> Reply<Json<InvitationList>> {
    caller.require(&action::INVITATION_LIST, "")?;
    let invitations = access.invitations().await?;
    Ok(Json(InvitationList { invitations }))
}

/// Invites a person; for owners.
#[utoipa::path(
    post, path = "/v1/invitations", tag = "people", request_body = InvitationRequest,
    responses(
        (status = 201, description = "made; its address is shown this once", body = InvitationCreated),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn invite(
    State(access): State<Arc<Access>>,
    caller: Caller,
    Base(base): Base,
    Body(request): Body<InvitationRequest>,
) -> Reply<(StatusCode, Json<InvitationCreated>)> {
    caller.require(&action::INVITATION_CHANGE, "")?;
    let email = request.email.as_deref();
    let made = access
        .invite(email, request.role, request.teams, &caller)
        .await?;
    let mailed =
        email.is_some_and(|email| access.mail_invitation(email, &made, &base, &caller.name));
    let body = InvitationCreated {
        id: made.id,
        url: made.url(&base),
        expires: made.expires,
        mailed,
    };
    Ok((StatusCode::CREATED, Json(body)))
}

/// Withdraws an invitation; for owners.
#[utoipa::path(
    delete, path = "/v1/invitations/{id}", tag = "people",
    params(("id" = String, Path, description = "the invitation's id")),
    responses(
        (status = 204, description = "withdrawn"),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn withdraw_invitation(
    State(access): State<Arc<Access>>,
    caller: Caller,
    Path(id): Path<InvitationId>,
) -> Reply<StatusCode> {
    caller.require(&action::INVITATION_CHANGE, "")?;
    access.withdraw_invitation(id, &caller).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Shows what an invitation offers; it stays good.
#[utoipa::path(
    post, path = "/v1/invitations/look", tag = "people", security(()), request_body = InvitationCode,
    responses(
        (status = 200, description = "what it offers", body = InvitationLook),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn look_at_invitation(
    State(access): State<Arc<Access>>,
    _same_origin: SameOrigin,
    client: ClientAddress,
    Body(request): Body<InvitationCode>,
) -> Reply<Json<InvitationLook>> {
    let look = access.look_at_invitation(&request.code, client).await;
    Ok(Json(look.map_err(AccessError::into_problem)?))
}

/// Joins by an invitation and signs in.
#[utoipa::path(
    post, path = "/v1/invitations/accept", tag = "people", security(()), request_body = Acceptance,
    responses(
        (status = 200, description = "joined and signed in; the session cookie is set", body = Session),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn accept_invitation(
    State(access): State<Arc<Access>>,
    _same_origin: SameOrigin,
    client: ClientAddress,
    Body(request): Body<Acceptance>,
) -> Reply<Response> {
    let joining = Joining {
        name: request.name,
        email: request.email,
        password: request.password,
    };
    let begun = access
        .accept_invitation(&request.code, joining, client)
        .await;
    signed_in(&access, begun.map_err(AccessError::into_problem)?)
}
