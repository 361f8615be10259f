//! What is in a repository: refs, folders, files, history, blame and diffs.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use trunkline_model::action;
use trunkline_repository::{BlameLine, Commit, Entry, FileDiff};
use trunkline_web::{Caller, Path, Problem, Query, Reply};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::forge::reading;
use crate::{Forge, ForgeError};

/// Bytes of a file that one answer has.
const FILE: u64 = 4 << 20;

/// A place in a repository.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Place {
    /// A branch, a tag, the whole name of a ref, or the id of a commit; the trunk where it is left out.
    revision: Option<String>,
    /// The path from the root.
    #[serde(default)]
    path: String,
}

/// A part of a history.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Part {
    /// A branch, a tag, the whole name of a ref, or the id of a commit; the trunk where it is left out.
    revision: Option<String>,
    /// Only commits that touched it.
    #[serde(default)]
    path: String,
    /// How many of the newest are left out.
    #[serde(default)]
    skip: u32,
    /// How many at the most.
    #[serde(default = "fifty")]
    #[param(minimum = 1, maximum = 500)]
    limit: u32,
}

const fn fifty() -> u32 {
    50
}

/// Two commits.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Two {
    /// The old one; nothing at all where it is left out and the new one stands on nothing, else what the new one stands on.
    from: Option<String>,
    /// The new one.
    to: String,
}

/// A branch or tag.
#[derive(Serialize, ToSchema)]
struct RefInfo {
    /// Its whole name.
    name: String,
    /// The object that it names.
    id: String,
}

/// Branches and tags.
#[derive(Serialize, ToSchema)]
struct RefList {
    /// In the order of their names.
    refs: Vec<RefInfo>,
}

/// A folder.
#[derive(Serialize, ToSchema)]
struct FolderInfo {
    /// The commit that it was read from.
    commit: String,
    /// What is in it, folders first.
    entries: Vec<Entry>,
}

/// A file.
#[derive(Serialize, ToSchema)]
struct FileInfo {
    /// The commit that it was read from.
    commit: String,
    /// Its bytes.
    bytes: usize,
    /// Its content, where it is text in UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    /// Its content in base64, where it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    base64: Option<String>,
}

/// Commits.
#[derive(Serialize, ToSchema)]
struct CommitList {
    /// The newest first.
    commits: Vec<Commit>,
}

/// Where the lines of a file come from.
#[derive(Serialize, ToSchema)]
struct BlameInfo {
    /// In the order of the lines.
    lines: Vec<BlameLine>,
}

/// What differs.
#[derive(Serialize, ToSchema)]
pub(super) struct DiffInfo {
    /// In the order of their paths.
    pub(super) files: Vec<FileDiff>,
}

