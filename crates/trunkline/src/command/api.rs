//! `trunkline api`.

use std::io::Read as _;
use std::path::Path;

use serde_json::{Value, json};
use trunkline_contract::{Document, breaking, diff_on};
use trunkline_model::{Clock as _, Coded as _, SystemClock};

use crate::cli::{ApiCommand, ApiDiff, ApiLearn, Globals};
use crate::{Exit, Failure};
use trunkline_shell::Client;

/// Compares documents, lists them, or prints what was learnt.
pub(super) async fn run(globals: &Globals, command: ApiCommand) -> Result<Exit, Failure> {
    match command {
        ApiCommand::Diff(files) => compare(globals, &files),
        ApiCommand::Learn(learn) => self::learn(globals, learn).await,
        ApiCommand::List => list(globals).await,
    }
}

fn compare(globals: &Globals, files: &ApiDiff) -> Result<Exit, Failure> {
    let (old, new) = (read(&files.old)?, read(&files.new)?);
    let today = SystemClock.now().date();
    let changes = diff_on(&old, &new, Some(&today));
    let broken = breaking(&changes);
    let rows: Vec<Value> = changes.iter().map(|change| json!(change)).collect();
    let document = json!({"breaking": broken, "changes": rows});
    let printer = globals.printer();
    printer.document(
        &document,
        &rows,
        &["severity", "operation", "place", "text", "rule"],
    )?;
    printer.say(&format!(
        "{} changes, {broken} of which may break a client",
        changes.len()
    ));
    Ok(if broken == 0 {
        Exit::Done
    } else {
        Exit::Failed
    })
}

fn read(path: &Path) -> Result<Document, Failure> {
    let mut text = String::new();
    let got = if path == Path::new("-") {
        std::io::stdin().read_to_string(&mut text).map(drop)
    } else {
        std::fs::read_to_string(path).map(|read| text = read)
    };
    let named = |what: String| format!("{}: {what}", path.display());
    got.map_err(|error| Failure::usage(named(error.to_string()), "give the path of a document"))?;
    // Told apart from changes that break somebody, which fail the check.
    Document::read(&text).map_err(|error| {
        let what = named(format!("{error} ({})", error.code().code));
        Failure::usage(
            what,
            "give a document of OpenAPI 3.0 or 3.1, as JSON or YAML",
        )
    })
}

async fn list(globals: &Globals) -> Result<Exit, Failure> {
    let answer = Client::of(globals)?.get("/v1/apis").await?;
    let apis = answer["apis"].as_array().cloned().unwrap_or_default();
    let columns = ["service", "title", "version", "operations", "learned"];
    globals.printer().document(&answer, &apis, &columns)?;
    Ok(Exit::Done)
}

async fn learn(globals: &Globals, learn: ApiLearn) -> Result<Exit, Failure> {
    let path = format!("/v1/apis/{}/learned", learn.service);
    let answer = Client::of(globals)?.get(&path).await?;
    let printer = globals.printer();
    if learn.endpoints {
        let endpoints = answer["endpoints"].as_array().cloned().unwrap_or_default();
        let columns = ["method", "path", "count", "first", "last"];
        printer.document(&answer["endpoints"], &endpoints, &columns)?;
    } else {
        printer.data(&format!("{:#}\n", answer["document"]))?;
    }
    Ok(Exit::Done)
}
