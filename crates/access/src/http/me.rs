//! `/v1/me`: the caller's own sessions and authenticator app.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use trunkline_model::action;
use trunkline_web::{Body, Caller, ClientAddress, Path, Problem, Reply};
use utoipa::ToSchema;

use super::check::person;
use super::cookie::current_session;
use crate::{Access, AccessError, SessionEntry, SessionId, TotpSetup};

/// The caller's sessions.
#[derive(Serialize, ToSchema)]
pub(super) struct SessionList {
    sessions: Vec<SessionEntry>,
}

/// A code of an authenticator app.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TotpCode {
    /// Six digits.
    #[schema(example = "081804")]
    code: String,
}

/// Codes that stand in for the authenticator app, each once.
#[derive(Serialize, ToSchema)]
pub(super) struct RecoveryCodes {
    /// Shown this once.
    recovery_codes: Vec<String>,
}

/// What proves that the caller may remove the authenticator app: one of both.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TotpProof {
    password: Option<String>,
    /// Six digits of the app, or a recovery code.
    code: Option<String>,
}

/// Lists the caller's own sessions.
#[utoipa::path(
    get, path = "/v1/me/sessions", tag = "me",
    responses(
        (status = 200, description = "those that did not end, the last seen first", body = SessionList),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list_sessions(
    State(access): State<Arc<Access>>,
    caller: Caller,
    client: ClientAddress,
    headers: HeaderMap,
) -> Reply<Json<SessionList>> {
    let id = person(&caller, &action::SELF_READ)?;
    let current = current_session(&access, &headers, client).await;
    let sessions = access.sessions(id, current.as_deref()).await?;
    Ok(Json(SessionList { sessions }))
}

/// Ends one of the caller's own sessions.
#[utoipa::path(
    delete, path = "/v1/me/sessions/{id}", tag = "me",
    params(("id" = String, Path, description = "the session's id")),
    responses(
        (status = 204, description = "ended"),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn end_session(
    State(access): State<Arc<Access>>,
    caller: Caller,
    Path(session): Path<SessionId>,
) -> Reply<StatusCode> {
    access
        .end_session(person(&caller, &action::SELF_CHANGE)?, session)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends every session of the caller's but this one.
#[utoipa::path(
    delete, path = "/v1/me/sessions", tag = "me",
    responses(
        (status = 204, description = "ended"),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn end_sessions(
    State(access): State<Arc<Access>>,
    caller: Caller,
    client: ClientAddress,
    headers: HeaderMap,
) -> Reply<StatusCode> {
    let id = person(&caller, &action::SELF_CHANGE)?;
    let keep = current_session(&access, &headers, client).await;
    access.end_sessions(id, keep.as_deref()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Begins the setup of an authenticator app; it counts once its first code was confirmed.
#[utoipa::path(
    post, path = "/v1/me/totp", tag = "me",
    responses(
        (status = 200, description = "what the app needs, shown this once", body = TotpSetup),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn begin_totp(
    State(access): State<Arc<Access>>,
    caller: Caller,
) -> Reply<Json<TotpSetup>> {
    Ok(Json(
        access
            .begin_totp(person(&caller, &action::SELF_CHANGE)?)
            .await?,
    ))
}

/// Turns the authenticator app on with its first code.
#[utoipa::path(
    post, path = "/v1/me/totp/confirm", tag = "me", request_body = TotpCode,
    responses(
        (status = 200, description = "on; the recovery codes are shown this once", body = RecoveryCodes),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn confirm_totp(
    State(access): State<Arc<Access>>,
    caller: Caller,
    client: ClientAddress,
    Body(request): Body<TotpCode>,
) -> Reply<Json<RecoveryCodes>> {
    let codes = access
        .confirm_totp(
            person(&caller, &action::SELF_CHANGE)?,
            &request.code,
            client,
        )
        .await
        .map_err(AccessError::into_problem)?;
    let codes = codes.iter().map(|code| code.reveal().into());
    Ok(Json(RecoveryCodes {
        recovery_codes: codes.collect(),
    }))
}

/// Removes the authenticator app and its recovery codes.
#[utoipa::path(
    delete, path = "/v1/me/totp", tag = "me", request_body = TotpProof,
    responses(
        (status = 204, description = "removed"),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn remove_totp(
    State(access): State<Arc<Access>>,
    caller: Caller,
    client: ClientAddress,
    Body(proof): Body<TotpProof>,
) -> Reply<StatusCode> {
    let (password, code) = (proof.password.as_deref(), proof.code.as_deref());
    access
        .remove_totp(
            person(&caller, &action::SELF_CHANGE)?,
            password,
            code,
            &caller,
            client,
        )
        .await
        .map_err(AccessError::into_problem)?;
    Ok(StatusCode::NO_CONTENT)
}
