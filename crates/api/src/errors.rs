//! The pages of error codes.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use trunkline_model::code;
use trunkline_web::{Path, Problem, Reply};
use utoipa::ToSchema;

use crate::Api;

/// What there is to know of an error code.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ErrorPage {
    /// The code.
    code: &'static str,
    /// What is wrong, in a few words.
    title: &'static str,
    /// The HTTP status that carries it.
    status: u16,
    /// What to do about it.
    hint: &'static str,
    /// The whole page, in Markdown.
    page: &'static str,
}

/// Explains an error code.
#[utoipa::path(
    get, path = "/v1/errors/{code}", tag = "system", operation_id = "explainError", params(("code" = String, Path)),
    responses((status = 200, body = ErrorPage), (status = 404, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn explain(
    State(api): State<Api>,
    Path(text): Path<String>,
) -> Reply<Json<ErrorPage>> {
    let unknown = || Problem::new(&code::WEB_NOT_FOUND, "there is no such error code");
    let known = code::find(&text).ok_or_else(unknown)?;
    Ok(Json(ErrorPage {
        code: known.code,
        title: known.title,
        status: known.status,
        hint: known.hint,
        page: api.platform.error_page(known.code).unwrap_or_default(),
    }))
}
