//! What a shell offers at Tab that only this program, or the running platform, can know.

use std::time::Duration;

use clap::Parser as _;
use clap_complete::engine::CompletionCandidate;
use serde_json::Value;
use trunkline_model::code;

use super::Cli;
use trunkline_shell::Client;

/// Longer than this nobody waits for a Tab.
const PATIENCE: Duration = Duration::from_millis(400);

/// Every error code with its title.
pub(super) fn codes() -> Vec<CompletionCandidate> {
    code::all()
        .map(|entry| CompletionCandidate::new(entry.code).help(Some(entry.title.into())))
        .collect()
}

/// The tables of the platform that the environment names.
pub(super) fn tables() -> Vec<CompletionCandidate> {
    named("/v1/tables", "tables", "name", "kind")
}

/// The tokens of the platform that the environment names.
pub(super) fn tokens() -> Vec<CompletionCandidate> {
    named("/v1/tokens", "tokens", "id", "name")
}

/// One candidate for each item of a list; none where nothing answers at once.
fn named(path: &str, list: &str, value: &str, help: &str) -> Vec<CompletionCandidate> {
    let items = ask(path)
        .map(|answer| answer[list].clone())
        .unwrap_or_default();
    let candidate = |item: &Value| {
        let help = item[help].as_str().map(|text| text.to_owned().into());
        Some(CompletionCandidate::new(item[value].as_str()?).help(help))
    };
    items
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(candidate)
        .collect()
}

fn ask(path: &str) -> Option<Value> {
    // The options that were typed so far are not known here, so the environment decides which platform is asked.
    let cli = Cli::try_parse_from(["trunkline", "status"]).ok()?;
    let client = Client::of(&cli.globals).ok()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .ok()?;
    runtime.block_on(async {
        tokio::time::timeout(PATIENCE, client.get(path))
            .await
            .ok()?
            .ok()
    })
}
