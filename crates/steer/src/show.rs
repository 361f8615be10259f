//! What is shown of services.

use serde_json::{Value, json};
use trunkline_shell::{Client, Failure, Globals};
use trunkline_terminal::Format;

use crate::act::path;

/// What is shown of a service in one row.
const COLUMNS: [&str; 7] = [
    "service",
    "health",
    "release",
    "deployment",
    "percent",
    "instances",
    "owner",
];

pub(crate) async fn list(globals: &Globals, client: &Client) -> Result<(), Failure> {
    let document = client.get("/v1/services").await?;
    let all = document["services"].as_array().cloned().unwrap_or_default();
    let rows: Vec<_> = all.iter().map(row).collect();
    globals.printer().document(&document, &rows, &COLUMNS)?;
    Ok(())
}

fn row(service: &Value) -> Value {
    let deployment = &service["deployment"];
    let coming = deployment["state"]
        .as_str()
        .map(|state| format!("{state} {}", deployment["number"]));
    json!({
        "service": service["name"],
        "health": service["health"],
        "release": service["serving"]["number"],
        "deployment": coming,
        "percent": deployment["percent"],
        "instances": service["instances"].as_array().map(Vec::len),
        "owner": service["owner"],
    })
}

pub(crate) async fn one(globals: &Globals, client: &Client, name: &str) -> Result<(), Failure> {
    service(globals, &client.get(&path(name)).await?)
}

/// A service with what runs of it, and the numbers behind its deployment.
pub(crate) fn service(globals: &Globals, service: &Value) -> Result<(), Failure> {
    let printer = globals.printer();
    printer.document(service, &[row(service)], &COLUMNS)?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    for what in ["pinned", "problem"] {
        if let Some(why) = service[what].as_str() {
            printer.warn(&format!("{what}: {why}"));
        }
    }
    let deployment = &service["deployment"];
    if deployment.is_object() {
        printer.say(&format!(
            "release {} is {}: {}",
            deployment["number"],
            text(&deployment["state"]),
            text(&deployment["reason"])
        ));
        for rule in deployment["evidence"]["rules"]
            .as_array()
            .into_iter()
            .flatten()
        {
            printer.say(&format!(
                "  {}: {} of {} answers against {} of {} before; evidence {:.1} of {:.1}",
                text(&rule["rule"]),
                rule["release"]["bad"],
                rule["release"]["answers"],
                rule["before"]["bad"],
                rule["before"]["answers"],
                rule["evidence"].as_f64().unwrap_or(0.0),
                rule["needed"].as_f64().unwrap_or(0.0),
            ));
        }
    }
    for one in service["instances"].as_array().into_iter().flatten() {
        printer.say(&format!(
            "  {} of release {} at port {}, process {}",
            text(&one["state"]),
            one["number"],
            one["port"],
            one["process"]
        ));
    }
    Ok(())
}

pub(crate) async fn releases(
    globals: &Globals,
    client: &Client,
    name: &str,
) -> Result<(), Failure> {
    let document = client.get(&format!("{}/releases", path(name))).await?;
    let rows = document["releases"].as_array().cloned().unwrap_or_default();
    let columns = [
        "number",
        "created",
        "commit",
        "digest",
        "bytes",
        "contracts",
    ];
    globals.printer().document(&document, &rows, &columns)?;
    Ok(())
}

pub(crate) async fn deployments(
    globals: &Globals,
    client: &Client,
    name: &str,
) -> Result<(), Failure> {
    let document = client.get(&format!("{}/deployments", path(name))).await?;
    let rows = document["deployments"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let columns = [
        "started", "kind", "number", "state", "percent", "by", "reason",
    ];
    globals.printer().document(&document, &rows, &columns)?;
    Ok(())
}

pub(crate) async fn log(
    globals: &Globals,
    client: &Client,
    name: &str,
    lines: usize,
) -> Result<(), Failure> {
    let document = client
        .get(&format!("{}/log?lines={lines}", path(name)))
        .await?;
    let rows: Vec<_> = document["lines"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|line| json!({ "line": line }))
        .collect();
    let printer = globals.printer();
    if printer.format != Format::Table {
        printer.document(&document, &rows, &["line"])?;
        return Ok(());
    }
    // People read lines as they were written.
    let lines = rows.iter().filter_map(|row| row["line"].as_str());
    printer.data(&lines.map(|line| format!("{line}\n")).collect::<String>())?;
    Ok(())
}
