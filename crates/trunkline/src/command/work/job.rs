//! `trunkline job`.

use std::path::Path;

use anyhow::Context;
use reqwest::Method;
use serde_json::{Value, json};
use trunkline_terminal::plural;

use super::pages::{all, of_status};
use crate::cli::{Globals, JobCancel, JobCommand, JobCreate, JobRemove, JobRollback};
use crate::command::thing::plain;
use crate::{Exit, Failure};
use trunkline_shell::Client;

/// What is to be written into the file of a document.
const DOCUMENT: &str = "write what the devices are to do, such as {\"version\": \"1.2.3\"}";

/// Makes, lists, shows, cancels and deletes jobs.
pub(in crate::command) async fn run(
    globals: &Globals,
    command: JobCommand,
) -> Result<Exit, Failure> {
    let client = Client::of(globals)?;
    match command {
        JobCommand::Create(wanted) => create(globals, &client, wanted).await?,
        JobCommand::List(wanted) => {
            let path = format!("/v1/jobs{}", of_status(wanted.status.as_deref())?);
            let rows = all(&client, &path, "jobs", usize::MAX).await?;
            let columns = ["jobId", "status", "targetSelection", "createdAt"];
            let document = json!({"jobs": rows});
            globals.printer().document(&document, &rows, &columns)?;
        }
        JobCommand::Show(known) => {
            let path = path_of(&known.name)?;
            let shown = client.get(&path).await?;
            globals.printer().data(&format!("{shown:#}\n"))?;
        }
        JobCommand::Executions(wanted) => {
            let status = of_status(wanted.status.as_deref())?;
            let path = format!("{}/executions{status}", path_of(&wanted.job)?);
            let rows = all(&client, &path, "executions", usize::MAX).await?;
            let columns = ["thingName", "status", "startedAt", "lastUpdatedAt"];
            let document = json!({"executions": rows});
            globals.printer().document(&document, &rows, &columns)?;
        }
        JobCommand::Cancel(wanted) => cancel(globals, &client, wanted).await?,
        JobCommand::Rollback(wanted) => roll_back(globals, &client, &wanted).await?,
        JobCommand::Remove(wanted) => remove(globals, &client, &wanted).await?,
    }
    Ok(Exit::Done)
}

fn path_of(job: &str) -> Result<String, Failure> {
    Ok(format!("/v1/jobs/{}", plain(job)?))
}

async fn create(globals: &Globals, client: &Client, wanted: JobCreate) -> Result<(), Failure> {
    let mut body = match &wanted.with {
        Some(file) => object(
            file,
            "write {\"jobExecutionsRolloutConfig\": {\"maximumPerMinute\": 50}}, and what else is wanted of the job",
        )?,
        None => json!({}),
    };
    body["jobId"] = wanted.job.as_str().into();
    body["document"] = object(&wanted.document, DOCUMENT)?;
    body["targets"] = wanted.targets.as_slice().into();
    if let Some(description) = wanted.description {
        body["description"] = description.into();
    }
    let printer = globals.printer();
    let targets = plural(wanted.targets.len() as u64, "target");
    if wanted.dry_run {
        printer.say(&format!("would make {} for {targets}", wanted.job));
        printer.data(&format!("{body:#}\n"))?;
        return Ok(());
    }
    client.json(Method::POST, "/v1/jobs", Some(&body)).await?;
    printer.say(&format!("made {} for {targets}", wanted.job));
    Ok(())
}

async fn cancel(globals: &Globals, client: &Client, wanted: JobCancel) -> Result<(), Failure> {
    let (job, printer) = (&wanted.job, globals.printer());
    let path = path_of(&job.name)?;
    if job.dry_run {
        client.get(&path).await?;
        printer.say(&format!("would call {} off", job.name));
        return Ok(());
    }
    let body =
        json!({"force": wanted.force, "reasonCode": wanted.reason, "comment": wanted.comment});
    let path = format!("{path}/cancel");
    client.json(Method::POST, &path, Some(&body)).await?;
    printer.say(&format!("called {} off", job.name));
    Ok(())
}

async fn roll_back(
    globals: &Globals,
    client: &Client,
    wanted: &JobRollback,
) -> Result<(), Failure> {
    let (job, printer) = (&wanted.job, globals.printer());
    let path = path_of(&job.name)?;
    let body = match &wanted.document {
        Some(file) => json!({"document": object(file, DOCUMENT)?}),
        None => json!({}),
    };
    if job.dry_run {
        client.get(&path).await?;
        printer.say(&format!("would roll {} back", job.name));
        return Ok(());
    }
    let path = format!("{path}/rollback");
    let made = client.json(Method::POST, &path, Some(&body)).await?;
    let id = made["jobId"].as_str().unwrap_or_default();
    printer.say(&format!("{id} rolls {} back", job.name));
    Ok(())
}

async fn remove(globals: &Globals, client: &Client, wanted: &JobRemove) -> Result<(), Failure> {
    let (job, printer) = (&wanted.job, globals.printer());
    let path = path_of(&job.name)?;
    if job.dry_run {
        client.get(&path).await?;
        printer.say(&format!("would delete {} and its executions", job.name));
        return Ok(());
    }
    let path = format!("{path}?force={}", wanted.force);
    client.json(Method::DELETE, &path, None).await?;
    printer.say(&format!("deleted {}", job.name));
    Ok(())
}

/// The JSON object in a file; `hint` says what to write there.
pub(in crate::command) fn object(file: &Path, hint: &str) -> Result<Value, Failure> {
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("`{}` cannot be read", file.display()))?;
    let wrong = |why: String| {
        let what = format!("`{}` is no JSON object{why}", file.display());
        Failure::usage(what, hint)
    };
    match serde_json::from_str(&text) {
        Ok(value @ Value::Object(_)) => Ok(value),
        Ok(_) => Err(wrong(String::new())),
        Err(error) => Err(wrong(format!(": {error}"))),
    }
}
