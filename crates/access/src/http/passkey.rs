//! `/v1/me/passkeys` and `/v1/session/passkey`: passkeys.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use trunkline_model::action;
use trunkline_web::{Body, Caller, ClientAddress, Path, Problem, Reply, SameOrigin};
use utoipa::ToSchema;

use super::check::{Base, person};
use super::session::{Session, signed_in};
use crate::{Access, AccessError, Challenge, PasskeyEntry, PasskeyId};

/// The first half of a passkey's ceremony.
#[derive(Serialize, ToSchema)]
pub(super) struct Begun {
    /// The key under which the second half is sent.
    challenge: String,
    /// What `navigator.credentials.create` or `get` takes, with bytes in base64url.
    #[schema(value_type = Object)]
    options: Value,
}

impl From<Challenge> for Begun {
    fn from(begun: Challenge) -> Self {
        Self {
            challenge: begun.challenge,
            options: json!({ "publicKey": begun.options }),
        }
    }
}

/// Nothing.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

/// The second half of signing in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PasskeySignIn {
    challenge: String,
    /// What the browser gave, with bytes in base64url.
    #[schema(value_type = Object)]
    credential: Value,
}

/// The second half of adding a passkey.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewPasskey {
    challenge: String,
    /// 1 to 64 letters, digits, spaces, `.`, `_` or `-`.
    #[schema(example = "telephone")]
    name: String,
    /// What the browser gave, with bytes in base64url.
    #[schema(value_type = Object)]
    credential: Value,
}

/// The caller's passkeys.
#[derive(Serialize, ToSchema)]
pub(super) struct PasskeyList {
    passkeys: Vec<PasskeyEntry>,
}

/// Begins to sign in with a passkey. No name is asked.
#[utoipa::path(
    post, path = "/v1/session/passkey/start", tag = "access", security(()), request_body = Nothing,
    responses(
        (status = 200, description = "what the browser needs", body = Begun),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn begin_sign_in(
    State(access): State<Arc<Access>>,
    _same_origin: SameOrigin,
    client: ClientAddress,
    Base(base): Base,
    Body(_nothing): Body<Nothing>,
) -> Reply<Json<Begun>> {
    let begun = access.begin_passkey_sign_in(&base, client);
    Ok(Json(begun.map_err(AccessError::into_problem)?.into()))
}

/// Signs in with a passkey and sets the session cookie.
#[utoipa::path(
    post, path = "/v1/session/passkey/finish", tag = "access", security(()), request_body = PasskeySignIn,
    responses(
        (status = 200, description = "signed in; the session cookie is set", body = Session),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn finish_sign_in(
    State(access): State<Arc<Access>>,
    _same_origin: SameOrigin,
    client: ClientAddress,
    Body(request): Body<PasskeySignIn>,
) -> Reply<Response> {
    let begun = access
        .sign_in_with_passkey(&request.challenge, request.credential, client)
        .await;
    signed_in(&access, begun.map_err(AccessError::into_problem)?)
}

/// Lists the caller's own passkeys.
#[utoipa::path(
    get, path = "/v1/me/passkeys", tag = "me",
    responses(
        (status = 200, description = "the oldest first", body = PasskeyList),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list_passkeys(
    State(access): State<Arc<Access>>,
    caller: Caller,
) -> Reply<Json<PasskeyList>> {
    let passkeys = access
        .passkeys(person(&caller, &action::SELF_READ)?)
        .await?;
    Ok(Json(PasskeyList { passkeys }))
}

/// Begins to add a passkey.
#[utoipa::path(
    post, path = "/v1/me/passkeys/start", tag = "me",
    responses(
        (status = 200, description = "what the browser needs", body = Begun),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn begin_passkey(
    State(access): State<Arc<Access>>,
    caller: Caller,
    client: ClientAddress,
    Base(base): Base,
) -> Reply<Json<Begun>> {
    let begun = access
        .begin_passkey(person(&caller, &action::SELF_CHANGE)?, &base, client)
        .await;
    Ok(Json(begun.map_err(AccessError::into_problem)?.into()))
}

/// Adds a passkey.
#[utoipa::path(
    post, path = "/v1/me/passkeys/finish", tag = "me", request_body = NewPasskey,
    responses(
        (status = 201, description = "added", body = PasskeyEntry),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn finish_passkey(
    State(access): State<Arc<Access>>,
    caller: Caller,
    Body(request): Body<NewPasskey>,
) -> Reply<(StatusCode, Json<PasskeyEntry>)> {
    let id = person(&caller, &action::SELF_CHANGE)?;
    let (challenge, name) = (request.challenge.as_str(), request.name.as_str());
    let added = access
        .finish_passkey(id, challenge, name, request.credential)
        .await?;
    Ok((StatusCode::CREATED, Json(added)))
}

/// Removes one of the caller's own passkeys.
#[utoipa::path(
    delete, path = "/v1/me/passkeys/{id}", tag = "me",
    params(("id" = String, Path, description = "the passkey's id")),
    responses(
        (status = 204, description = "removed"),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn remove_passkey(
    State(access): State<Arc<Access>>,
    caller: Caller,
    Path(passkey): Path<PasskeyId>,
) -> Reply<StatusCode> {
    access
        .remove_passkey(person(&caller, &action::SELF_CHANGE)?, passkey)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
