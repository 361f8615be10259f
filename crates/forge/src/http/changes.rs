//! `/v1/changes`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use trunkline_model::action::{self, ActionType};
use trunkline_web::{Body, Caller, Path, Problem, Query, Reply};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::files::DiffInfo;
use crate::{Change, ChangeDetails, ChangeState, Comment, Forge, NewComment, ReviewVerdict};

/// Which changes are wanted.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// Only those of this repository.
    repository: Option<String>,
    /// Only those in this state.
    state: Option<ChangeState>,
    /// Only those with a smaller number.
    before: Option<i64>,
    /// How many at the most.
    #[serde(default = "fifty")]
    #[param(minimum = 1, maximum = 200)]
    limit: u32,
}

const fn fifty() -> u32 {
    50
}

/// Two revisions of a change.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Revisions {
    /// The old one; the commit below the change where it is left out.
    old: Option<u32>,
    /// The new one; the newest where it is left out.
    new: Option<u32>,
}

/// Changes.
#[derive(Serialize, ToSchema)]
struct ChangeList {
    /// The newest first.
    changes: Vec<Change>,
}

/// What is said of a change.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewReview {
    /// Of which revision; it must be the newest.
    revision: u32,
    /// What.
    verdict: ReviewVerdict,
}

/// What may be changed of a comment.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CommentPatch {
    /// Nothing has to be done about it any more.
    resolved: bool,
}

/// The change, where the caller may do `what` to its repository.
async fn allowed(
    forge: &Forge,
    caller: &Caller,
    number: i64,
    what: &'static ActionType,
) -> Reply<Change> {
    // Whoever may look at no change does not learn which there are.
    caller.require(&action::CHANGE_READ, "")?;
    let change = forge.change(number).await?;
    caller.require(what, &change.repository)?;
    Ok(change)
}

