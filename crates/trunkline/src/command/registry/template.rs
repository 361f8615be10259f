//! `trunkline template`.

use reqwest::Method;
use serde_json::Value;

use super::removal::remove;
use crate::cli::{Claim, FromFile, Globals, TemplateCommand};
use crate::command::certificate::keep;
use crate::command::thing::plain;
use crate::command::work::object;
use crate::{Exit, Failure};
use trunkline_shell::Client;

const PATH: &str = "/v1/provisioning-templates";

/// Writes, lists and removes templates, and makes claim certificates for them.
pub(in crate::command) async fn run(
    globals: &Globals,
    command: TemplateCommand,
) -> Result<Exit, Failure> {
    match command {
        TemplateCommand::Put(wanted) => put(globals, &wanted).await?,
        TemplateCommand::List => {
            let answer = Client::of(globals)?.get(PATH).await?;
            let rows: &[Value] = answer["templates"].as_array().map_or(&[], Vec::as_slice);
            globals
                .printer()
                .document(&answer, rows, &["name", "allowed"])?;
        }
        TemplateCommand::Claim(wanted) => claim(globals, &wanted).await?,
        TemplateCommand::Remove(wanted) => {
            return remove(globals, &wanted, PATH, ("templates", "name")).await;
        }
    }
    Ok(Exit::Done)
}

async fn put(globals: &Globals, wanted: &FromFile) -> Result<(), Failure> {
    let hint = "write such as {\"body\": {\"Parameters\": {…}, \"Resources\": {…}}}, with a template of AWS IoT inside";
    let (name, body) = (plain(&wanted.name)?, object(&wanted.file, hint)?);
    if wanted.dry_run {
        globals
            .printer()
            .say(&format!("would write the template `{name}`"));
        return Ok(());
    }
    let client = Client::of(globals)?;
    client
        .json(Method::PUT, &format!("{PATH}/{name}"), Some(&body))
        .await?;
    globals
        .printer()
        .say(&format!("wrote the template `{name}`"));
    Ok(())
}

async fn claim(globals: &Globals, wanted: &Claim) -> Result<(), Failure> {
    let (client, printer, name) = (
        Client::of(globals)?,
        globals.printer(),
        plain(&wanted.name)?,
    );
    if wanted.dry_run {
        printer.say(&format!(
            "would make a claim certificate for the template `{name}`"
        ));
        return Ok(());
    }
    let path = format!("{PATH}/{name}/claims");
    let made = client.json(Method::POST, &path, None).await?;
    keep(&made, &wanted.out)?;
    let id = made["certificate"]["id"].as_str().unwrap_or_default();
    printer.data(&format!("{id}\n"))?;
    printer
        .detail("the key is nowhere else; it goes into every device that is to provision itself");
    Ok(())
}
