//! `/v1/people`: who belongs to the team.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use trunkline_model::{Timestamp, action};
use trunkline_web::{Body, Caller, Path, Problem, Reply};
use utoipa::ToSchema;

use super::check::Base;
use crate::{Access, AccountId, Person, PersonChange};

/// Everybody.
#[derive(Serialize, ToSchema)]
pub(super) struct PersonList {
    people: Vec<Person>,
}

/// A link that was made.
#[derive(Serialize, ToSchema)]
pub(super) struct ResetLink {
    /// The address to open; it sets a password once.
    url: String,
    /// When it stops being good.
    #[schema(value_type = String, format = DateTime)]
    expires: Timestamp,
}

/// Lists the people of the team.
#[utoipa::path(
    get, path = "/v1/people", tag = "people",
    responses(
        (status = 200, description = "everybody, the oldest first", body = PersonList),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list_people(
    State(access): State<Arc<Access>>,
    caller: Caller,
) -> Reply<Json<PersonList>> {
    caller.require(&action::PERSON_LIST, "")?;
    let people = access.people().await?;
    Ok(Json(PersonList { people }))
}

/// Changes a person's name, email or role, disables it or lets it in again; for owners.
#[utoipa::path(
    patch, path = "/v1/people/{id}", tag = "people", request_body = PersonChange,
    params(("id" = String, Path, description = "the account's id")),
    responses(
        (status = 200, description = "changed", body = Person),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn change_person(
    State(access): State<Arc<Access>>,
    caller: Caller,
    Path(id): Path<AccountId>,
    Body(change): Body<PersonChange>,
) -> Reply<Json<Person>> {
    caller.require(&action::PERSON_CHANGE, &id.to_string())?;
    Ok(Json(access.change_person(id, change, &caller).await?))
}

/// Makes a link with which a person sets a new password; for owners.
#[utoipa::path(
    post, path = "/v1/people/{id}/reset", tag = "people",
    params(("id" = String, Path, description = "the account's id")),
    responses(
        (status = 201, description = "made; it is shown this once", body = ResetLink),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn create_reset(
    State(access): State<Arc<Access>>,
    caller: Caller,
    Base(base): Base,
    Path(id): Path<AccountId>,
) -> Reply<(StatusCode, Json<ResetLink>)> {
    caller.require(&action::PERSON_CHANGE, &id.to_string())?;
    let reset = access.create_reset(id, &caller).await?;
    let body = ResetLink {
        url: reset.url(&base),
        expires: reset.expires,
    };
    Ok((StatusCode::CREATED, Json(body)))
}
