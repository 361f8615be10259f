//! The history of a git repository, sent as events.

use std::path::PathBuf;

use anyhow::Context;
use trunkline_ingest::git::{GitOptions, read_commits};

use crate::{REPOSITORY_PREFIX, Target};

/// Commits that are sent together.
const BATCH: usize = 500;

/// Reads the history of the repository at `path` and sends each commit as an event; a commit that was sent before changes nothing.
///
/// # Errors
/// The repository cannot be read, or the platform does not take an event.
pub async fn load(target: Target, path: PathBuf) -> anyhow::Result<()> {
    let bodies = tokio::task::spawn_blocking(move || bodies(&path)).await??;
    let client = reqwest::Client::new();
    for body in bodies {
        client
            .post(format!("{}/v1/events", target.base))
            .bearer_auth(&target.token)
            .header("content-type", "application/x-ndjson")
            .body(body)
            .send()
            .await?
            .error_for_status()
            .context("the events were not taken")?;
    }
    Ok(())
}

fn bodies(path: &std::path::Path) -> anyhow::Result<Vec<String>> {
    let folder = path.canonicalize()?;
    let name = folder
        .file_name()
        .map_or_else(|| "repository".into(), std::ffi::OsStr::to_string_lossy);
    let options = GitOptions {
        repository: Some(format!("{REPOSITORY_PREFIX}{name}")),
        ..GitOptions::default()
    };
    let mut bodies = vec![String::new()];
    for (index, commit) in read_commits(&folder, &options)?.enumerate() {
        if index % BATCH == 0 {
            bodies.push(String::new());
        }
        if let Some(body) = bodies.last_mut() {
            body.push_str(&serde_json::to_string(&commit?.to_event()?)?);
            body.push('\n');
        }
    }
    bodies.retain(|body| !body.is_empty());
    Ok(bodies)
}
