//! `/v1/things/{thing}/certificates`, `/v1/certificates`, `/v1/authorities` and `/v1/join-tokens`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use trunkline_authority::Known;
use trunkline_model::{Timestamp, action};
use trunkline_web::{Body, Caller, Path, Problem, Reply};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::service::DAYS;
use super::{Certificate, CertificateStatus, Issued, JoinToken, NewJoinToken};
use crate::Fleet;
use crate::http::Shared;

/// Certificates.
#[derive(Serialize, ToSchema)]
struct Certificates {
    certificates: Vec<Certificate>,
}

/// A certificate that is to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewCertificate {
    /// A certificate signing request as PEM. Without one the platform makes the private key too.
    request: Option<String>,
    /// For how many days; at most 3,650.
    #[serde(default = "days")]
    #[schema(minimum = 1, maximum = 3_650)]
    days: u32,
}

const fn days() -> u32 {
    DAYS
}

/// A certificate that was made.
#[derive(Serialize, ToSchema)]
pub(crate) struct MadeCertificate {
    certificate: Certificate,
    /// Its text.
    pem: String,
    /// What stands between it and the root.
    chain: String,
    /// The root, by which the device knows the broker.
    root: String,
    /// Its private key, where the platform made that. It is shown this once.
    private_key: Option<String>,
}

/// A certificate with its text.
#[derive(Serialize, ToSchema)]
struct ShownCertificate {
    certificate: Certificate,
    /// Its text.
    pem: String,
}

/// What a certificate is to be good for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewStatus {
    status: CertificateStatus,
}

/// The authority of the platform, and others.
#[derive(Serialize, ToSchema)]
struct Authorities {
    /// The platform's root certificate: what a device trusts.
    root: String,
    /// What stands between the certificates of devices and the root.
    chain: String,
    /// What a verification certificate of another authority has to be called.
    registration_code: String,
    /// Others, whose certificates may become devices.
    others: Vec<OtherAuthority>,
}

/// Another authority.
#[derive(Serialize, ToSchema)]
struct OtherAuthority {
    /// The SHA-256 of its certificate.
    id: String,
    /// Whose it is.
    subject: String,
    /// When it ends.
    #[schema(value_type = String, format = DateTime)]
    not_after: Timestamp,
}

impl From<Known> for OtherAuthority {
    fn from(known: Known) -> Self {
        Self {
            id: known.id,
            subject: known.subject,
            not_after: known.not_after,
        }
    }
}

/// Another authority that is to be registered.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewAuthority {
    /// Its certificate as PEM, with its chain where it is not a root.
    certificate: String,
    /// A certificate that it signed for the registration code, as PEM.
    verification: String,
}

/// Tokens by which devices join.
#[derive(Serialize, ToSchema)]
struct JoinTokens {
    tokens: Vec<JoinToken>,
}

/// A token that was made.
#[derive(Serialize, ToSchema)]
struct MadeToken {
    token: JoinToken,
    /// What a device shows. It is shown this once.
    secret: String,
}

/// A device that wants to join.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Joining {
    /// The secret of a join token.
    token: String,
    /// Its name.
    thing: String,
    /// Its certificate signing request as PEM.
    request: String,
}

impl MadeCertificate {
    pub(crate) fn of(fleet: &Fleet, issued: Issued) -> Self {
        Self {
            certificate: issued.certificate,
            pem: issued.pem,
            chain: fleet.authority().chain_pem(),
            root: fleet.authority().root_pem(),
            private_key: issued.private_key.map(|key| key.reveal().to_owned()),
        }
    }
}

