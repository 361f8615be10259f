//! `trunkline type`.

use reqwest::Method;
use serde_json::Value;

use super::removal::remove;
use crate::cli::{FromFile, Globals, TypeCommand};
use crate::command::thing::plain;
use crate::command::work::object;
use crate::{Exit, Failure};
use trunkline_shell::Client;

const PATH: &str = "/v1/thing-types";

/// Writes, lists, shows and removes types.
pub(in crate::command) async fn run(
    globals: &Globals,
    command: TypeCommand,
) -> Result<Exit, Failure> {
    match command {
        TypeCommand::Put(wanted) => put(globals, &wanted).await?,
        TypeCommand::List => {
            let answer = Client::of(globals)?.get(PATH).await?;
            let rows: &[Value] = answer["types"].as_array().map_or(&[], Vec::as_slice);
            let columns = ["name", "description", "shadow_bytes", "changed"];
            globals.printer().document(&answer, rows, &columns)?;
        }
        TypeCommand::Show(known) => {
            let path = format!("{PATH}/{}", plain(&known.name)?);
            let shown = Client::of(globals)?.get(&path).await?;
            globals.printer().data(&format!("{shown:#}\n"))?;
        }
        TypeCommand::Remove(wanted) => {
            return remove(globals, &wanted, PATH, ("types", "name")).await;
        }
    }
    Ok(Exit::Done)
}

async fn put(globals: &Globals, wanted: &FromFile) -> Result<(), Failure> {
    let hint = "write such as {\"description\": \"…\", \"reported\": {…}, \"attributes\": {…}}, with JSON Schema inside";
    let (name, body) = (plain(&wanted.name)?, object(&wanted.file, hint)?);
    if wanted.dry_run {
        globals
            .printer()
            .say(&format!("would write the type `{name}`"));
        return Ok(());
    }
    let client = Client::of(globals)?;
    client
        .json(Method::PUT, &format!("{PATH}/{name}"), Some(&body))
        .await?;
    globals.printer().say(&format!("wrote the type `{name}`"));
    Ok(())
}
