//! `/v1/artifacts`, `/v1/artifact-signer` and `/ota`.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use trunkline_model::{action, code};
use trunkline_web::{Caller, Path, Problem, Query, Reply};
use utoipa::openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, Type};
use utoipa::{IntoParams, PartialSchema, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::download::problem;
use crate::{Artifact, ArtifactPage, Artifacts, NewArtifact, digest};

/// What a chain of certificates is, as RFC 8555 has it.
const CHAIN: &str = "application/pem-certificate-chain";

/// The bytes of an artifact, for the description of the API alone: they are never held as one value.
enum ArtifactContent {}

impl PartialSchema for ArtifactContent {
    fn schema() -> RefOr<Schema> {
        let bytes = ObjectBuilder::new().schema_type(Type::String);
        let binary = SchemaFormat::KnownFormat(KnownFormat::Binary);
        bytes.format(Some(binary)).into()
    }
}

impl ToSchema for ArtifactContent {}

/// Which artifacts are wanted.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ArtifactList {
    /// Only those of this name.
    name: Option<String>,
    /// What an earlier page gave as `next`.
    #[serde(default)]
    after: String,
    /// How many at the most.
    #[serde(default = "hundred")]
    #[param(minimum = 1, maximum = 1_000)]
    limit: u32,
}

const fn hundred() -> u32 {
    100
}

/// What a link has beside its path.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Seal {
    /// The thing that it is for.
    thing: String,
    /// Until when it is good, in seconds since 1970.
    expires: i64,
    /// What proves that the platform made it.
    signature: String,
}

