//! `trunkline repository mirror`.

use reqwest::Method;
use serde_json::{Value, json};
use trunkline_shell::Client;

use crate::Failure;
use crate::cli::{Globals, MirrorCommand, MirrorSet};

/// What is shown of a mirror.
const COLUMNS: [&str; 7] = [
    "repository",
    "direction",
    "url",
    "branch",
    "state",
    "commit",
    "problem",
];

/// Does something with a mirror.
pub(super) async fn run(
    globals: &Globals,
    client: &Client,
    command: MirrorCommand,
) -> Result<(), Failure> {
    match command {
        MirrorCommand::Show(wanted) => show(globals, &client.get(&path(&wanted.name)).await?),
        MirrorCommand::Set(wanted) => set(globals, client, wanted).await,
        MirrorCommand::Sync(wanted) => {
            let path = format!("{}/sync", path(&wanted.name));
            show(globals, &client.json(Method::POST, &path, None).await?)
        }
        MirrorCommand::Remove(wanted) => {
            let mirror = client.get(&path(&wanted.name)).await?;
            let url = mirror["url"].as_str().unwrap_or_default();
            let printer = globals.printer();
            if wanted.dry_run {
                printer.say(&format!(
                    "would remove the mirror of `{}` and {url}",
                    wanted.name
                ));
                return Ok(());
            }
            client
                .json(Method::DELETE, &path(&wanted.name), None)
                .await?;
            printer.say(&format!("`{}` and {url} are on their own now", wanted.name));
            Ok(())
        }
    }
}

fn path(name: &str) -> String {
    format!("/v1/repositories/{name}/mirror")
}

fn show(globals: &Globals, mirror: &Value) -> Result<(), Failure> {
    let rows = std::slice::from_ref(mirror);
    globals.printer().document(mirror, rows, &COLUMNS)?;
    Ok(())
}

async fn set(globals: &Globals, client: &Client, wanted: MirrorSet) -> Result<(), Failure> {
    let (direction, url) = match (wanted.from, wanted.to) {
        (Some(url), _) => ("from", url),
        (None, to) => ("to", to.unwrap_or_default()),
    };
    let name = wanted.name;
    if wanted.dry_run {
        let (follower, followed) = match direction {
            "from" => (name.as_str(), url.as_str()),
            _ => (url.as_str(), name.as_str()),
        };
        globals
            .printer()
            .say(&format!("would let {follower} follow {followed}"));
        return Ok(());
    }
    let body = json!({
        "direction": direction, "url": url, "branch": wanted.branch, "user": wanted.user, "secret": wanted.secret,
    });
    let made = client.json(Method::PUT, &path(&name), Some(&body)).await?;
    let rows = std::slice::from_ref(&made["mirror"]);
    globals.printer().document(&made, rows, &COLUMNS)?;
    let webhook = &made["webhook"];
    let text = |name: &str| webhook[name].as_str().unwrap_or_default();
    globals.printer().say(&format!(
        "so that a push there is seen at once, add a webhook for pushes, as JSON:\n  address  {}\n  secret   {}\nthe secret is not shown again",
        text("address"),
        text("secret")
    ));
    Ok(())
}
