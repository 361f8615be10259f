//! The endpoints that clients ask: tokens, device codes, introspection, revocation.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use trunkline_web::ClientAddress;

use super::answer::fresh;
use crate::Issuer;
use crate::model::{Client, ClientKind, Params, Refusal};

/// The form in the body and the client that sent it.
fn read(
    issuer: &Issuer,
    headers: &HeaderMap,
    body: &str,
    address: ClientAddress,
) -> Result<(Arc<Client>, Params), Refusal> {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let essence = kind
        .and_then(|text| text.split(';').next())
        .unwrap_or_default()
        .trim();
    if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(Refusal::invalid_request(
            "the body must be application/x-www-form-urlencoded",
        ));
    }
    let params = Params::parse(body);
    let authorization = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let client = issuer.identify(authorization, &params, address)?;
    Ok((client, params))
}

/// `/oidc/token`.
pub(super) async fn token(
    State(issuer): State<Arc<Issuer>>,
    address: ClientAddress,
    headers: HeaderMap,
    body: String,
) -> Result<Response, Refusal> {
    let (client, params) = read(&issuer, &headers, &body, address)?;
    let answer = match params.get("grant_type") {
        Some("authorization_code") => issuer.exchange_code(&client, &params).await,
        Some("refresh_token") => issuer.exchange_refresh(&client, &params).await,
        Some("client_credentials") => issuer.client_credentials(&client, &params).await,
        Some("urn:ietf:params:oauth:grant-type:device_code") => {
            issuer.exchange_device(&client, &params).await
        }
        Some(_) => Err(Refusal::new(
            "unsupported_grant_type",
            "see grant_types_supported in the description",
        )),
        None => Err(Refusal::invalid_request("grant_type is missing")),
    };
    if answer
        .as_ref()
        .is_err_and(|refusal| refusal.error == "invalid_grant")
    {
        issuer.was_wrong(address);
    }
    answer.map(fresh)
}

/// `/oidc/device_authorization`.
pub(super) async fn device_authorization(
    State(issuer): State<Arc<Issuer>>,
    address: ClientAddress,
    headers: HeaderMap,
    body: String,
) -> Result<Response, Refusal> {
    let (client, params) = read(&issuer, &headers, &body, address)?;
    issuer.start_device(&client, &params).await.map(fresh)
}

/// `/oidc/introspect`. Only who can keep a secret may ask: everybody else could only be fishing.
pub(super) async fn introspect(
    State(issuer): State<Arc<Issuer>>,
    address: ClientAddress,
    headers: HeaderMap,
    body: String,
) -> Result<Response, Refusal> {
    let (client, params) = read(&issuer, &headers, &body, address)?;
    if client.kind == ClientKind::Public {
        return Err(Refusal::invalid_client());
    }
    let text = params
        .get("token")
        .ok_or_else(|| Refusal::invalid_request("token is missing"))?;
    Ok(fresh(issuer.inspect(&client, text).await?))
}

/// `/oidc/revoke`. The answer is the same whatever the token was.
pub(super) async fn revoke(
    State(issuer): State<Arc<Issuer>>,
    address: ClientAddress,
    headers: HeaderMap,
    body: String,
) -> Result<Response, Refusal> {
    let (client, params) = read(&issuer, &headers, &body, address)?;
    let text = params
        .get("token")
        .ok_or_else(|| Refusal::invalid_request("token is missing"))?;
    issuer.revoke(&client, text).await?;
    Ok(StatusCode::OK.into_response())
}
