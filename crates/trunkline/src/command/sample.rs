//! `trunkline sample`.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};
use trunkline_sample::fleet::{DESCRIBED, JOB, KINDS, groups};
use trunkline_sample::monorepo::MONOREPO;
use trunkline_sample::{SAMPLE, predicate};
use trunkline_simulator::sample::fleet;

use crate::cli::{Globals, SampleCommand, SampleRemove};
use crate::{Exit, Failure};
use trunkline_shell::Client;
use trunkline_terminal::{Format, count, plural};

/// Removes the sample.
pub(super) async fn run(globals: &Globals, command: SampleCommand) -> Result<Exit, Failure> {
    let SampleCommand::Remove(remove) = command;
    let printer = globals.printer();
    let client = Client::of(globals)?;
    let (things, names) = things(&client).await?;
    let found = found(&client, &names).await?;
    let total: u64 = found.iter().map(|(_, _, rows)| rows).sum();
    if total == 0 && things.is_empty() {
        printer.say("there is no sample");
        return Ok(Exit::Done);
    }
    if !things.is_empty() {
        let things = plural(things.len() as u64, "device");
        printer.say(&format!("{things} of the sample"));
    }
    for (table, _, rows) in &found {
        printer.say(&format!("{table}: {} of the sample", plural(*rows, "row")));
    }
    if remove.dry_run {
        let devices = plural(things.len() as u64, "device");
        printer.say(&format!(
            "would erase {} rows and remove {devices}",
            count(total)
        ));
        return Ok(Exit::Done);
    }
    allowed(globals, &remove, total)?;
    for thing in &things {
        let path = format!("/v1/things/{thing}");
        client.json(Method::DELETE, &path, None).await?;
    }
    for path in surroundings(&client).await? {
        client.json(Method::DELETE, &path, None).await?;
    }
    let mut erased = Vec::new();
    for (table, predicate, _) in &found {
        let body = json!({"where": predicate});
        let answer = client
            .json(
                Method::POST,
                &format!("/v1/tables/{table}/erase"),
                Some(&body),
            )
            .await?;
        erased.push(json!({"table": table, "rows": answer["rows"]}));
    }
    if printer.format == Format::Table {
        printer.say(&format!(
            "erased {} rows from {}",
            count(total),
            plural(erased.len() as u64, "table")
        ));
    } else {
        printer.document(&Value::Array(erased.clone()), &erased, &["table", "rows"])?;
    }
    Ok(Exit::Done)
}

/// Where the sample's job, groups and types are that are there. What is called like one of them and is somebody's own is not described
/// like it.
async fn surroundings(client: &Client) -> Result<Vec<String>, Failure> {
    let mut paths = Vec::new();
    let jobs = client.get("/v1/jobs?limit=1000").await?;
    let mut jobs = jobs["jobs"].as_array().into_iter().flatten();
    if jobs.any(|job| job["jobId"] == JOB) {
        paths.push(format!("/v1/jobs/{JOB}?force=true"));
    }
    let repositories = client.get("/v1/repositories").await?;
    let mut repositories = repositories["repositories"]
        .as_array()
        .into_iter()
        .flatten();
    let ours = |one: &Value| {
        let described = one["description"].as_str().unwrap_or_default();
        one["name"] == MONOREPO && described.starts_with(DESCRIBED)
    };
    if repositories.any(ours) {
        paths.push(format!("/v1/repositories/{MONOREPO}"));
    }
    for (list, name, known) in [
        ("/v1/thing-groups?limit=1000", "groups", groups()),
        ("/v1/thing-types", "types", KINDS.map(str::to_owned).into()),
    ] {
        let answer = client.get(list).await?;
        let (path, _) = list.split_once('?').unwrap_or((list, ""));
        for one in answer[name].as_array().into_iter().flatten() {
            let called = one["name"].as_str().unwrap_or_default();
            let described = one["description"].as_str().unwrap_or_default();
            if described.starts_with(DESCRIBED) && known.iter().any(|known| known == called) {
                paths.push(format!("{path}/{called}"));
            }
        }
    }
    Ok(paths)
}

/// The names of the sample's devices that are there, and of all whose rows are the sample's: a removal that broke off may have left rows of
/// devices that are gone. Somebody's own device that is called like one of the sample is theirs.
async fn things(client: &Client) -> Result<(Vec<String>, Vec<String>), Failure> {
    let known: Vec<String> = fleet().into_iter().map(|thing| thing.name).collect();
    // None of these names has anything in it that means something in SQL.
    let listed = known.join("', '");
    let things = named(client, &format!("attributes->>'{SAMPLE}' = 'true'")).await?;
    let not_ours =
        format!("thing in ('{listed}') and attributes->>'{SAMPLE}' is distinct from 'true'");
    let others = named(client, &not_ours).await?;
    let names: BTreeSet<String> = things.iter().cloned().chain(known).collect();
    let names = names.difference(&others).cloned().collect();
    Ok((things.into_iter().collect(), names))
}

/// The names of the devices for which the predicate holds.
async fn named(client: &Client, predicate: &str) -> Result<BTreeSet<String>, Failure> {
    let query = format!("select thing from things where {predicate}");
    let body = json!({"query": query, "limit": 10_000});
    let answer = client.json(Method::POST, "/v1/sql", Some(&body)).await?;
    let rows = answer["rows"].as_array().into_iter().flatten();
    Ok(rows
        .filter_map(|row| row[0].as_str().map(str::to_owned))
        .collect())
}

/// Table, predicate and number of rows, for every table that holds some of the sample.
async fn found(client: &Client, things: &[String]) -> Result<Vec<(String, String, u64)>, Failure> {
    let answer = client.get("/v1/tables").await?;
    let mut found = Vec::new();
    for table in answer["tables"].as_array().into_iter().flatten() {
        let (Some(name), Some(columns)) = (table["name"].as_str(), table["columns"].as_array())
        else {
            continue;
        };
        // What shows how things are now goes with the devices, and what a view shows with its tables.
        if table["kind"] == "present" || table["kind"] == "view" {
            continue;
        }
        let Some(predicate) = predicate(columns, things) else {
            continue;
        };
        let query = format!("select count(*) from \"{name}\" where {predicate}");
        let result = client
            .json(Method::POST, "/v1/sql", Some(&json!({"query": query})))
            .await?;
        let rows = result["rows"][0][0].as_u64().unwrap_or_default();
        if rows > 0 {
            found.push((name.to_owned(), predicate, rows));
        }
    }
    Ok(found)
}

/// Nothing where somebody said yes.
fn allowed(globals: &Globals, remove: &SampleRemove, total: u64) -> Result<(), Failure> {
    if remove.yes {
        return Ok(());
    }
    let printer = globals.printer();
    if !printer.can_ask() {
        return Err(Failure::usage(
            "erasing needs a yes",
            "add --yes, or look first with --dry-run",
        ));
    }
    if printer.ask(&format!("Erase {} rows of the sample?", count(total)))? {
        return Ok(());
    }
    Err(Failure::usage("nothing was erased", "add --yes when it is meant").exit(Exit::Failed))
}
