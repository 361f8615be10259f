//! `trunkline repository`.

use reqwest::Method;
use serde_json::{Value, json};
use trunkline_shell::Client;

use crate::cli::{Globals, RepositoryCommand, RepositoryCreate, RepositoryRemove};
use crate::{Exit, Failure};

/// Does something with repositories.
pub(in crate::command) async fn run(
    globals: &Globals,
    command: RepositoryCommand,
) -> Result<Exit, Failure> {
    let client = Client::of(globals)?;
    match command {
        RepositoryCommand::List => list(globals, &client).await?,
        RepositoryCommand::Create(wanted) => create(globals, &client, wanted).await?,
        RepositoryCommand::Mirror(command) => super::mirror::run(globals, &client, command).await?,
        RepositoryCommand::Remove(wanted) => return remove(globals, &client, &wanted).await,
    }
    Ok(Exit::Done)
}

/// Where git reaches a repository.
fn address(client: &Client, name: &str) -> Result<String, Failure> {
    Ok(client.url(&format!("/git/{name}"))?.to_string())
}

async fn list(globals: &Globals, client: &Client) -> Result<(), Failure> {
    let document = client.get("/v1/repositories").await?;
    let mut rows = document["repositories"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    for row in &mut rows {
        let name = row["name"].as_str().unwrap_or_default().to_owned();
        row["address"] = Value::String(address(client, &name)?);
    }
    let columns = ["name", "trunk", "address", "paused", "description"];
    globals.printer().document(&document, &rows, &columns)?;
    Ok(())
}

async fn create(
    globals: &Globals,
    client: &Client,
    wanted: RepositoryCreate,
) -> Result<(), Failure> {
    let RepositoryCreate {
        name,
        trunk,
        description,
        dry_run,
    } = wanted;
    if dry_run {
        globals.printer().say(&format!(
            "would make the repository `{name}` with the trunk `{trunk}`"
        ));
        return Ok(());
    }
    let body = json!({"name": name, "trunk": trunk, "description": description});
    let made = client
        .json(Method::POST, "/v1/repositories", Some(&body))
        .await?;
    globals.printer().document(
        &made,
        std::slice::from_ref(&made),
        &["name", "trunk", "description"],
    )?;
    let address = address(client, &name)?;
    globals.printer().say(&format!(
        "begin with: git remote add trunk {address} && git push trunk HEAD:{trunk}\nthen:       git push trunk HEAD:refs/for/{trunk}"
    ));
    Ok(())
}

async fn remove(
    globals: &Globals,
    client: &Client,
    wanted: &RepositoryRemove,
) -> Result<Exit, Failure> {
    let (printer, name) = (globals.printer(), &wanted.name);
    let path = format!("/v1/repositories/{name}");
    client.get(&path).await?;
    if wanted.dry_run {
        printer.say(&format!(
            "would remove the repository `{name}` with all of its changes"
        ));
        return Ok(Exit::Done);
    }
    if !wanted.yes {
        if !printer.can_ask() {
            return Err(Failure::usage(
                format!("`{name}` would be gone with all of its changes"),
                "say --yes, or --dry-run",
            ));
        }
        if !printer.ask(&format!(
            "Remove the repository `{name}` with all of its changes?"
        ))? {
            return Ok(Exit::Done);
        }
    }
    client.json(Method::DELETE, &path, None).await?;
    printer.say(&format!("the repository `{name}` is removed"));
    Ok(Exit::Done)
}
