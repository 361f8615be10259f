//! `/v1/provisioning-templates` and the claims for them.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use trunkline_model::action;
use trunkline_provision::{NewTemplate, Template};
use trunkline_web::{Body, Caller, Path, Problem, Reply};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::certificate::{DAYS, MadeCertificate};
use crate::http::Shared;
use crate::{Fleet, FleetError};

/// Templates.
#[derive(Serialize, ToSchema)]
struct Templates {
    templates: Vec<Template>,
}

/// Lists the templates by which devices are provisioned.
#[utoipa::path(
    get, path = "/v1/provisioning-templates", tag = "certificates", operation_id = "listProvisioningTemplates",
    responses(
        (status = 200, description = "the templates", body = Templates),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn list(State(fleet): State<Arc<Fleet>>, caller: Caller) -> Reply<Json<Templates>> {
    caller.require(&action::THING_READ, "")?;
    let templates = fleet.templates().await?;
    Ok(Json(Templates { templates }))
}

/// Writes a template.
#[utoipa::path(
    put, path = "/v1/provisioning-templates/{name}", tag = "certificates", operation_id = "putProvisioningTemplate",
    params(("name" = String, Path, description = "the template")), request_body = NewTemplate,
    responses(
        (status = 200, description = "the template", body = Template),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn put(
    State(fleet): State<Arc<Fleet>>,
    caller: Caller,
    Path(name): Path<String>,
    Body(wanted): Body<NewTemplate>,
) -> Reply<Json<Template>> {
    caller.require(&action::THING_CHANGE, "")?;
    Ok(Json(fleet.put_template(&name, wanted, &caller.id).await?))
}

/// Takes a template away: nobody is provisioned by it any more.
#[utoipa::path(
    delete, path = "/v1/provisioning-templates/{name}", tag = "certificates", operation_id = "removeProvisioningTemplate",
    params(("name" = String, Path, description = "the template")),
    responses(
        (status = 204, description = "it is gone"),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn remove(
    State(fleet): State<Arc<Fleet>>,
    caller: Caller,
    Path(name): Path<String>,
) -> Reply<StatusCode> {
    caller.require(&action::THING_CHANGE, "")?;
    if !fleet.remove_template(&name, &caller.id).await? {
        let why = format!("there is no template called `{name}`");
        return Err(FleetError::Invalid(why).into());
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Makes a claim certificate: whoever shows it may provision devices by the template, and nothing else.
#[utoipa::path(
    post, path = "/v1/provisioning-templates/{name}/claims", tag = "certificates", operation_id = "createClaim",
    params(("name" = String, Path, description = "the template")),
    responses(
        (status = 201, description = "the certificate and its private key", body = MadeCertificate),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn claim(
    State(fleet): State<Arc<Fleet>>,
    caller: Caller,
    Path(name): Path<String>,
) -> Reply<(StatusCode, Json<MadeCertificate>)> {
    caller.require(&action::THING_CHANGE, "")?;
    let issued = fleet.claim(&name, DAYS, &caller.id).await?;
    let made = MadeCertificate::of(&fleet, issued);
    Ok((StatusCode::CREATED, Json(made)))
}

pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(put, remove))
        .routes(routes!(claim))
}