/// Lists branches and tags.
#[utoipa::path(
    get, path = "/v1/repositories/{repository}/refs", tag = "forge", operation_id = "listRefs",
    params(("repository" = String, Path, description = "its name")),
    responses(
        (status = 200, description = "the refs", body = RefList),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn refs(
    State(forge): State<Arc<Forge>>,
    caller: Caller,
    Path(name): Path<String>,
) -> Reply<Json<RefList>> {
    caller.require(&action::REPOSITORY_READ, &name)?;
    let bare = forge.hosted(&name)?.bare.clone();
    let refs = reading(move || bare.refs(&["refs/heads/", "refs/tags/"])).await?;
    let refs = refs.into_iter().map(|one| RefInfo {
        name: one.name,
        id: one.id.to_string(),
    });
    Ok(Json(RefList {
        refs: refs.collect(),
    }))
}

/// Lists what is in a folder.
#[utoipa::path(
    get, path = "/v1/repositories/{repository}/folder", tag = "forge", operation_id = "listFolder",
    params(("repository" = String, Path, description = "its name"), Place),
    responses(
        (status = 200, description = "the folder", body = FolderInfo),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn folder(
    State(forge): State<Arc<Forge>>,
    caller: Caller,
    Path(name): Path<String>,
    Query(place): Query<Place>,
) -> Reply<Json<FolderInfo>> {
    caller.require(&action::REPOSITORY_READ, &name)?;
    let bare = forge.hosted(&name)?.bare.clone();
    let info = reading(move || {
        let commit = bare.commit(&place.revision.unwrap_or_else(|| bare.trunk_ref()))?;
        let commit = commit.id.to_string();
        let entries = bare.folder(&commit, &place.path)?;
        Ok(FolderInfo { commit, entries })
    });
    Ok(Json(info.await?))
}

/// Shows a file.
#[utoipa::path(
    get, path = "/v1/repositories/{repository}/file", tag = "forge", operation_id = "showFile",
    params(("repository" = String, Path, description = "its name"), Place),
    responses(
        (status = 200, description = "the file", body = FileInfo),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn file(
    State(forge): State<Arc<Forge>>,
    caller: Caller,
    Path(name): Path<String>,
    Query(place): Query<Place>,
) -> Reply<Json<FileInfo>> {
    caller.require(&action::REPOSITORY_READ, &name)?;
    let bare = forge.hosted(&name)?.bare.clone();
    let info = reading(move || {
        let commit = bare.commit(&place.revision.unwrap_or_else(|| bare.trunk_ref()))?;
        let commit = commit.id.to_string();
        let file = bare.file(&commit, &place.path, FILE)?;
        let bytes = file.content.len();
        let (text, base64) = match String::from_utf8(file.content) {
            Ok(text) => (Some(text), None),
            Err(error) => (None, Some(STANDARD.encode(error.into_bytes()))),
        };
        Ok(FileInfo {
            commit,
            bytes,
            text,
            base64,
        })
    });
    Ok(Json(info.await?))
}

/// Lists the history of a branch, or of a folder or file of it.
#[utoipa::path(
    get, path = "/v1/repositories/{repository}/history", tag = "forge", operation_id = "listHistory",
    params(("repository" = String, Path, description = "its name"), Part),
    responses(
        (status = 200, description = "the commits", body = CommitList),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn history(
    State(forge): State<Arc<Forge>>,
    caller: Caller,
    Path(name): Path<String>,
    Query(part): Query<Part>,
) -> Reply<Json<CommitList>> {
    caller.require(&action::REPOSITORY_READ, &name)?;
    let bare = forge.hosted(&name)?.bare.clone();
    let revision = part.revision.unwrap_or_else(|| bare.trunk_ref());
    let commits = bare.history(&revision, &part.path, part.skip, part.limit);
    let commits = commits.await.map_err(ForgeError::from)?;
    Ok(Json(CommitList { commits }))
}

/// Says which commit each line of a file comes from.
#[utoipa::path(
    get, path = "/v1/repositories/{repository}/blame", tag = "forge", operation_id = "blameFile",
    params(("repository" = String, Path, description = "its name"), Place),
    responses(
        (status = 200, description = "the lines", body = BlameInfo),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn blame(
    State(forge): State<Arc<Forge>>,
    caller: Caller,
    Path(name): Path<String>,
    Query(place): Query<Place>,
) -> Reply<Json<BlameInfo>> {
    caller.require(&action::REPOSITORY_READ, &name)?;
    let bare = forge.hosted(&name)?.bare.clone();
    let revision = place.revision.unwrap_or_else(|| bare.trunk_ref());
    let lines = bare.blame(&revision, &place.path).await;
    let lines = lines.map_err(ForgeError::from)?;
    Ok(Json(BlameInfo { lines }))
}

/// Says what differs between two commits.
#[utoipa::path(
    get, path = "/v1/repositories/{repository}/diff", tag = "forge", operation_id = "diffCommits",
    params(("repository" = String, Path, description = "its name"), Two),
    responses(
        (status = 200, description = "the files", body = DiffInfo),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn diff(
    State(forge): State<Arc<Forge>>,
    caller: Caller,
    Path(name): Path<String>,
    Query(two): Query<Two>,
) -> Reply<Json<DiffInfo>> {
    caller.require(&action::REPOSITORY_READ, &name)?;
    let bare = forge.hosted(&name)?.bare.clone();
    let files = reading(move || {
        let new = bare.commit(&two.to)?;
        let old = match two.from {
            Some(from) => Some(bare.commit(&from)?.id),
            None => new.parents.first().copied(),
        };
        bare.diff(old, new.id)
    });
    Ok(Json(DiffInfo {
        files: files.await?,
    }))
}

pub(super) fn routes() -> OpenApiRouter<Arc<Forge>> {
    OpenApiRouter::new()
        .routes(routes!(refs))
        .routes(routes!(folder))
        .routes(routes!(file))
        .routes(routes!(history))
        .routes(routes!(blame))
        .routes(routes!(diff))
}
