//! `/oidc/userinfo`.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use trunkline_web::Credential;

use super::answer::fresh;
use crate::Issuer;
use crate::model::Refusal;

/// What the bearer of an access token may know about its person.
pub(super) async fn user_info(
    State(issuer): State<Arc<Issuer>>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let Some(Credential::Token(text)) = Credential::from_headers(&headers) else {
        // Without a token there is nothing wrong with it, so the challenge has no error (RFC 6750, section 3.1).
        let challenge = HeaderValue::from_static("Bearer realm=\"trunkline\"");
        return Ok((
            StatusCode::UNAUTHORIZED,
            [(header::WWW_AUTHENTICATE, challenge)],
        )
            .into_response());
    };
    issuer.user_info(text).await.map(fresh)
}
