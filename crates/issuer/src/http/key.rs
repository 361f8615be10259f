//! `/v1/oidc/keys`: the signing keys; for owners.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use trunkline_model::action;
use trunkline_web::{Body, Caller, Problem, Reply};
use utoipa::ToSchema;

use crate::{Issuer, KeyInfo};

/// The signing keys that are published.
#[derive(Serialize, ToSchema)]
pub(super) struct KeyList {
    keys: Vec<KeyInfo>,
}

/// How to rotate.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Rotation {
    /// Whether somebody else may have the keys: then all tokens that are out are worthless at once. Else the new key signs in a day.
    #[serde(default)]
    compromised: bool,
}

/// Lists the signing keys; for owners.
#[utoipa::path(
    get, path = "/v1/oidc/keys", tag = "issuer",
    responses(
        (status = 200, description = "the published keys, the oldest first", body = KeyList),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list_keys(
    State(issuer): State<Arc<Issuer>>,
    caller: Caller,
) -> Reply<Json<KeyList>> {
    caller.require(&action::CLIENT_LIST, "")?;
    Ok(Json(KeyList {
        keys: issuer.keys(),
    }))
}

/// Makes the next signing key; for owners.
#[utoipa::path(
    post, path = "/v1/oidc/keys/rotate", tag = "issuer", request_body = Rotation,
    responses(
        (status = 200, description = "made", body = KeyList),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn rotate_keys(
    State(issuer): State<Arc<Issuer>>,
    caller: Caller,
    Body(wanted): Body<Rotation>,
) -> Reply<Json<KeyList>> {
    caller.require(&action::CLIENT_CHANGE, "")?;
    issuer.rotate(wanted.compromised, &caller).await?;
    Ok(Json(KeyList {
        keys: issuer.keys(),
    }))
}
