//! `/v1/session`: who is signed in.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use trunkline_model::{Principal, Timestamp, code};
use trunkline_web::{
    AuthError, Body, Caller, ClientAddress, Credential, Problem, Reply, SESSION_COOKIE, SameOrigin,
    session_cookie,
};
use utoipa::ToSchema;

use crate::{Access, AccessError, NewSession};

/// One of the two ways to sign in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SignIn {
    /// The code of a one-time link.
    link: Option<String>,
    /// An API token.
    token: Option<String>,
}

/// Who is signed in.
#[derive(Serialize, ToSchema)]
pub(super) struct Session {
    principal: SessionPrincipal,
    /// When the credential stops being good unless it is used; never where it is null.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    expires: Option<Timestamp>,
}

/// An identity that has shown a credential.
#[derive(Serialize, ToSchema)]
pub(super) struct SessionPrincipal {
    /// `account` for a person, `token` for a program or whoever pasted its token.
    #[schema(example = "account")]
    kind: &'static str,
    /// The id of the account or token.
    id: String,
    /// The name that people know it by.
    name: String,
    /// What it may do: `read`, `write`, `owner`.
    #[schema(value_type = Vec<String>, example = json!(["owner"]))]
    scopes: Vec<trunkline_model::Scope>,
}

impl From<Principal> for SessionPrincipal {
    fn from(principal: Principal) -> Self {
        use trunkline_model::PrincipalKind::{Account, Job, Platform, Service, Token};
        Self {
            kind: match principal.kind {
                Account => "account",
                Token => "token",
                Service => "service",
                Job => "job",
                Platform => "platform",
            },
            id: principal.id,
            name: principal.name,
            scopes: principal.scopes,
        }
    }
}

/// Signs in with a one-time link or an API token and sets the session cookie.
#[utoipa::path(
    post, path = "/v1/session", tag = "access", security(()), request_body = SignIn,
    responses(
        (status = 200, description = "signed in; the cookie `trunkline_session` is set", body = Session),
        (status = "4XX", description = "not signed in", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn sign_in(
    State(access): State<Arc<Access>>,
    _same_origin: SameOrigin,
    client: ClientAddress,
    Body(wanted): Body<SignIn>,
) -> Reply<Response> {
    let begun = match (wanted.link, wanted.token) {
        (Some(code), None) => access.sign_in_with_link(&code, client).await,
        (None, Some(token)) => access.sign_in_with_token(token.trim(), client).await,
        _ => {
            let detail = "give either `link` or `token`";
            return Err(Problem::new(&code::WEB_BODY_INVALID, detail));
        }
    };
    let session = begun.map_err(refusal)?;
    let cookie = cookie(&access, &session)?;
    let body = Session {
        principal: session.principal.into(),
        expires: Some(session.expires),
    };
    Ok(([(header::SET_COOKIE, cookie)], Json(body)).into_response())
}

/// The cookie of `session`. It is kept to the end of the session's longest life; the platform alone knows when it ends earlier.
fn cookie(access: &Access, session: &NewSession) -> Reply<HeaderValue> {
    let seconds = session.lasts_seconds();
    let secret = session.secret.reveal();
    let tls = access
        .public_url()
        .is_some_and(|url| url.starts_with("https://"));
    let secure = if tls { "; Secure" } else { "" };
    let text = format!(
        "{SESSION_COOKIE}={secret}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}"
    );
    HeaderValue::try_from(text)
        .map_err(|_| Problem::new(&code::WEB_INTERNAL, "the session cookie cannot be written"))
}

/// Keeps the time to wait, which [`AccessError`] alone would lose on its way to a problem.
fn refusal(error: AccessError) -> Problem {
    match error {
        AccessError::RateLimited { .. } => AuthError::from(error).into_problem(),
        other => Problem::from(other),
    }
}

/// Says who sends this request.
#[utoipa::path(
    get, path = "/v1/session", tag = "access",
    responses(
        (status = 200, description = "who sends this request", body = Session),
        (status = "4XX", description = "nobody is signed in", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn show_session(
    State(access): State<Arc<Access>>,
    client: ClientAddress,
    headers: HeaderMap,
    caller: Caller,
) -> Reply<Json<Session>> {
    let expires = match Credential::from_headers(&headers) {
        Some(credential) => access.expires(credential, client).await?,
        None => None,
    };
    Ok(Json(Session {
        principal: Principal::clone(&caller).into(),
        expires,
    }))
}

/// Signs out: ends the session of the cookie and removes the cookie.
#[utoipa::path(
    delete, path = "/v1/session", tag = "access",
    responses(
        (status = 204, description = "signed out"),
        (status = "4XX", description = "nobody is signed in", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn sign_out(
    State(access): State<Arc<Access>>,
    _caller: Caller,
    headers: HeaderMap,
) -> Reply<Response> {
    if let Some(cookie) = session_cookie(&headers) {
        access.sign_out(cookie).await?;
    }
    let gone = HeaderValue::from_static(
        "trunkline_session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0",
    );
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, gone)]).into_response())
}
