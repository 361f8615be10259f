//! Credentials and the port that turns one into a principal.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use axum::http::{HeaderMap, HeaderValue, header};
use trunkline_model::{Coded, ErrorCode, Principal, code};

use crate::{ClientAddress, Problem};

/// The name of the cookie that carries a session.
pub const SESSION_COOKIE: &str = "trunkline_session";

/// The same where people reach the platform over TLS: the prefix binds it to this very host.
pub const SECURE_SESSION_COOKIE: &str = "__Host-trunkline_session";

/// The header that carries an API token, for clients that cannot send `Authorization`.
pub const KEY_HEADER: &str = "x-api-key";

/// What every API token begins with.
pub const TOKEN_PREFIX: &str = "tl_";

/// Takes the platform's own credentials out of headers that go to somebody else: who gets one could act as its holder.
pub fn take_credentials(headers: &mut HeaderMap) {
    let is_token = |value: &HeaderValue| {
        let text = value.as_bytes();
        let token = text
            .split_at_checked("bearer ".len())
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case(b"bearer "))
            .map_or(text, |(_, token)| token.trim_ascii_start());
        token.starts_with(TOKEN_PREFIX.as_bytes())
    };
    for name in [header::AUTHORIZATION.as_str(), KEY_HEADER] {
        if headers.get_all(name).iter().any(is_token) {
            headers.remove(name);
        }
    }
    if headers.get_all(header::COOKIE).iter().any(has_session) {
        let cookies: Vec<_> = headers.get_all(header::COOKIE).iter().cloned().collect();
        headers.remove(header::COOKIE);
        for value in cookies.iter().filter_map(without_session) {
            headers.append(header::COOKIE, value);
        }
    }
}

/// Whether this piece of a `Cookie` header is a session.
fn is_session(pair: &[u8]) -> bool {
    let name = pair.split(|byte| *byte == b'=').next().unwrap_or_default();
    [SESSION_COOKIE, SECURE_SESSION_COOKIE]
        .iter()
        .any(|own| own.as_bytes() == name.trim_ascii())
}

fn has_session(value: &HeaderValue) -> bool {
    value.as_bytes().split(|byte| *byte == b';').any(is_session)
}

/// The `Cookie` header without sessions; nothing where nothing is left.
fn without_session(value: &HeaderValue) -> Option<HeaderValue> {
    let pieces = value.as_bytes().split(|byte| *byte == b';');
    let rest: Vec<_> = pieces.filter(|pair| !is_session(pair)).collect();
    let rest = rest.join(&b';');
    HeaderValue::from_bytes(rest.trim_ascii())
        .ok()
        .filter(|rest| !rest.is_empty())
}

/// What a request shows to prove who sent it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Credential<'a> {
    /// An API token, from `Authorization: Bearer`.
    Token(&'a str),
    /// A session, from the cookie [`SESSION_COOKIE`].
    Session(&'a str),
}

impl<'a> Credential<'a> {
    /// The credential in `headers`. A token comes before a cookie: who sends one means it.
    #[must_use]
    pub fn from_headers(headers: &'a HeaderMap) -> Option<Self> {
        match headers.get(header::AUTHORIZATION) {
            Some(value) => bearer(value.to_str().ok()?).map(Self::Token),
            None => session_cookie(headers).map(Self::Session),
        }
    }
}

/// A credential is never written to a log, so its text stays out.
impl fmt::Debug for Credential<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Token(_) => "Token(..)",
            Self::Session(_) => "Session(..)",
        })
    }
}

fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

/// The text of the session cookie in `headers`.
#[must_use]
pub fn session_cookie(headers: &HeaderMap) -> Option<&str> {
    // A neighbour on the same domain can plant the one name, and never the other.
    cookie_called(headers, SECURE_SESSION_COOKIE).or_else(|| cookie_called(headers, SESSION_COOKIE))
}

/// The text of the cookie called `wanted` in `headers`, unless it is empty.
#[must_use]
pub fn cookie_called<'a>(headers: &'a HeaderMap, wanted: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(name, value)| (name == wanted && !value.is_empty()).then_some(value))
}

