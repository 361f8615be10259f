//! `trunkline thing import`.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use anyhow::Context;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use trunkline_model::code;
use trunkline_terminal::{Progress, plural};

use crate::cli::{Globals, ThingImport};
use crate::command::certificate::keep;
use crate::command::thing::plain;
use crate::{Exit, Failure};
use trunkline_shell::Client;

/// Devices that are made at a time.
const TOGETHER: usize = 8;

/// A line of the file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    name: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    attributes: Map<String, Value>,
    #[serde(default)]
    request: Option<String>,
}

/// Makes the devices of a file that are not there, and a certificate for each that has none in the folder.
pub(in crate::command) async fn run(
    globals: &Globals,
    wanted: ThingImport,
) -> Result<Exit, Failure> {
    // The whole file is looked at before anything is made.
    let lines = read(&wanted.file)?;
    let (printer, total) = (globals.printer(), lines.len() as u64);
    let missing = |line: &&Line| !folder(&wanted.out, line).join("device.pem").exists();
    let left: Vec<&Line> = lines.iter().filter(missing).collect();
    let have = plural(total - left.len() as u64, "device");
    let left_out = format!("{have} of the file have certificates in the folder already");
    if wanted.dry_run {
        printer.say(&left_out);
        let made = plural(left.len() as u64, "device");
        printer.say(&format!("would make {made} with certificates"));
        return Ok(Exit::Done);
    }
    printer.detail(&left_out);
    let client = Client::of(globals)?;
    let progress = Progress::start(printer, "importing", Some(left.len() as u64));
    let made = stream::iter(left.iter().map(|line| one(&client, line, &wanted)))
        .buffer_unordered(TOGETHER)
        .inspect_ok(|()| progress.advance(1))
        .try_fold(0_u64, async |made, ()| Ok(made + 1));
    let made = made.await?;
    progress.finish(&format!("{} imported", plural(made, "device")));
    Ok(Exit::Done)
}

fn read(file: &Path) -> Result<Vec<Line>, Failure> {
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("`{}` cannot be read", file.display()))?;
    let (mut lines, mut names) = (Vec::new(), HashSet::new());
    for (number, text) in text.lines().enumerate() {
        if text.trim().is_empty() {
            continue;
        }
        let wrong = |what: String| {
            let place = format!("`{}`, line {}", file.display(), number + 1);
            let hint =
                "write {\"name\": \"pump-7\", \"kind\": \"pump\"} on each line, every device once";
            Failure::usage(format!("{place}: {what}"), hint)
        };
        let line: Line = serde_json::from_str(text).map_err(|error| wrong(error.to_string()))?;
        if plain(&line.name).is_err() {
            return Err(wrong(format!("`{}` is no name", line.name)));
        }
        if !names.insert(line.name.clone()) {
            return Err(wrong(format!("`{}` stands twice", line.name)));
        }
        lines.push(line);
    }
    Ok(lines)
}

fn folder(out: &Path, line: &Line) -> PathBuf {
    out.join(&line.name)
}

/// Makes a device, where it is not there, and its certificate.
async fn one(client: &Client, line: &Line, wanted: &ThingImport) -> Result<(), Failure> {
    let thing = json!({"name": line.name, "kind": line.kind, "attributes": line.attributes});
    match client.json(Method::POST, "/v1/things", Some(&thing)).await {
        Ok(_) => {}
        Err(failure) if failure.is(&code::FLEET_THING_EXISTS) => {}
        Err(failure) => return Err(failure),
    }
    let mut body = json!({"days": wanted.days});
    if let Some(request) = &line.request {
        body["request"] = request.as_str().into();
    }
    let path = format!("/v1/things/{}/certificates", line.name);
    let made = client.json(Method::POST, &path, Some(&body)).await?;
    keep(&made, &folder(&wanted.out, line))
}
