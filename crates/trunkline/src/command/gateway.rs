//! `trunkline gateway`.

use reqwest::Method;
use serde_json::{Map, Value, json};

use crate::cli::{GatewayCommand, GatewayWeights, Globals};
use crate::{Exit, Failure};
use trunkline_shell::Client;

/// The columns of a list of routes.
const COLUMNS: &[&str] = &[
    "name", "hosts", "path", "auth", "plan", "requests", "errors", "refused", "p50_us", "p99_us",
];

/// Shows the gateway or changes weights.
pub(super) async fn run(globals: &Globals, command: GatewayCommand) -> Result<Exit, Failure> {
    match command {
        GatewayCommand::Status => status(globals).await,
        GatewayCommand::Weights(weights) => self::weights(globals, weights).await,
    }
}

async fn status(globals: &Globals) -> Result<Exit, Failure> {
    let answer = Client::of(globals)?.get("/v1/gateway").await?;
    let list = |name: &str| answer[name].as_array().cloned().unwrap_or_default();
    let printer = globals.printer();
    printer.document(&answer, &list("routes"), COLUMNS)?;
    let problems = list("problems");
    for problem in &problems {
        printer.say(&format!(
            "{}: {}",
            problem["file"].as_str().unwrap_or_default(),
            problem["text"].as_str().unwrap_or_default()
        ));
    }
    Ok(if problems.is_empty() {
        Exit::Done
    } else {
        Exit::Failed
    })
}

async fn weights(globals: &Globals, wanted: GatewayWeights) -> Result<Exit, Failure> {
    let printer = globals.printer();
    let told: Vec<_> = wanted
        .weights
        .iter()
        .map(|(target, weight)| format!("{target} {weight}"))
        .collect();
    let told = told.join(", ");
    if wanted.dry_run {
        printer.say(&format!("would set {}: {told}", wanted.upstream));
        return Ok(Exit::Done);
    }
    let weights: Map<String, Value> = wanted
        .weights
        .into_iter()
        .map(|(target, weight)| (target, weight.into()))
        .collect();
    let path = format!("/v1/gateway/upstreams/{}/weights", wanted.upstream);
    Client::of(globals)?
        .json(Method::PUT, &path, Some(&json!({ "weights": weights })))
        .await?;
    printer.say(&format!("set {}: {told}", wanted.upstream));
    Ok(Exit::Done)
}