/// Lists the certificates of a thing.
#[utoipa::path(
    get, path = "/v1/things/{thing}/certificates", tag = "certificates", operation_id = "listThingCertificates",
    params(("thing" = String, Path, description = "the thing")),
    responses(
        (status = 200, description = "its certificates", body = Certificates),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn of_thing(
    State(fleet): State<Arc<Fleet>>,
    caller: Caller,
    Path(thing): Path<String>,
) -> Reply<Json<Certificates>> {
    caller.require(&action::THING_READ, &thing)?;
    fleet.thing(&thing).await?;
    let certificates = fleet.certificates(Some(&thing)).await?;
    Ok(Json(Certificates { certificates }))
}

/// Makes a certificate for a thing.
#[utoipa::path(
    post, path = "/v1/things/{thing}/certificates", tag = "certificates", operation_id = "createThingCertificate",
    params(("thing" = String, Path, description = "the thing")), request_body = NewCertificate,
    responses(
        (status = 201, description = "the certificate", body = MadeCertificate),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn create(
    State(fleet): State<Arc<Fleet>>,
    caller: Caller,
    Path(thing): Path<String>,
    Body(wanted): Body<NewCertificate>,
) -> Reply<(StatusCode, Json<MadeCertificate>)> {
    caller.require(&action::THING_CHANGE, &thing)?;
    let issued = fleet
        .certify(&thing, wanted.request.as_deref(), wanted.days, &caller.id)
        .await?;
    Ok((
        StatusCode::CREATED,
        Json(MadeCertificate::of(&fleet, issued)),
    ))
}

/// Lists all certificates.
#[utoipa::path(
    get, path = "/v1/certificates", tag = "certificates", operation_id = "listCertificates",
    responses(
        (status = 200, description = "the certificates", body = Certificates),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn list(State(fleet): State<Arc<Fleet>>, caller: Caller) -> Reply<Json<Certificates>> {
    caller.require(&action::THING_READ, "")?;
    let certificates = fleet.certificates(None).await?;
    Ok(Json(Certificates { certificates }))
}

/// Shows a certificate.
#[utoipa::path(
    get, path = "/v1/certificates/{id}", tag = "certificates", operation_id = "showCertificate",
    params(("id" = String, Path, description = "the certificate")),
    responses(
        (status = 200, description = "the certificate", body = ShownCertificate),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn show(
    State(fleet): State<Arc<Fleet>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Reply<Json<ShownCertificate>> {
    let (certificate, pem) = fleet.certificate(&id).await?;
    caller.require(&action::THING_READ, holder(&certificate))?;
    Ok(Json(ShownCertificate { certificate, pem }))
}

/// Switches a certificate on or off, or takes it back for good; its connections end where it is not active any more.
#[utoipa::path(
    put, path = "/v1/certificates/{id}/status", tag = "certificates", operation_id = "setCertificateStatus",
    params(("id" = String, Path, description = "the certificate")), request_body = NewStatus,
    responses(
        (status = 200, description = "the certificate", body = Certificate),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn set_status(
    State(shared): State<Shared>,
    caller: Caller,
    Path(id): Path<String>,
    Body(wanted): Body<NewStatus>,
) -> Reply<Json<Certificate>> {
    let (certificate, _) = shared.fleet.certificate(&id).await?;
    caller.require(&action::THING_CHANGE, holder(&certificate))?;
    let changed = shared
        .fleet
        .set_status(&id, wanted.status, &caller.id)
        .await?;
    if changed.status != CertificateStatus::Active {
        shared.tell.disconnect(&id);
    }
    Ok(Json(changed))
}

/// The thing whose rights count for a certificate; one that is no thing's counts as all of them.
fn holder(certificate: &Certificate) -> &str {
    certificate.thing.as_deref().unwrap_or_default()
}

/// Shows the platform's authority and those that were registered.
#[utoipa::path(
    get, path = "/v1/authorities", tag = "certificates", operation_id = "listAuthorities",
    responses(
        (status = 200, description = "the authorities", body = Authorities),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn authorities(State(fleet): State<Arc<Fleet>>, caller: Caller) -> Reply<Json<Authorities>> {
    caller.require(&action::THING_READ, "")?;
    let others = fleet.authorities().await?;
    Ok(Json(Authorities {
        root: fleet.authority().root_pem(),
        chain: fleet.authority().chain_pem(),
        registration_code: fleet.registration_code(),
        others: others.into_iter().map(Into::into).collect(),
    }))
}

/// Registers another authority: devices with its certificates join by connecting.
#[utoipa::path(
    post, path = "/v1/authorities", tag = "certificates", operation_id = "addAuthority", request_body = NewAuthority,
    responses(
        (status = 201, description = "it is registered", body = OtherAuthority),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn add_authority(
    State(fleet): State<Arc<Fleet>>,
    caller: Caller,
    Body(wanted): Body<NewAuthority>,
) -> Reply<(StatusCode, Json<OtherAuthority>)> {
    caller.require(&action::THING_CHANGE, "")?;
    let known = fleet
        .add_authority(&wanted.certificate, &wanted.verification, &caller.id)
        .await?;
    Ok((StatusCode::CREATED, Json(known.into())))
}

/// Takes another authority away. Devices that joined by it stay.
#[utoipa::path(
    delete, path = "/v1/authorities/{id}", tag = "certificates", operation_id = "removeAuthority",
    params(("id" = String, Path, description = "the authority")),
    responses(
        (status = 204, description = "it is gone"),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn remove_authority(
    State(fleet): State<Arc<Fleet>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Reply<StatusCode> {
    caller.require(&action::THING_CHANGE, "")?;
    fleet.remove_authority(&id, &caller.id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lists the tokens by which devices join.
#[utoipa::path(
    get, path = "/v1/join-tokens", tag = "certificates", operation_id = "listJoinTokens",
    responses(
        (status = 200, description = "the tokens", body = JoinTokens),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn tokens(State(fleet): State<Arc<Fleet>>, caller: Caller) -> Reply<Json<JoinTokens>> {
    caller.require(&action::THING_READ, "")?;
    let tokens = fleet.join_tokens().await?;
    Ok(Json(JoinTokens { tokens }))
}

/// Makes a token by which devices join.
#[utoipa::path(
    post, path = "/v1/join-tokens", tag = "certificates", operation_id = "createJoinToken", request_body = NewJoinToken,
    responses(
        (status = 201, description = "the token and its secret", body = MadeToken),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn create_token(
    State(fleet): State<Arc<Fleet>>,
    caller: Caller,
    Body(wanted): Body<NewJoinToken>,
) -> Reply<(StatusCode, Json<MadeToken>)> {
    caller.require(&action::THING_CHANGE, "")?;
    let (token, secret) = fleet.create_join_token(wanted, &caller.id).await?;
    let secret = secret.reveal().to_owned();
    Ok((StatusCode::CREATED, Json(MadeToken { token, secret })))
}

/// Takes a token away.
#[utoipa::path(
    delete, path = "/v1/join-tokens/{id}", tag = "certificates", operation_id = "removeJoinToken",
    params(("id" = String, Path, description = "the token")),
    responses(
        (status = 204, description = "it is gone"),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn remove_token(
    State(fleet): State<Arc<Fleet>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Reply<StatusCode> {
    caller.require(&action::THING_CHANGE, "")?;
    fleet.remove_join_token(&id, &caller.id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lets a device join that shows a token.
#[utoipa::path(
    post, path = "/v1/join", tag = "certificates", operation_id = "join", request_body = Joining,
    responses(
        (status = 201, description = "its certificate", body = MadeCertificate),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn join(
    State(fleet): State<Arc<Fleet>>,
    Body(wanted): Body<Joining>,
) -> Reply<(StatusCode, Json<MadeCertificate>)> {
    let issued = fleet
        .join(&wanted.token, &wanted.thing, &wanted.request)
        .await?;
    Ok((
        StatusCode::CREATED,
        Json(MadeCertificate::of(&fleet, issued)),
    ))
}

pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(of_thing, create))
        .routes(routes!(list))
        .routes(routes!(show))
        .routes(routes!(set_status))
        .routes(routes!(authorities, add_authority))
        .routes(routes!(remove_authority))
        .routes(routes!(tokens, create_token))
        .routes(routes!(remove_token))
}

pub(crate) fn join_routes() -> OpenApiRouter<Arc<Fleet>> {
    OpenApiRouter::new().routes(routes!(join))
}