/// Why a credential was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// There was none.
    #[error("the request has no credential")]
    Missing,
    /// It is unknown, revoked, expired or mistyped; which of them is not told.
    #[error("the credential is unknown, revoked, expired or mistyped")]
    Invalid,
    /// Too many wrong credentials came from this address.
    #[error("too many wrong credentials came from this address")]
    Limited {
        /// How long to wait.
        retry_after: Duration,
    },
    /// It could not be checked.
    #[error("the credential could not be checked")]
    Failed {
        /// The code of the cause.
        code: &'static ErrorCode,
        /// The cause.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
}

impl Coded for AuthError {
    fn code(&self) -> &'static ErrorCode {
        match self {
            Self::Missing => &code::ACCESS_NO_CREDENTIAL,
            Self::Invalid => &code::ACCESS_BAD_CREDENTIAL,
            Self::Limited { .. } => &code::ACCESS_RATE,
            Self::Failed { code, .. } => code,
        }
    }
}

impl AuthError {
    /// The problem that it is to a client, with `Retry-After` where waiting helps.
    #[must_use]
    pub fn into_problem(self) -> Problem {
        let problem = Problem::from_error(&self);
        match self {
            Self::Limited { retry_after } => problem.retry_after(retry_after),
            _ => problem,
        }
    }
}

/// Turns a credential into the principal that it belongs to.
#[async_trait]
pub trait Authenticate: Send + Sync + fmt::Debug {
    /// The principal of `credential`, which came from `client`. Called for each request, so it must be fast.
    ///
    /// # Errors
    /// [`AuthError`] when the credential is not accepted or cannot be checked.
    async fn authenticate(
        &self,
        credential: Credential<'_>,
        client: ClientAddress,
    ) -> Result<Principal, AuthError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(header::HeaderName, &'static str)]) -> HeaderMap {
        let value = |text| header::HeaderValue::from_static(text);
        pairs
            .iter()
            .map(|(name, text)| (name.clone(), value(text)))
            .collect()
    }

    #[test]
    fn own_credentials_do_not_leave_the_platform() {
        let mut all = headers(&[
            (header::AUTHORIZATION, "bearer tl_a_b"),
            (header::HeaderName::from_static(KEY_HEADER), "tl_a_b"),
            (header::COOKIE, "a=b; trunkline_session=s; c=d"),
            (header::ACCEPT, "text/plain"),
        ]);
        take_credentials(&mut all);
        assert_eq!(all.len(), 2);
        assert_eq!(all[header::COOKIE], "a=b; c=d");
        let mut only = headers(&[(header::COOKIE, "__Host-trunkline_session=s")]);
        take_credentials(&mut only);
        assert!(only.is_empty());
        // What is somebody else's stays.
        let mut others = headers(&[
            (header::AUTHORIZATION, "Bearer eyJ.a.b"),
            (header::HeaderName::from_static(KEY_HEADER), "k-1"),
            (header::COOKIE, "session=1"),
        ]);
        let before = others.clone();
        take_credentials(&mut others);
        assert_eq!(others, before);
    }

    #[test]
    fn a_token_comes_before_a_cookie() {
        let both = headers(&[
            (header::AUTHORIZATION, "bearer  tl_1"),
            (header::COOKIE, "a=b; trunkline_session=s1"),
        ]);
        assert_eq!(
            Credential::from_headers(&both),
            Some(Credential::Token("tl_1"))
        );
        let cookie = headers(&[(header::COOKIE, "a=b; trunkline_session=s1; c=d")]);
        assert_eq!(
            Credential::from_headers(&cookie),
            Some(Credential::Session("s1"))
        );
    }

    #[test]
    fn anything_else_is_no_credential() {
        for text in ["Basic YTpi", "Bearer", "Bearer ", "tl_1"] {
            assert_eq!(
                Credential::from_headers(&headers(&[(header::AUTHORIZATION, text)])),
                None
            );
        }
        for text in [
            "trunkline_session=",
            "xtrunkline_session=a",
            "trunkline_session",
        ] {
            assert_eq!(
                Credential::from_headers(&headers(&[(header::COOKIE, text)])),
                None
            );
        }
    }

    #[test]
    fn the_log_never_shows_a_credential() {
        assert_eq!(format!("{:?}", Credential::Token("tl_secret")), "Token(..)");
    }
}
