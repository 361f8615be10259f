//! `/v1/oidc/clients`: the registered clients; for owners.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use trunkline_model::action;
use trunkline_web::{Body, Caller, Path, Problem, Reply};
use utoipa::ToSchema;

use crate::{
    Client, ClientChange, ClientId, ClientKind, ClientSecret, ClientSettings, GrantType, Issuer,
};

/// All clients.
#[derive(Serialize, ToSchema)]
pub(super) struct ClientList {
    /// The address to give to a client library: the `issuer`.
    #[schema(example = "https://trunkline.example.com")]
    issuer: String,
    clients: Vec<Client>,
}

/// A client that is to be registered.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ClientRequest {
    /// Whether it can keep a secret.
    kind: ClientKind,
    /// The name that people see: 1 to 64 letters, digits, spaces, `.`, `_` or `-`.
    #[schema(example = "shop")]
    name: String,
    /// Where people come back to.
    redirect_uris: Option<Vec<String>>,
    /// Where people come back to after signing out.
    post_logout_redirect_uris: Option<Vec<String>>,
    /// The scopes that it may ask for; `openid profile email groups offline_access` where it is missing.
    scopes: Option<Vec<String>>,
    /// The `aud` of its access tokens; the issuer where it is missing.
    audiences: Option<Vec<String>>,
    /// How it may come by tokens; `authorization_code` and `refresh_token` where it is missing.
    grants: Option<Vec<GrantType>>,
    /// Whether people are not asked; they are where it is missing.
    trusted: Option<bool>,
}

impl ClientRequest {
    fn settings(self) -> ClientSettings {
        ClientSettings::default().changed(ClientChange {
            name: Some(self.name),
            redirect_uris: self.redirect_uris,
            post_logout_redirect_uris: self.post_logout_redirect_uris,
            scopes: self.scopes,
            audiences: self.audiences,
            grants: self.grants,
            trusted: self.trusted,
        })
    }
}

/// A client that was registered.
#[derive(Serialize, ToSchema)]
pub(super) struct ClientCreated {
    /// The secret of a confidential client, shown this once.
    #[schema(required = true)]
    client_secret: Option<String>,
    #[serde(flatten)]
    client: Client,
}

/// A secret that was made.
#[derive(Serialize, ToSchema)]
pub(super) struct SecretCreated {
    /// The secret, shown this once.
    client_secret: String,
    #[serde(flatten)]
    secret: ClientSecret,
}

/// Lists the clients; for owners.
#[utoipa::path(
    get, path = "/v1/oidc/clients", tag = "issuer",
    responses(
        (status = 200, description = "all clients, the oldest first", body = ClientList),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list_clients(
    State(issuer): State<Arc<Issuer>>,
    caller: Caller,
) -> Reply<Json<ClientList>> {
    caller.require(&action::CLIENT_LIST, "")?;
    let clients = issuer
        .clients()
        .iter()
        .map(|client| Client::clone(client))
        .collect();
    Ok(Json(ClientList {
        issuer: issuer.url().into(),
        clients,
    }))
}

/// Registers a client; for owners.
#[utoipa::path(
    post, path = "/v1/oidc/clients", tag = "issuer", request_body = ClientRequest,
    responses(
        (status = 201, description = "registered; its secret is shown this once", body = ClientCreated),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn create_client(
    State(issuer): State<Arc<Issuer>>,
    caller: Caller,
    Body(request): Body<ClientRequest>,
) -> Reply<(StatusCode, Json<ClientCreated>)> {
    caller.require(&action::CLIENT_CHANGE, "")?;
    let kind = request.kind;
    let made = issuer
        .create_client(kind, request.settings(), &caller)
        .await?;
    let body = ClientCreated {
        client_secret: made.secret.map(|secret| secret.reveal().into()),
        client: made.client,
    };
    Ok((StatusCode::CREATED, Json(body)))
}

/// Changes a client; what is left out stays. For owners.
#[utoipa::path(
    patch, path = "/v1/oidc/clients/{id}", tag = "issuer", request_body = ClientChange,
    params(("id" = String, Path, description = "the client's id")),
    responses(
        (status = 200, description = "changed", body = Client),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn change_client(
    State(issuer): State<Arc<Issuer>>,
    caller: Caller,
    Path(id): Path<ClientId>,
    Body(change): Body<ClientChange>,
) -> Reply<Json<Client>> {
    caller.require(&action::CLIENT_CHANGE, &id.to_string())?;
    let client = issuer.change_client(id, change, &caller).await?;
    Ok(Json(Client::clone(&client)))
}

/// Removes a client and takes back all that it was granted; for owners.
#[utoipa::path(
    delete, path = "/v1/oidc/clients/{id}", tag = "issuer",
    params(("id" = String, Path, description = "the client's id")),
    responses(
        (status = 204, description = "removed"),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn remove_client(
    State(issuer): State<Arc<Issuer>>,
    caller: Caller,
    Path(id): Path<ClientId>,
) -> Reply<StatusCode> {
    caller.require(&action::CLIENT_CHANGE, &id.to_string())?;
    issuer.remove_client(id, &caller).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Gives a client a second secret, so that the first can be exchanged; for owners.
#[utoipa::path(
    post, path = "/v1/oidc/clients/{id}/secrets", tag = "issuer",
    params(("id" = String, Path, description = "the client's id")),
    responses(
        (status = 201, description = "made; it is shown this once", body = SecretCreated),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn create_secret(
    State(issuer): State<Arc<Issuer>>,
    caller: Caller,
    Path(id): Path<ClientId>,
) -> Reply<(StatusCode, Json<SecretCreated>)> {
    caller.require(&action::CLIENT_CHANGE, &id.to_string())?;
    let (secret, text) = issuer.create_secret(id, &caller).await?;
    let client_secret = text.reveal().into();
    Ok((
        StatusCode::CREATED,
        Json(SecretCreated {
            client_secret,
            secret,
        }),
    ))
}

/// Removes a secret of a client at once; for owners.
#[utoipa::path(
    delete, path = "/v1/oidc/clients/{id}/secrets/{secret}", tag = "issuer",
    params(
        ("id" = String, Path, description = "the client's id"),
        ("secret" = String, Path, description = "the secret's id"),
    ),
    responses(
        (status = 204, description = "removed"),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn remove_secret(
    State(issuer): State<Arc<Issuer>>,
    caller: Caller,
    Path((id, secret)): Path<(ClientId, String)>,
) -> Reply<StatusCode> {
    caller.require(&action::CLIENT_CHANGE, &id.to_string())?;
    issuer.remove_secret(id, &secret, &caller).await?;
    Ok(StatusCode::NO_CONTENT)
}
