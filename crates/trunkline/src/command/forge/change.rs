//! `trunkline change`.

use reqwest::Method;
use serde_json::{Value, json};
use trunkline_shell::Client;
use trunkline_terminal::plural;

use crate::cli::{ChangeAct, ChangeCommand, ChangeList, ChangeStateName, Globals};
use crate::{Exit, Failure};

/// Does something with changes.
pub(in crate::command) async fn run(
    globals: &Globals,
    command: ChangeCommand,
) -> Result<Exit, Failure> {
    let client = Client::of(globals)?;
    match command {
        ChangeCommand::List(wanted) => list(globals, &client, &wanted).await?,
        ChangeCommand::Show(wanted) => {
            let change = client
                .get(&format!("/v1/changes/{}", wanted.change))
                .await?;
            let text = serde_json::to_string_pretty(&change).unwrap_or_default();
            globals.printer().data(&format!("{text}\n"))?;
        }
        ChangeCommand::Approve(act) => approve(globals, &client, &act).await?,
        ChangeCommand::Land(act) => act_on(globals, &client, &act, "land", "queued").await?,
        ChangeCommand::Abandon(act) => {
            act_on(globals, &client, &act, "abandon", "given up").await?;
        }
    }
    Ok(Exit::Done)
}

async fn list(globals: &Globals, client: &Client, wanted: &ChangeList) -> Result<(), Failure> {
    let mut path = format!("/v1/changes?limit={}", wanted.limit);
    if let Some(repository) = &wanted.repository {
        let encoded: String = url::form_urlencoded::byte_serialize(repository.as_bytes()).collect();
        path.push_str(&format!("&repository={encoded}"));
    }
    if let Some(state) = wanted.state {
        let state = match state {
            ChangeStateName::Open => "open",
            ChangeStateName::Queued => "queued",
            ChangeStateName::Landed => "landed",
            ChangeStateName::Refused => "refused",
            ChangeStateName::Abandoned => "abandoned",
        };
        path.push_str(&format!("&state={state}"));
    }
    let document = client.get(&path).await?;
    let rows = document["changes"].as_array().cloned().unwrap_or_default();
    let columns = [
        "number",
        "repository",
        "state",
        "mode",
        "title",
        "author",
        "updated",
    ];
    globals.printer().document(&document, &rows, &columns)?;
    globals.printer().say(&plural(rows.len() as u64, "change"));
    Ok(())
}

async fn approve(globals: &Globals, client: &Client, act: &ChangeAct) -> Result<(), Failure> {
    let path = format!("/v1/changes/{}", act.of.change);
    let change = client.get(&path).await?;
    let revision = &change["revision"];
    if act.dry_run {
        say(
            globals,
            &change,
            &format!("revision {revision} would be approved"),
        );
        return Ok(());
    }
    let body = json!({"revision": revision, "verdict": "approved"});
    let path = format!("{path}/review");
    let change = client.json(Method::PUT, &path, Some(&body)).await?;
    let state = change["state"].as_str().unwrap_or_default();
    say(globals, &change, &format!("approved, and {state}"));
    Ok(())
}

async fn act_on(
    globals: &Globals,
    client: &Client,
    act: &ChangeAct,
    verb: &str,
    done: &str,
) -> Result<(), Failure> {
    let path = format!("/v1/changes/{}", act.of.change);
    if act.dry_run {
        let change = client.get(&path).await?;
        say(globals, &change, &format!("would be {done}"));
        return Ok(());
    }
    let change = client
        .json(Method::POST, &format!("{path}/{verb}"), None)
        .await?;
    say(globals, &change, done);
    Ok(())
}

fn say(globals: &Globals, change: &Value, what: &str) {
    let title = change["title"].as_str().unwrap_or_default();
    let text = format!("change {} ({title}): {what}", change["number"]);
    globals.printer().say(&text);
}