/// Lists changes. Those of repositories that the caller may not look at are left out.
#[utoipa::path(
    get, path = "/v1/changes", tag = "forge", operation_id = "listChanges", params(Filter),
    responses(
        (status = 200, description = "the changes", body = ChangeList),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn list(
    State(forge): State<Arc<Forge>>,
    caller: Caller,
    Query(filter): Query<Filter>,
) -> Reply<Json<ChangeList>> {
    caller.require(
        &action::CHANGE_READ,
        filter.repository.as_deref().unwrap_or_default(),
    )?;
    let mut changes = forge
        .changes(
            filter.repository.as_deref(),
            filter.state,
            filter.before,
            filter.limit,
        )
        .await?;
    changes.retain(|one| caller.may_do(&action::CHANGE_READ, &one.repository, None));
    Ok(Json(ChangeList { changes }))
}

/// Shows a change with its revisions, reviews and comments.
#[utoipa::path(
    get, path = "/v1/changes/{change}", tag = "forge", operation_id = "showChange",
    params(("change" = i64, Path, description = "its number")),
    responses(
        (status = 200, description = "the change", body = ChangeDetails),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn show(
    State(forge): State<Arc<Forge>>,
    caller: Caller,
    Path(number): Path<i64>,
) -> Reply<Json<ChangeDetails>> {
    allowed(&forge, &caller, number, &action::CHANGE_READ).await?;
    Ok(Json(forge.change_details(number).await?))
}

/// Says what a change does to files, or what differs between two of its revisions.
#[utoipa::path(
    get, path = "/v1/changes/{change}/diff", tag = "forge", operation_id = "diffChange",
    params(("change" = i64, Path, description = "its number"), Revisions),
    responses(
        (status = 200, description = "the files", body = DiffInfo),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn diff(
    State(forge): State<Arc<Forge>>,
    caller: Caller,
    Path(number): Path<i64>,
    Query(revisions): Query<Revisions>,
) -> Reply<Json<DiffInfo>> {
    allowed(&forge, &caller, number, &action::CHANGE_READ).await?;
    let files = forge.change_diff(number, revisions.old, revisions.new);
    Ok(Json(DiffInfo {
        files: files.await?,
    }))
}

/// Comments on a change or on one of its lines.
#[utoipa::path(
    post, path = "/v1/changes/{change}/comments", tag = "forge", operation_id = "commentChange", request_body = NewComment,
    params(("change" = i64, Path, description = "its number")),
    responses(
        (status = 201, description = "the comment", body = Comment),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn comment(
    State(forge): State<Arc<Forge>>,
    caller: Caller,
    Path(number): Path<i64>,
    Body(wanted): Body<NewComment>,
) -> Reply<(StatusCode, Json<Comment>)> {
    allowed(&forge, &caller, number, &action::CHANGE_REVIEW).await?;
    let made = forge.add_comment(number, wanted, &caller.id).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Says that nothing has to be done about a comment any more, or that something has to after all.
#[utoipa::path(
    patch, path = "/v1/changes/{change}/comments/{comment}", tag = "forge", operation_id = "resolveComment",
    request_body = CommentPatch,
    params(("change" = i64, Path, description = "its number"), ("comment" = String, Path, description = "its id")),
    responses(
        (status = 200, description = "the comment", body = Comment),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn resolve(
    State(forge): State<Arc<Forge>>,
    caller: Caller,
    Path((number, comment)): Path<(i64, String)>,
    Body(patch): Body<CommentPatch>,
) -> Reply<Json<Comment>> {
    allowed(&forge, &caller, number, &action::CHANGE_REVIEW).await?;
    let changed = forge.resolve_comment(number, &comment, patch.resolved);
    Ok(Json(changed.await?))
}

/// Approves a change, or asks for more. An approved one that waited is queued.
#[utoipa::path(
    put, path = "/v1/changes/{change}/review", tag = "forge", operation_id = "reviewChange", request_body = NewReview,
    params(("change" = i64, Path, description = "its number")),
    responses(
        (status = 200, description = "the change", body = Change),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn review(
    State(forge): State<Arc<Forge>>,
    caller: Caller,
    Path(number): Path<i64>,
    Body(wanted): Body<NewReview>,
) -> Reply<Json<Change>> {
    allowed(&forge, &caller, number, &action::CHANGE_REVIEW).await?;
    let changed = forge.review(number, wanted.revision, wanted.verdict, &caller.id);
    Ok(Json(changed.await?))
}

/// Puts a change into the queue: one that was approved, or was refused and is to be tried again.
#[utoipa::path(
    post, path = "/v1/changes/{change}/land", tag = "forge", operation_id = "landChange",
    params(("change" = i64, Path, description = "its number")),
    responses(
        (status = 200, description = "the change", body = Change),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn land(
    State(forge): State<Arc<Forge>>,
    caller: Caller,
    Path(number): Path<i64>,
) -> Reply<Json<Change>> {
    allowed(&forge, &caller, number, &action::CHANGE_PUSH).await?;
    Ok(Json(forge.land(number, &caller.id).await?))
}

/// Gives a change up.
#[utoipa::path(
    post, path = "/v1/changes/{change}/abandon", tag = "forge", operation_id = "abandonChange",
    params(("change" = i64, Path, description = "its number")),
    responses(
        (status = 200, description = "the change", body = Change),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn abandon(
    State(forge): State<Arc<Forge>>,
    caller: Caller,
    Path(number): Path<i64>,
) -> Reply<Json<Change>> {
    allowed(&forge, &caller, number, &action::CHANGE_PUSH).await?;
    Ok(Json(forge.abandon(number, &caller.id).await?))
}

pub(super) fn routes() -> OpenApiRouter<Arc<Forge>> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show))
        .routes(routes!(diff))
        .routes(routes!(comment))
        .routes(routes!(resolve))
        .routes(routes!(review))
        .routes(routes!(land))
        .routes(routes!(abandon))
}
