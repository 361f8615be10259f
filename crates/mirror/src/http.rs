//! `/v1/repositories/{repository}/mirror` and `/webhooks/git/{repository}`.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use serde::Serialize;
use trunkline_model::{action, code};
use trunkline_web::{Body, Caller, Path, Problem, Reply};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::mirrors::Mirrors;
use crate::webhook::{is_genuine, is_push, is_signed};
use crate::{Mirror, MirrorError, NewMirror, WebhookInfo};

/// After how long it makes sense to try again where there are too many.
const AGAIN: Duration = Duration::from_secs(5);
/// Bytes of a webhook.
const WEBHOOK: usize = 5 << 20;

/// A mirror that was made.
#[derive(Serialize, ToSchema)]
struct MadeMirror {
    /// The mirror.
    mirror: Mirror,
    /// What the other side's webhook is to be set to.
    webhook: WebhookInfo,
}

/// Shows the mirror of a repository, and how it is.
#[utoipa::path(
    get, path = "/v1/repositories/{repository}/mirror", tag = "forge", operation_id = "showMirror",
    params(("repository" = String, Path, description = "its name")),
    responses(
        (status = 200, description = "the mirror", body = Mirror),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn show(
    State(mirrors): State<Arc<Mirrors>>,
    caller: Caller,
    Path(name): Path<String>,
) -> Reply<Json<Mirror>> {
    caller.require(&action::REPOSITORY_READ, &name)?;
    Ok(Json(mirrors.mirror(&name).await?))
}

/// Lets a repository follow one elsewhere, or one elsewhere follow it. The answer has the webhook's secret, which is not shown again.
#[utoipa::path(
    put, path = "/v1/repositories/{repository}/mirror", tag = "forge", operation_id = "putMirror", request_body = NewMirror,
    params(("repository" = String, Path, description = "its name")),
    responses(
        (status = 200, description = "the mirror", body = MadeMirror),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn put(
    State(mirrors): State<Arc<Mirrors>>,
    caller: Caller,
    Path(name): Path<String>,
    Body(wanted): Body<NewMirror>,
) -> Reply<Json<MadeMirror>> {
    caller.require(&action::REPOSITORY_CHANGE, &name)?;
    let (mirror, webhook) = mirrors.put(&name, wanted, &caller.id).await?;
    Ok(Json(MadeMirror { mirror, webhook }))
}

/// Removes the mirror of a repository. Both sides stay as they are.
#[utoipa::path(
    delete, path = "/v1/repositories/{repository}/mirror", tag = "forge", operation_id = "removeMirror",
    params(("repository" = String, Path, description = "its name")),
    responses(
        (status = 204, description = "it is removed"),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn remove(
    State(mirrors): State<Arc<Mirrors>>,
    caller: Caller,
    Path(name): Path<String>,
) -> Reply<StatusCode> {
    caller.require(&action::REPOSITORY_CHANGE, &name)?;
    mirrors.remove(&name, &caller.id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Has a mirror looked after at once.
#[utoipa::path(
    post, path = "/v1/repositories/{repository}/mirror/sync", tag = "forge", operation_id = "syncMirror",
    params(("repository" = String, Path, description = "its name")),
    responses(
        (status = 202, description = "it will be", body = Mirror),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn sync(
    State(mirrors): State<Arc<Mirrors>>,
    caller: Caller,
    Path(name): Path<String>,
) -> Reply<(StatusCode, Json<Mirror>)> {
    caller.require(&action::CHANGE_PUSH, &name)?;
    let mirror = mirrors.mirror(&name).await?;
    mirrors.want(&name);
    Ok((StatusCode::ACCEPTED, Json(mirror)))
}

/// Takes a webhook of GitHub, GitLab or Gitea, which shows by the mirror's secret that it is theirs. What it says is not believed: it only has
/// the mirror looked after.
#[utoipa::path(
    post, path = "/webhooks/git/{repository}", tag = "forge", operation_id = "takeGitWebhook",
    params(("repository" = String, Path, description = "its name")),
    responses(
        (status = 202, description = "the mirror is looked after"),
        (status = 204, description = "nothing was pushed"),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn webhook(
    State(mirrors): State<Arc<Mirrors>>,
    Path(name): Path<String>,
    request: Request,
) -> Reply<StatusCode> {
    let (parts, body) = request.into_parts();
    if !is_signed(&parts.headers) {
        return Err(MirrorError::Webhook.into());
    }
    let place = mirrors.webhooks.try_acquire();
    let _place = place.map_err(|_| {
        let busy = "too many webhooks come at once";
        Problem::new(&code::WEB_RATE, busy).retry_after(AGAIN)
    })?;
    // A repository without a mirror and a webhook without the secret are one answer.
    let known = mirrors.find(&name).await;
    let secret = known.map(|(_, secret)| secret).unwrap_or_default();
    let body = to_bytes(body, WEBHOOK).await;
    let body =
        body.map_err(|_| MirrorError::Invalid(format!("a webhook has at most {WEBHOOK} bytes")))?;
    if !is_genuine(&parts.headers, &body, &secret) {
        return Err(MirrorError::Webhook.into());
    }
    if !is_push(&parts.headers) {
        return Ok(StatusCode::NO_CONTENT);
    }
    mirrors.want(&name);
    Ok(StatusCode::ACCEPTED)
}

/// The routes of this room, which must stand behind [`trunkline_web::require_credential`].
pub fn routes(mirrors: Arc<Mirrors>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(show, put, remove))
        .routes(routes!(sync))
        .with_state(mirrors)
}

/// The route of webhooks, which show by their secret who they are.
pub fn open_routes(mirrors: Arc<Mirrors>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(webhook))
        .with_state(mirrors)
}