/// Lists artifacts in the order of texts such as `pump@1.4.0`. Those that the caller may not look at are left out.
#[utoipa::path(
    get, path = "/v1/artifacts", tag = "artifacts", operation_id = "listArtifacts", params(ArtifactList),
    responses(
        (status = 200, description = "the artifacts", body = ArtifactPage),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn list(
    State(artifacts): State<Arc<Artifacts>>,
    caller: Caller,
    Query(list): Query<ArtifactList>,
) -> Reply<Json<ArtifactPage>> {
    caller.require(&action::ARTIFACT_READ, "")?;
    let mut page = artifacts.list(list.name.as_deref(), &list.after, list.limit);
    page.artifacts
        .retain(|one| caller.may_do(&action::ARTIFACT_READ, &one.name, None));
    Ok(Json(page))
}

/// Uploads an artifact, which is signed. The same content again changes nothing; what is there under a name and version never changes.
/// `Content-Digest` with SHA-256 is checked where it is given.
#[utoipa::path(
    put, path = "/v1/artifacts/{name}/{version}", tag = "artifacts", operation_id = "putArtifact",
    request_body(content = ArtifactContent, content_type = "application/octet-stream"),
    params(
        ("name" = String, Path, description = "what it is for"), ("version" = String, Path, description = "which one it is"),
        ("content-digest" = Option<String>, Header, description = "the SHA-256 of the content, as RFC 9530 writes it"),
    ),
    responses(
        (status = 200, description = "the artifact, which was there", body = Artifact),
        (status = 201, description = "the artifact, which is new", body = Artifact),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "no room for it now", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn put(
    State(artifacts): State<Arc<Artifacts>>,
    caller: Caller,
    Path((name, version)): Path<(String, String)>,
    request: Request,
) -> Reply<(StatusCode, Json<Artifact>)> {
    caller.require(&action::ARTIFACT_CHANGE, &name)?;
    let wanted = read(&name, &version, request.headers())?;
    let put = artifacts.put(wanted, request.into_body(), &caller.id).await;
    let (artifact, new) = put.map_err(|error| problem(&error))?;
    let status = if new {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    Ok((status, Json(Artifact::clone(&artifact))))
}

/// What the headers say of an artifact that comes.
fn read(name: &str, version: &str, headers: &HeaderMap) -> Reply<NewArtifact> {
    let text = |name| {
        headers
            .get(name)
            .and_then(|value: &axum::http::HeaderValue| value.to_str().ok())
    };
    // A part of it would be taken for the whole.
    if headers.contains_key(header::CONTENT_RANGE) {
        return Err(Problem::new(
            &code::WEB_BODY_INVALID,
            "an artifact is uploaded as a whole, without `Content-Range`",
        ));
    }
    if !text(header::CONTENT_ENCODING)
        .unwrap_or("identity")
        .eq_ignore_ascii_case("identity")
    {
        return Err(Problem::new(
            &code::WEB_MEDIA_TYPE,
            "an artifact is kept as it is sent, without `Content-Encoding`",
        ));
    }
    let mut wanted = NewArtifact::new(name, version)?;
    if let Some(content_type) = text(header::CONTENT_TYPE) {
        wanted = wanted.with_content_type(content_type)?;
    }
    wanted.expected = digest::expected(headers)?;
    wanted.announced = text(header::CONTENT_LENGTH).and_then(|length| length.parse().ok());
    Ok(wanted)
}

/// Shows what is known of an artifact.
#[utoipa::path(
    get, path = "/v1/artifacts/{name}/{version}", tag = "artifacts", operation_id = "showArtifact",
    params(("name" = String, Path, description = "what it is for"), ("version" = String, Path, description = "which one it is")),
    responses(
        (status = 200, description = "the artifact", body = Artifact),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn show(
    State(artifacts): State<Arc<Artifacts>>,
    caller: Caller,
    Path((name, version)): Path<(String, String)>,
) -> Reply<Json<Artifact>> {
    caller.require(&action::ARTIFACT_READ, &name)?;
    Ok(Json(Artifact::clone(
        &*artifacts.artifact(&name, &version)?,
    )))
}

/// Removes an artifact. One that a job uses which is not over stays.
#[utoipa::path(
    delete, path = "/v1/artifacts/{name}/{version}", tag = "artifacts", operation_id = "removeArtifact",
    params(("name" = String, Path, description = "what it is for"), ("version" = String, Path, description = "which one it is")),
    responses(
        (status = 204, description = "it is removed"),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn remove(
    State(artifacts): State<Arc<Artifacts>>,
    caller: Caller,
    Path((name, version)): Path<(String, String)>,
) -> Reply<StatusCode> {
    caller.require(&action::ARTIFACT_CHANGE, &name)?;
    artifacts.remove(&name, &version, &caller.id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Downloads an artifact, or one range of its bytes. HEAD says what there is.
#[utoipa::path(
    get, path = "/v1/artifacts/{name}/{version}/content", tag = "artifacts", operation_id = "downloadArtifact",
    params(("name" = String, Path, description = "what it is for"), ("version" = String, Path, description = "which one it is")),
    responses(
        (status = 200, description = "all bytes", body = ArtifactContent, content_type = "application/octet-stream"),
        (status = 206, description = "the range that was asked for", body = ArtifactContent, content_type = "application/octet-stream"),
        (status = 304, description = "the content is the one that the caller has"),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "too many downloads", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn content(
    State(artifacts): State<Arc<Artifacts>>,
    caller: Caller,
    Path((name, version)): Path<(String, String)>,
    method: Method,
    headers: HeaderMap,
) -> Reply<Response> {
    caller.require(&action::ARTIFACT_READ, &name)?;
    let artifact = artifacts.artifact(&name, &version)?;
    artifacts.give(&artifact, &method, &headers).await
}

/// Downloads an artifact, or one range of its bytes, by the link that is in the document of a job. No other credential is asked for.
#[utoipa::path(
    get, path = "/ota/{name}/{version}", tag = "artifacts", operation_id = "downloadByLink", security(()),
    params(
        ("name" = String, Path, description = "what it is for"), ("version" = String, Path, description = "which one it is"), Seal
    ),
    responses(
        (status = 200, description = "all bytes", body = ArtifactContent, content_type = "application/octet-stream"),
        (status = 206, description = "the range that was asked for", body = ArtifactContent, content_type = "application/octet-stream"),
        (status = 304, description = "the content is the one that the device has"),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "too many downloads", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn by_link(
    State(artifacts): State<Arc<Artifacts>>,
    Path((name, version)): Path<(String, String)>,
    Query(seal): Query<Seal>,
    method: Method,
    headers: HeaderMap,
) -> Reply<Response> {
    let artifact = artifacts.linked(&name, &version, &seal.thing, seal.expires, &seal.signature)?;
    artifacts.give(&artifact, &method, &headers).await
}

/// Gives the certificate of the key that signs artifacts, and that of the authority above it. Devices have the root above both.
#[utoipa::path(
    get, path = "/v1/artifact-signer", tag = "artifacts", operation_id = "showArtifactSigner",
    responses(
        (status = 200, description = "the certificates", body = String, content_type = "application/pem-certificate-chain"),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn signer(State(artifacts): State<Arc<Artifacts>>, caller: Caller) -> Reply<Response> {
    caller.require(&action::ARTIFACT_READ, "")?;
    let chain = artifacts.signer_chain().to_owned();
    Ok(([(header::CONTENT_TYPE, CHAIN)], chain).into_response())
}

/// The routes of this room, which must stand behind [`trunkline_web::require_credential`].
pub fn routes(artifacts: Arc<Artifacts>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(put, show, remove))
        .routes(routes!(content))
        .routes(routes!(signer))
        .with_state(artifacts)
}

/// The route of the links for devices, which ask for no other credential.
pub fn open_routes(artifacts: Arc<Artifacts>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(by_link))
        .with_state(artifacts)
}
