//! Answers in the words of OAuth.

use axum::Json;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::json;

use crate::model::Refusal;

/// The answer `body`, which no cache may keep.
pub(super) fn fresh(body: impl Serialize) -> Response {
    let headers: [(HeaderName, &str); 2] = [
        (header::CACHE_CONTROL, "no-store"),
        (header::PRAGMA, "no-cache"),
    ];
    (headers, Json(body)).into_response()
}

/// The answer of an endpoint that is asked by programs.
impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status()).unwrap_or(StatusCode::BAD_REQUEST);
        let body = json!({ "error": self.error, "error_description": self.description });
        let mut response = (status, fresh(body)).into_response();
        *response.status_mut() = status;
        let headers = response.headers_mut();
        let challenge = match self.error {
            "invalid_client" => Some("Basic realm=\"trunkline\", charset=\"UTF-8\""),
            "invalid_token" => Some("Bearer realm=\"trunkline\", error=\"invalid_token\""),
            "insufficient_scope" => {
                Some("Bearer realm=\"trunkline\", error=\"insufficient_scope\", scope=\"openid\"")
            }
            _ => None,
        };
        if let Some(challenge) = challenge {
            headers.insert(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static(challenge),
            );
        }
        if let Some(wait) = self.retry_after {
            let seconds = wait.as_secs().saturating_add(1);
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// Sends a browser to `uri` with a GET.
pub(super) fn see_other(uri: &str) -> Response {
    match HeaderValue::try_from(uri) {
        Ok(value) => (StatusCode::SEE_OTHER, [(header::LOCATION, value)]).into_response(),
        Err(_) => Refusal::server_error().into_response(),
    }
}

/// `uri` with `pairs` added to its query.
pub(super) fn with_query(uri: &str, pairs: &[(&str, &str)]) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish();
    let joint = if uri.ends_with(['?', '&']) {
        ""
    } else if uri.contains('?') {
        "&"
    } else {
        "?"
    };
    if query.is_empty() {
        uri.into()
    } else {
        format!("{uri}{joint}{query}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_added_to_whatever_there_is() {
        let pairs = [("code", "a b"), ("state", "&")];
        assert_eq!(
            with_query("https://a/cb", &pairs),
            "https://a/cb?code=a+b&state=%26"
        );
        assert_eq!(
            with_query("https://a/cb?t=1", &pairs),
            "https://a/cb?t=1&code=a+b&state=%26"
        );
        assert_eq!(
            with_query("https://a/cb?", &pairs),
            "https://a/cb?code=a+b&state=%26"
        );
        assert_eq!(with_query("https://a/cb", &[]), "https://a/cb");
    }
}
