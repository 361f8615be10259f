//! `/v1/session/oidc`: signing in at another issuer.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use trunkline_model::{Coded, code};
use trunkline_web::{ClientAddress, Path, Problem, Query, Reply};

use super::check::Base;
use super::cookie;
use crate::{Access, AccessError, IssuerAnswer};

/// Where to go on afterwards.
#[derive(Deserialize)]
pub(super) struct Onward {
    next: Option<String>,
}

/// What the issuer sends a browser back with. It may send more.
#[derive(Deserialize)]
pub(super) struct Callback {
    code: Option<String>,
    state: Option<String>,
    iss: Option<String>,
}

/// Sends the browser to an issuer to sign in there.
#[utoipa::path(
    get, path = "/v1/session/oidc/{issuer}", tag = "access", security(()),
    params(
        ("issuer" = String, Path, description = "the issuer's id"),
        ("next" = Option<String>, Query, description = "a path of this platform to go on to afterwards"),
    ),
    responses(
        (status = 303, description = "to the issuer, or to `/sign-in?problem=CODE`"),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn begin_issuer(
    State(access): State<Arc<Access>>,
    client: ClientAddress,
    Base(base): Base,
    Path(issuer): Path<String>,
    Query(onward): Query<Onward>,
) -> Reply<Response> {
    let begun = access
        .begin_issuer_sign_in(&issuer, &base, onward.next.as_deref(), client)
        .await;
    match begun {
        Ok(start) => {
            let cookie = cookie::of_browser(&access, start.browser.reveal())?;
            see_other(&start.url, [cookie])
        }
        Err(error) => refused(&error, []),
    }
}

/// Takes the issuer's answer, signs in and sends the browser on.
#[utoipa::path(
    get, path = "/v1/session/oidc/{issuer}/callback", tag = "access", security(()),
    params(
        ("issuer" = String, Path, description = "the issuer's id"),
        ("code" = Option<String>, Query, description = "the code that buys an ID token"),
        ("state" = Option<String>, Query, description = "which sign-in it belongs to"),
        ("iss" = Option<String>, Query, description = "which issuer answers"),
    ),
    responses(
        (status = 303, description = "signed in, on to `next`; or to `/sign-in?problem=CODE`"),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn finish_issuer(
    State(access): State<Arc<Access>>,
    client: ClientAddress,
    headers: HeaderMap,
    Path(issuer): Path<String>,
    Query(callback): Query<Callback>,
) -> Reply<Response> {
    let answer = IssuerAnswer {
        code: callback.code,
        state: callback.state,
        iss: callback.iss,
    };
    let browser = cookie::browser_text(&access, &headers);
    let gone = cookie::no_browser(&access)?;
    match access
        .finish_issuer_sign_in(&issuer, answer, browser, client)
        .await
    {
        Ok((session, next)) => see_other(&next, [gone, cookie::of_session(&access, &session)?]),
        Err(error) => refused(&error, [gone]),
    }
}

/// A browser that follows addresses shows a page, not a problem document.
fn refused<const N: usize>(error: &AccessError, cookies: [HeaderValue; N]) -> Reply<Response> {
    let cause = std::error::Error::source(error)
        .map(ToString::to_string)
        .unwrap_or_default();
    tracing::info!(%error, cause, "refused a sign-in at an issuer");
    see_other(&format!("/sign-in?problem={}", error.code().code), cookies)
}

fn see_other<const N: usize>(to: &str, cookies: [HeaderValue; N]) -> Reply<Response> {
    let to = HeaderValue::try_from(to).map_err(|_| {
        Problem::new(
            &code::WEB_INTERNAL,
            "the address to go on to cannot be written",
        )
    })?;
    let mut response = (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response();
    for cookie in cookies {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}
