//! `trunkline queue`.

use reqwest::Method;
use serde_json::{Value, json};
use trunkline_shell::Client;

use crate::cli::{Globals, QueueCommand, QueuePause};
use crate::{Exit, Failure};

/// Does something with a landing queue.
pub(in crate::command) async fn run(
    globals: &Globals,
    command: QueueCommand,
) -> Result<Exit, Failure> {
    let client = Client::of(globals)?;
    match command {
        QueueCommand::Show(of) => show(globals, &client, &of.repository).await?,
        QueueCommand::Pause(wanted) => pause(globals, &client, &wanted, true).await?,
        QueueCommand::Resume(wanted) => pause(globals, &client, &wanted, false).await?,
    }
    Ok(Exit::Done)
}

async fn show(globals: &Globals, client: &Client, repository: &str) -> Result<(), Failure> {
    let document = client
        .get(&format!("/v1/repositories/{repository}/queue"))
        .await?;
    let lanes = document["lanes"].as_array().cloned().unwrap_or_default();
    let mut rows = Vec::new();
    for (lane, one) in lanes.iter().enumerate() {
        let list = |value: &Value| {
            let texts = value.as_array().into_iter().flatten();
            let texts =
                texts.map(|one| one.as_str().map_or_else(|| one.to_string(), str::to_owned));
            texts.collect::<Vec<_>>().join(", ")
        };
        for landing in one["landings"].as_array().into_iter().flatten() {
            rows.push(json!({
                "lane": lane + 1,
                "changes": list(&landing["changes"]),
                "by": landing["by"],
                "stage": landing["stage"],
                "tasks_left": landing["left"],
                "waits_for": list(&landing["reasons"]),
            }));
        }
    }
    let columns = ["lane", "changes", "by", "stage", "tasks_left", "waits_for"];
    globals.printer().document(&document, &rows, &columns)?;
    if document["paused"] == true {
        globals
            .printer()
            .warn("the queue is paused: it takes changes and lands none");
    }
    Ok(())
}

async fn pause(
    globals: &Globals,
    client: &Client,
    wanted: &QueuePause,
    paused: bool,
) -> Result<(), Failure> {
    let repository = &wanted.of.repository;
    let what = if paused { "paused" } else { "going on" };
    if wanted.dry_run {
        client
            .get(&format!("/v1/repositories/{repository}"))
            .await?;
        globals
            .printer()
            .say(&format!("the queue of `{repository}` would be {what}"));
        return Ok(());
    }
    let body = json!({"paused": paused, "reason": wanted.reason});
    let path = format!("/v1/repositories/{repository}/queue");
    client.json(Method::PATCH, &path, Some(&body)).await?;
    globals
        .printer()
        .say(&format!("the queue of `{repository}` is {what}"));
    Ok(())
}
