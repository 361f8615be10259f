//! HTTP Basic, for clients that know nothing else, such as git.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// What a client is told that shows no credential: it then asks its user, or whoever keeps its passwords.
const CHALLENGE: HeaderValue =
    HeaderValue::from_static("Basic realm=\"trunkline\", charset=\"UTF-8\"");

/// Middleware that takes the password of HTTP Basic for an API token, whatever the name beside it is. Put it around
/// [`crate::require_credential`], which decides whether the token is good.
pub async fn accept_basic(mut request: Request, next: Next) -> Response {
    if let Some(token) = password(request.headers()) {
        request.headers_mut().insert(header::AUTHORIZATION, token);
    }
    let mut response = next.run(request).await;
    if response.status() == StatusCode::UNAUTHORIZED {
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, CHALLENGE);
    }
    response
}

/// The token that a password is, as a header with a bearer's token has it.
fn password(headers: &HeaderMap) -> Option<HeaderValue> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = STANDARD.decode(encoded.trim()).ok()?;
    let (_, password) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
    let mut token = HeaderValue::from_str(&format!("Bearer {password}")).ok()?;
    token.set_sensitive(true);
    Some(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, value.parse().unwrap());
        Some(password(&headers)?.to_str().unwrap().to_owned())
    }

    #[test]
    fn the_password_is_the_token() {
        let encode = |text: &str| format!("Basic {}", STANDARD.encode(text));
        assert_eq!(read(&encode("git:tl_a_b")).unwrap(), "Bearer tl_a_b");
        assert_eq!(read(&encode(":tl_a:b")).unwrap(), "Bearer tl_a:b");
        for wrong in ["Bearer tl_a_b", "Basic ", "Basic !!", &encode("tl_a_b")] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
