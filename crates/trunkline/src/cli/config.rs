//! `trunkline config`.

use clap::{Args, Subcommand};

/// What can be done with the configuration.
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Show what holds: defaults, file, environment and flags put together
    #[command(
        before_help = "Examples:\n  trunkline config show --origin\n  trunkline config show > trunkline.toml"
    )]
    Show(ShowConfig),
    /// Check it and say what is wrong
    #[command(
        before_help = "Examples:\n  trunkline config check\n  trunkline config check --config trunkline.toml"
    )]
    Check(Settings),
    /// Print its JSON schema, for editors
    #[command(
        before_help = "Examples:\n  trunkline config schema > trunkline.schema.json\n  trunkline config schema | jq .properties.log"
    )]
    Schema,
}

/// Values above all others.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Settings {
    /// Set a value above file and environment; may be repeated
    #[arg(long = "set", value_name = "SECTION.KEY=VALUE")]
    pub(crate) set: Vec<String>,
}

/// What to show.
#[derive(Debug, Args)]
pub(crate) struct ShowConfig {
    /// Say where each value came from
    #[arg(long)]
    pub(crate) origin: bool,
    /// Values above all others.
    #[command(flatten)]
    pub(crate) settings: Settings,
}
