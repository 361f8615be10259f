//! `/v1/password` and `/v1/me/password`: setting a password.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;
use trunkline_model::action;
use trunkline_web::{Body, Caller, ClientAddress, Problem, Reply, SameOrigin};
use utoipa::ToSchema;

use super::check::person;
use super::cookie::current_session;
use crate::{Access, AccessError};

/// Whose password is forgotten.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Forgotten {
    email: String,
}

/// A new password with the code of a reset link.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Reset {
    /// What stands in the link behind `#code=`.
    code: String,
    /// 12 to 256 characters.
    password: String,
}

/// A new password of the caller's own.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PasswordChange {
    /// The present one, if there is one.
    current: Option<String>,
    /// 12 to 256 characters.
    password: String,
}

/// Mails a link to set a new password, if there is such an account. The answer is the same in any case.
#[utoipa::path(
    post, path = "/v1/password/forgot", tag = "people", security(()), request_body = Forgotten,
    responses(
        (status = 202, description = "if there is such an account, and mail is configured, a link is on its way"),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn forgot_password(
    State(access): State<Arc<Access>>,
    _same_origin: SameOrigin,
    client: ClientAddress,
    Body(request): Body<Forgotten>,
) -> StatusCode {
    access.forgot_password(&request.email, client);
    StatusCode::ACCEPTED
}

/// Sets a new password with a reset link; every session of the person ends.
#[utoipa::path(
    post, path = "/v1/password/reset", tag = "people", security(()), request_body = Reset,
    responses(
        (status = 204, description = "set"),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn reset_password(
    State(access): State<Arc<Access>>,
    _same_origin: SameOrigin,
    client: ClientAddress,
    Body(request): Body<Reset>,
) -> Reply<StatusCode> {
    access
        .reset_password(&request.code, &request.password, client)
        .await
        .map_err(AccessError::into_problem)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sets the caller's own password; every other session of it ends.
#[utoipa::path(
    put, path = "/v1/me/password", tag = "people", request_body = PasswordChange,
    responses(
        (status = 204, description = "set"),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn change_password(
    State(access): State<Arc<Access>>,
    caller: Caller,
    client: ClientAddress,
    headers: HeaderMap,
    Body(request): Body<PasswordChange>,
) -> Reply<StatusCode> {
    let id = person(&caller, &action::SELF_CHANGE)?;
    let keep = current_session(&access, &headers, client).await;
    let current = request.current.as_deref();
    access
        .change_password(id, current, &request.password, keep.as_deref(), client)
        .await
        .map_err(AccessError::into_problem)?;
    Ok(StatusCode::NO_CONTENT)
}
