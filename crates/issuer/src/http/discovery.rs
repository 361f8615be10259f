//! What a client library reads first, and the keys.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::Issuer;
use crate::model::STANDARD;

/// Seconds for which the keys and the description may be kept: far less than the day for which a key is shown before it signs.
const CACHE: &str = "public, max-age=900";

/// `/.well-known/openid-configuration` and `/.well-known/oauth-authorization-server`.
pub(super) async fn describe(State(issuer): State<Arc<Issuer>>) -> Response {
    (
        [(header::CACHE_CONTROL, CACHE)],
        Json(document(issuer.url())),
    )
        .into_response()
}

/// `/oidc/jwks`.
pub(super) async fn keys(State(issuer): State<Arc<Issuer>>) -> Response {
    let headers = [
        (header::CACHE_CONTROL, CACHE),
        (header::CONTENT_TYPE, "application/jwk-set+json"),
    ];
    (headers, issuer.jwks().to_string()).into_response()
}

fn document(issuer: &str) -> Value {
    let at = |path: &str| format!("{issuer}/oidc/{path}");
    let secrets = ["client_secret_basic", "client_secret_post"];
    json!({
        "issuer": issuer,
        "authorization_endpoint": at("authorize"),
        "token_endpoint": at("token"),
        "userinfo_endpoint": at("userinfo"),
        "jwks_uri": at("jwks"),
        "introspection_endpoint": at("introspect"),
        "revocation_endpoint": at("revoke"),
        "end_session_endpoint": at("logout"),
        "device_authorization_endpoint": at("device_authorization"),
        "scopes_supported": STANDARD,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": [
            "authorization_code", "refresh_token", "client_credentials",
            "urn:ietf:params:oauth:grant-type:device_code",
        ],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "revocation_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "introspection_endpoint_auth_methods_supported": secrets,
        "code_challenge_methods_supported": ["S256"],
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "claim_types_supported": ["normal"],
        "claims_supported": [
            "iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "at_hash", "amr",
            "name", "preferred_username", "email", "email_verified", "groups", "role",
        ],
        "claims_parameter_supported": false,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "require_request_uri_registration": false,
        "authorization_response_iss_parameter_supported": true,
        "ui_locales_supported": ["en"],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_description_is_an_outside_shape() {
        insta::assert_json_snapshot!(document("https://ops.example.com"));
    }
}
