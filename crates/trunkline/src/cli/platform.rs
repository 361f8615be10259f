//! Commands about the platform as a whole.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

use super::Settings;

/// How to start.
#[derive(Debug, Args)]
pub(crate) struct Up {
    /// Load a sample too: the history of a git repository [default: this folder's] and the traffic of three pretend services
    #[arg(long, value_name = "PATH", num_args = 0..=1, default_missing_value = ".", value_hint = ValueHint::DirPath)]
    pub(crate) sample: Option<PathBuf>,
    /// Values above all others.
    #[command(flatten)]
    pub(crate) settings: Settings,
}

/// What to look at.
#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// Look only at files and ports, and ask no platform
    #[arg(long)]
    pub(crate) offline: bool,
}

/// What can be done with the sample.
#[derive(Debug, Subcommand)]
pub(crate) enum SampleCommand {
    /// Erase the sample's rows from every table
    #[command(
        before_help = "Examples:\n  trunkline sample remove --dry-run\n  trunkline sample remove --yes"
    )]
    Remove(SampleRemove),
}

/// How to remove it.
#[derive(Debug, Args)]
pub(crate) struct SampleRemove {
    /// Count the rows, but erase none
    #[arg(long, short = 'n')]
    pub(crate) dry_run: bool,
    /// Do not ask
    #[arg(long, short)]
    pub(crate) yes: bool,
}
