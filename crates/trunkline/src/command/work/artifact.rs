//! `trunkline artifact`.

use anyhow::Context;
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE};
use reqwest::{Body, Method};
use serde_json::{Value, json};
use tokio_util::io::ReaderStream;
use trunkline_terminal::bytes;

use super::pages::all;
use crate::cli::{ArtifactCommand, ArtifactName, ArtifactPut, Globals};
use crate::{Exit, Failure};
use trunkline_shell::Client;

/// Uploads, lists, shows and removes images.
pub(in crate::command) async fn run(
    globals: &Globals,
    command: ArtifactCommand,
) -> Result<Exit, Failure> {
    let client = Client::of(globals)?;
    let printer = globals.printer();
    match command {
        ArtifactCommand::Put(wanted) => put(globals, &client, &wanted).await?,
        ArtifactCommand::List => {
            let rows = all(&client, "/v1/artifacts", "artifacts", usize::MAX).await?;
            let columns = ["name", "version", "bytes", "sha256", "created"];
            printer.document(&json!({"artifacts": rows}), &rows, &columns)?;
        }
        ArtifactCommand::Show(name) => {
            let shown = client.get(&path_of(&name)).await?;
            printer.data(&format!("{shown:#}\n"))?;
        }
        ArtifactCommand::Remove(wanted) => {
            let (path, name) = (path_of(&wanted.artifact), subject(&wanted.artifact));
            if wanted.dry_run {
                client.get(&path).await?;
                printer.say(&format!("would remove {name}"));
                return Ok(Exit::Done);
            }
            client.json(Method::DELETE, &path, None).await?;
            printer.say(&format!("removed {name}"));
        }
    }
    Ok(Exit::Done)
}

fn path_of(name: &ArtifactName) -> String {
    let (name, version) = &name.artifact;
    format!("/v1/artifacts/{name}/{version}")
}

fn subject(name: &ArtifactName) -> String {
    let (name, version) = &name.artifact;
    format!("{name}@{version}")
}

async fn put(globals: &Globals, client: &Client, wanted: &ArtifactPut) -> Result<(), Failure> {
    let (printer, name) = (globals.printer(), subject(&wanted.artifact));
    let unreadable = || format!("`{}` cannot be read", wanted.file.display());
    let file = tokio::fs::File::open(&wanted.file)
        .await
        .with_context(unreadable)?;
    let length = file.metadata().await.with_context(unreadable)?.len();
    if wanted.dry_run {
        printer.say(&format!("would upload {} as {name}", bytes(length)));
        return Ok(());
    }
    // As long as it takes: an image may be large, and the way slow.
    let request = client
        .request(Method::PUT, &path_of(&wanted.artifact))?
        .header(CONTENT_TYPE, "application/octet-stream")
        .header(CONTENT_LENGTH, length)
        .body(Body::wrap_stream(ReaderStream::new(file)));
    let answer = client.send(request).await?.text().await;
    let answer = answer.map_err(|error| client.broken(&error))?;
    let kept: Value = serde_json::from_str(&answer).unwrap_or_default();
    let sha256 = kept["sha256"].as_str().unwrap_or_default();
    printer.say(&format!(
        "{name} is kept: {}, sha256 {sha256}",
        bytes(length)
    ));
    Ok(())
}
