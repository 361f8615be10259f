//! The OpenAPI document of the whole platform.

use utoipa::OpenApi;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Trunkline",
        description = "Events in, one durable log, tables, SQL out. Errors are RFC 9457 problem documents with a code and a hint."
    ),
    security(("token" = []), ("session" = [])),
    components(schemas(trunkline_web::Problem))
)]
struct Document;

/// The document's frame, to which each room's routes are added.
#[must_use]
pub fn document() -> utoipa::openapi::OpenApi {
    let mut document = Document::openapi();
    env!("CARGO_PKG_VERSION").clone_into(&mut document.info.version);
    let components = document.components.get_or_insert_default();
    let token = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("An API token, from `trunkline token create`."))
        .build();
    components.add_security_scheme("token", SecurityScheme::Http(token));
    let cookie = ApiKey::Cookie(ApiKeyValue::new(trunkline_web::SESSION_COOKIE));
    components.add_security_scheme("session", SecurityScheme::ApiKey(cookie));
    document
}
