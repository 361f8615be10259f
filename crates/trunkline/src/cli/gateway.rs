//! `trunkline api` and `trunkline gateway`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// What can be done with API documents.
#[derive(Debug, Subcommand)]
pub(crate) enum ApiCommand {
    /// Find what changed between two versions of an OpenAPI document
    #[command(
        before_help = "Examples:\n  trunkline api diff old.yaml new.yaml\n  git show HEAD~1:openapi.yaml | trunkline api diff - openapi.yaml --output json",
        after_help = "Exit code: 0 nothing breaks a client · 1 something does"
    )]
    Diff(ApiDiff),
    /// Print a draft of a service's document, made from its requests
    #[command(
        before_help = "Examples:\n  trunkline api learn orders > openapi.json\n  trunkline api learn orders --endpoints"
    )]
    Learn(ApiLearn),
    /// List the services that have a document
    #[command(before_help = "Examples:\n  trunkline api list\n  trunkline api list --output json")]
    List,
}

/// Two versions of a document.
#[derive(Debug, Args)]
pub(crate) struct ApiDiff {
    /// The version that clients know; `-` is standard input
    #[arg(value_name = "OLD")]
    pub(crate) old: PathBuf,
    /// The version that is to replace it
    #[arg(value_name = "NEW")]
    pub(crate) new: PathBuf,
}

/// A service whose requests the gateway has seen.
#[derive(Debug, Args)]
pub(crate) struct ApiLearn {
    /// The service
    #[arg(value_name = "SERVICE")]
    pub(crate) service: String,
    /// List the endpoints that its document does not have, instead
    #[arg(long)]
    pub(crate) endpoints: bool,
}

/// What can be done with the gateway.
#[derive(Debug, Subcommand)]
pub(crate) enum GatewayCommand {
    /// Show routes, upstreams and what is wrong with their files
    #[command(
        before_help = "Examples:\n  trunkline gateway status\n  trunkline gateway status --output json | jq '.upstreams'"
    )]
    Status,
    /// Set the weights of an upstream's targets at once, until its file changes
    #[command(
        before_help = "Examples:\n  trunkline gateway weights orders http://127.0.0.1:9001=90 http://127.0.0.1:9002=10\n  trunkline gateway weights orders http://127.0.0.1:9002=0 --dry-run"
    )]
    Weights(GatewayWeights),
}

/// New weights.
#[derive(Debug, Args)]
pub(crate) struct GatewayWeights {
    /// The upstream
    #[arg(value_name = "UPSTREAM")]
    pub(crate) upstream: String,
    /// A target and its weight
    #[arg(value_name = "URL=WEIGHT", required = true, value_parser = weight)]
    pub(crate) weights: Vec<(String, u32)>,
    /// Say what would change, but change nothing
    #[arg(long, short = 'n')]
    pub(crate) dry_run: bool,
}

fn weight(text: &str) -> Result<(String, u32), String> {
    let (target, weight) = text
        .rsplit_once('=')
        .ok_or("write the target's address, `=`, and a number")?;
    let weight = weight
        .parse()
        .map_err(|_| format!("`{weight}` is no whole number from 0 on"))?;
    Ok((target.to_owned(), weight))
}
