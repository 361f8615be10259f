//! `/v1/session`: who is signed in.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use trunkline_model::{Principal, Role, Timestamp, code};
use trunkline_web::{Body, Caller, ClientAddress, Credential, Problem, Reply, SameOrigin};
use utoipa::ToSchema;

use super::cookie;
use crate::{Access, AccessError, NewSession};

/// One of the ways to sign in: `link`, or `token`, or `email` and `password`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SignIn {
    /// The code of a one-time link.
    link: Option<String>,
    /// An API token.
    token: Option<String>,
    /// The email of an account.
    email: Option<String>,
    /// The password that belongs to it.
    password: Option<String>,
    /// Six digits of an authenticator app, or a recovery code; where `TL-ACCESS-011` asked for it.
    code: Option<String>,
}

/// The ways to sign in.
#[derive(Serialize, ToSchema)]
pub(super) struct Ways {
    password: bool,
    passkey: bool,
    /// Issuers with which people may sign in.
    issuers: Vec<WayIssuer>,
}

/// An issuer with which people may sign in.
#[derive(Serialize, ToSchema)]
pub(super) struct WayIssuer {
    id: String,
    name: String,
}

/// Says how one may sign in.
#[utoipa::path(
    get, path = "/v1/sign-in", tag = "access", security(()),
    responses((status = 200, description = "the ways to sign in", body = Ways))
)]
pub(super) async fn ways(State(access): State<Arc<Access>>) -> Json<Ways> {
    let issuers = access.issuers().into_iter();
    Json(Ways {
        password: true,
        passkey: true,
        issuers: issuers.map(|(id, name)| WayIssuer { id, name }).collect(),
    })
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
    /// What it is in the team: `viewer`, `developer`, `operator` or `owner`.
    #[schema(value_type = String, example = "owner")]
    role: Role,
    /// The teams that it belongs to, in the order of the alphabet.
    teams: Vec<String>,
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
            role: principal.role,
            teams: principal.teams,
            scopes: principal.scopes,
        }
    }
}

/// Signs in with a one-time link, an API token, or an email and a password, and sets the session cookie.
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
    let begun = match wanted {
        SignIn {
            link: Some(code),
            token: None,
            email: None,
            password: None,
            code: None,
        } => access.sign_in_with_link(&code, client).await,
        SignIn {
            link: None,
            token: Some(token),
            email: None,
            password: None,
            code: None,
        } => access.sign_in_with_token(token.trim(), client).await,
        SignIn {
            link: None,
            token: None,
            email: Some(email),
            password: Some(password),
            code,
        } => {
            let wanted = crate::SignIn {
                email: &email,
                password: &password,
                code: code.as_deref(),
            };
            access.sign_in_with_password(wanted, client).await
        }
        _ => {
            let detail = "give either `link`, or `token`, or `email` and `password`";
            return Err(Problem::new(&code::WEB_BODY_INVALID, detail));
        }
    };
    signed_in(&access, begun.map_err(AccessError::into_problem)?)
}

/// The answer to who signed in.
pub(super) fn signed_in(access: &Access, session: NewSession) -> Reply<Response> {
    let cookie = cookie::of_session(access, &session)?;
    let body = Session {
        principal: session.principal.into(),
        expires: Some(session.expires),
    };
    Ok(([(header::SET_COOKIE, cookie)], Json(body)).into_response())
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
    let credential = Credential::from_headers(&headers)
        .or_else(|| cookie::session_text(&access, &headers).map(Credential::Session));
    let expires = match credential {
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
    if let Some(text) = cookie::session_text(&access, &headers) {
        access.sign_out(text).await?;
    }
    let gone = cookie::no_session(&access)?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, gone)]).into_response())
}
