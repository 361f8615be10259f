//! Cookies: the session's, and the one that binds a sign-in at an issuer to its browser.

use std::sync::Arc;

use axum::http::{HeaderMap, HeaderValue};
use trunkline_model::code;
use trunkline_web::{ClientAddress, Problem, Reply, SESSION_COOKIE, cookie_called, session_cookie};

use crate::{Access, NewSession};

/// Before the name of a cookie that no other host and no plain HTTP may have set.
const HOST_PREFIX: &str = "__Host-";

/// The cookie of a sign-in at an issuer.
const BROWSER: &str = "trunkline_issuer";

/// Seconds that a person may take at the issuer.
const BROWSER_LIFE: i64 = 600;

fn is_tls(access: &Access) -> bool {
    access
        .public_url()
        .is_some_and(|url| url.starts_with("https://"))
}

/// The cookie of `session`. It is kept to the end of the session's longest life; the platform alone knows when it ends earlier.
pub(super) fn of_session(access: &Access, session: &NewSession) -> Reply<HeaderValue> {
    let life = session.lasts_seconds();
    cookie(
        access,
        SESSION_COOKIE,
        session.secret.reveal(),
        "Strict",
        life,
    )
}

/// What removes the cookie of a session.
pub(super) fn no_session(access: &Access) -> Reply<HeaderValue> {
    cookie(access, SESSION_COOKIE, "", "Strict", 0)
}

/// The cookie of a sign-in at an issuer. `Lax`, since the issuer's page sends the browser back with it.
pub(super) fn of_browser(access: &Access, secret: &str) -> Reply<HeaderValue> {
    cookie(access, BROWSER, secret, "Lax", BROWSER_LIFE)
}

/// What removes the cookie of a sign-in at an issuer.
pub(super) fn no_browser(access: &Access) -> Reply<HeaderValue> {
    cookie(access, BROWSER, "", "Lax", 0)
}

fn cookie(access: &Access, name: &str, value: &str, site: &str, life: i64) -> Reply<HeaderValue> {
    let (prefix, secure) = if is_tls(access) {
        (HOST_PREFIX, "; Secure")
    } else {
        ("", "")
    };
    let text = format!(
        "{prefix}{name}={value}; Path=/; HttpOnly; SameSite={site}; Max-Age={life}{secure}"
    );
    HeaderValue::try_from(text)
        .map_err(|_| Problem::new(&code::WEB_INTERNAL, "the cookie cannot be written"))
}

/// The text of the session's cookie.
pub(super) fn session_text<'a>(access: &Access, headers: &'a HeaderMap) -> Option<&'a str> {
    if is_tls(access)
        && let Some(text) = cookie_called(headers, &format!("{HOST_PREFIX}{SESSION_COOKIE}"))
    {
        return Some(text);
    }
    session_cookie(headers)
}

/// The text of the cookie of a sign-in at an issuer.
pub(super) fn browser_text<'a>(access: &Access, headers: &'a HeaderMap) -> Option<&'a str> {
    let prefix = if is_tls(access) { HOST_PREFIX } else { "" };
    cookie_called(headers, &format!("{prefix}{BROWSER}"))
}

/// The id of the session that asks, where one does.
pub(super) async fn current_session(
    access: &Arc<Access>,
    headers: &HeaderMap,
    client: ClientAddress,
) -> Option<String> {
    let text = session_text(access, headers)?;
    let known = access.look_up_session(text, client).await.ok()?;
    Some(known.id.clone())
}
