//! Whether a browser's request came from the platform's own pages.
//!
//! `SameSite=Strict` alone is not enough: a page on another port of the same host is the same site.

use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Method, Uri, header};
use trunkline_model::code;

use crate::{Problem, WebConfig};

/// The origins whose pages may act in the name of a signed-in person.
#[derive(Clone, Debug, Default)]
pub struct Origins(Arc<[String]>);

impl Origins {
    /// The configured origins, beside the one that each request names as its host.
    #[must_use]
    pub fn new(config: &WebConfig) -> Self {
        let trimmed = |origin: &String| origin.trim_end_matches('/').to_ascii_lowercase();
        Self(config.allowed_origins.iter().map(trimmed).collect())
    }

    /// Nothing where the request shows that it came from one of these origins.
    ///
    /// # Errors
    /// `TL-ACCESS-005` where it came from elsewhere, or does not say.
    pub fn require(&self, parts: &Parts) -> Result<(), Problem> {
        if self.matches(&parts.headers, &parts.uri) {
            return Ok(());
        }
        let detail = "a browser may change something only from a page of this platform, and must say so in `Origin`";
        Err(Problem::new(&code::ACCESS_ORIGIN, detail))
    }

    fn matches(&self, headers: &HeaderMap, uri: &Uri) -> bool {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let Some(origin) = text(header::ORIGIN) else {
            return text(header::HeaderName::from_static("sec-fetch-site")) == Some("same-origin");
        };
        let origin = origin.to_ascii_lowercase();
        let host = uri
            .authority()
            .map(Authority::as_str)
            .or_else(|| text(header::HOST));
        let own = origin
            .split_once("://")
            .zip(host)
            .is_some_and(|((scheme, authority), host)| {
                matches!(scheme, "http" | "https") && authority.eq_ignore_ascii_case(host)
            });
        own || self.0.contains(&origin)
    }
}

/// Whether a request may have an effect, so that its origin matters: an unsafe method, or a WebSocket, which no browser keeps a
/// foreign page from opening.
pub(crate) fn has_effect(parts: &Parts) -> bool {
    let safe = matches!(
        parts.method,
        Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE
    );
    !safe || parts.headers.contains_key(header::UPGRADE)
}

/// Refuses a browser's request from another origin at an address that needs no credential, such as sign-in.
///
/// A program that sends no `Origin` passes: it carries nobody's cookie.
#[derive(Clone, Copy, Debug)]
pub struct SameOrigin;

impl<S: Send + Sync> FromRequestParts<S> for SameOrigin
where
    Origins: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        if parts.headers.contains_key(header::ORIGIN) {
            Origins::from_ref(state).require(parts)?;
        }
        Ok(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    fn allowed(headers: &[(&str, &str)]) -> bool {
        let origins = Origins::new(&WebConfig {
            allowed_origins: vec!["https://Ops.example.com/".into()],
            ..WebConfig::default()
        });
        let mut request = Request::post("/v1/tokens").header("host", "localhost:7070");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        origins
            .require(&request.body(()).unwrap().into_parts().0)
            .is_ok()
    }

    #[test]
    fn only_the_own_origin_passes() {
        assert!(allowed(&[("origin", "http://localhost:7070")]));
        assert!(allowed(&[("origin", "https://ops.example.com")]));
        assert!(
            !allowed(&[("origin", "http://localhost:3000")]),
            "another port is another origin"
        );
        assert!(!allowed(&[("origin", "http://evil.example")]));
        assert!(!allowed(&[("origin", "null")]));
        assert!(!allowed(&[("origin", "file://localhost:7070")]));
    }

    #[test]
    fn without_an_origin_the_browser_must_say_so_itself() {
        assert!(!allowed(&[]));
        assert!(allowed(&[("sec-fetch-site", "same-origin")]));
        assert!(!allowed(&[("sec-fetch-site", "same-site")]));
    }
}
