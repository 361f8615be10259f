//! `/v1/tokens`: the API tokens.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use trunkline_model::{Scope, action};
use trunkline_web::{Body, Caller, Path, Problem, Reply};
use utoipa::ToSchema;

use crate::{Access, NewToken, Token, TokenId};

/// All tokens.
#[derive(Serialize, ToSchema)]
pub(super) struct TokenList {
    tokens: Vec<Token>,
}

/// A token that is to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TokenRequest {
    /// 1 to 64 letters, digits, spaces, `.`, `_` or `-`.
    #[schema(example = "ci")]
    name: String,
    /// What it may do; `read` and `write` where it is missing.
    #[schema(value_type = Option<Vec<String>>, example = json!(["read", "write"]))]
    scopes: Option<Vec<Scope>>,
    /// Days after which it stops being good, 1 to 3650; never where it is missing.
    expires_in_days: Option<u32>,
    /// Minutes after which it stops being good, 1 to 1440, instead of days.
    expires_in_minutes: Option<u32>,
    /// The name of the service account as which it acts.
    service: Option<String>,
    /// The name of the task of continuous integration as which it acts; it then lives 60 minutes at most.
    job: Option<String>,
}

/// A token that was made.
#[derive(Serialize, ToSchema)]
pub(super) struct TokenCreated {
    /// The token's text, shown this once.
    token: String,
    /// With what a program signs that signs its requests in the way of AWS, shown this once; the id of this access key is `id`.
    secret_access_key: String,
    #[serde(flatten)]
    row: Token,
}

/// Lists the API tokens; for owners.
#[utoipa::path(
    get, path = "/v1/tokens", tag = "access",
    responses(
        (status = 200, description = "all tokens that are not revoked, the oldest first", body = TokenList),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list_tokens(
    State(access): State<Arc<Access>>,
    caller: Caller,
) -> Reply<Json<TokenList>> {
    caller.require(&action::TOKEN_LIST, "")?;
    let tokens = access.tokens().await?;
    Ok(Json(TokenList { tokens }))
}

/// Makes an API token; for owners.
#[utoipa::path(
    post, path = "/v1/tokens", tag = "access", request_body = TokenRequest,
    responses(
        (status = 201, description = "made; its text is shown this once", body = TokenCreated),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn create_token(
    State(access): State<Arc<Access>>,
    caller: Caller,
    Body(request): Body<TokenRequest>,
) -> Reply<(StatusCode, Json<TokenCreated>)> {
    caller.require(&action::TOKEN_CREATE, "")?;
    let mut wanted = NewToken::new(request.name);
    wanted.expires_in_days = request.expires_in_days;
    wanted.expires_in_minutes = request.expires_in_minutes;
    wanted.service = request.service;
    wanted.job = request.job;
    if let Some(scopes) = request.scopes {
        wanted.scopes = scopes;
    }
    let made = access.create_token(&wanted, &caller).await?;
    let body = TokenCreated {
        token: made.secret.reveal().into(),
        secret_access_key: made.signing.reveal().into(),
        row: made.token,
    };
    Ok((StatusCode::CREATED, Json(body)))
}

/// Revokes an API token at once; for owners.
#[utoipa::path(
    delete, path = "/v1/tokens/{id}", tag = "access",
    params(("id" = String, Path, description = "the token's id")),
    responses(
        (status = 204, description = "revoked"),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn revoke_token(
    State(access): State<Arc<Access>>,
    caller: Caller,
    Path(id): Path<TokenId>,
) -> Reply<StatusCode> {
    caller.require(&action::TOKEN_REVOKE, &id.to_string())?;
    access.revoke_token(id, &caller).await?;
    Ok(StatusCode::NO_CONTENT)
}
