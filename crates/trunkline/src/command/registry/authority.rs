//! `trunkline authority`.

use std::path::Path;

use anyhow::Context as _;
use reqwest::Method;
use serde_json::json;

use super::removal::remove;
use crate::cli::{AuthorityAdd, AuthorityCommand, Globals};
use crate::{Exit, Failure};
use trunkline_shell::Client;

const PATH: &str = "/v1/authorities";

/// Shows, registers and removes authorities.
pub(in crate::command) async fn run(
    globals: &Globals,
    command: AuthorityCommand,
) -> Result<Exit, Failure> {
    match command {
        AuthorityCommand::Show => {
            let shown = Client::of(globals)?.get(PATH).await?;
            globals.printer().data(&format!("{shown:#}\n"))?;
        }
        AuthorityCommand::Add(wanted) => add(globals, &wanted).await?,
        AuthorityCommand::Remove(wanted) => {
            return remove(globals, &wanted, PATH, ("others", "id")).await;
        }
    }
    Ok(Exit::Done)
}

async fn add(globals: &Globals, wanted: &AuthorityAdd) -> Result<(), Failure> {
    let body = json!({"certificate": text(&wanted.certificate)?, "verification": text(&wanted.verification)?});
    let (client, printer) = (Client::of(globals)?, globals.printer());
    if wanted.dry_run {
        printer.say(&format!(
            "would register the authority in `{}`",
            wanted.certificate.display()
        ));
        return Ok(());
    }
    let added = client.json(Method::POST, PATH, Some(&body)).await?;
    let id = added["id"].as_str().unwrap_or_default();
    printer.data(&format!("{id}\n"))?;
    Ok(())
}

fn text(file: &Path) -> Result<String, Failure> {
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("`{}` cannot be read", file.display()));
    Ok(text?)
}
