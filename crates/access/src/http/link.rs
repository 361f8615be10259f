//! `/v1/links`: one-time sign-in links.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use trunkline_model::{Timestamp, action};
use trunkline_web::{Caller, Problem, Reply};
use utoipa::ToSchema;

use super::check::Base;
use crate::Access;

/// A sign-in link that was made.
#[derive(Serialize, ToSchema)]
pub(super) struct SignInLink {
    /// The address to open; it signs in once.
    #[schema(example = "http://127.0.0.1:7070/sign-in#link=4fT0…")]
    url: String,
    /// When it stops being good.
    #[schema(value_type = String, format = DateTime)]
    expires: Timestamp,
}

/// Makes a one-time sign-in link to the caller's account; for owners.
#[utoipa::path(
    post, path = "/v1/links", tag = "access",
    responses(
        (status = 201, description = "made; it is shown this once", body = SignInLink),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn create_link(
    State(access): State<Arc<Access>>,
    caller: Caller,
    Base(base): Base,
) -> Reply<(StatusCode, Json<SignInLink>)> {
    caller.require(&action::LINK_CREATE, "")?;
    let link = access.create_link(&caller).await?;
    let body = SignInLink {
        url: link.url(&base),
        expires: link.expires,
    };
    Ok((StatusCode::CREATED, Json(body)))
}
