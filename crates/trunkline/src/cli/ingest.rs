//! `trunkline ingest`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

/// What can be sent.
#[derive(Debug, Subcommand)]
pub(crate) enum IngestCommand {
    /// Send a file of JSON lines: a CloudEvent a line, or plain data with --type and --source
    #[command(
        before_help = "Examples:\n  trunkline ingest events events.jsonl\n  jq -c '.[]' readings.json | trunkline ingest events - --type trunkline.telemetry.v1 --source /hall-3 --id 2026-11-24"
    )]
    Events(IngestEvents),
    /// Send the history of a git repository to the table `commits`; sending it again adds only what is new
    #[command(
        before_help = "Examples:\n  trunkline ingest git .\n  trunkline ingest git ~/src/shop --repository shop --since 2026-01-01"
    )]
    Git(IngestGit),
}

/// A file of events.
#[derive(Debug, Args)]
pub(crate) struct IngestEvents {
    /// The file; `-` is standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    /// The type of every line; without it each line is a CloudEvent
    #[arg(long = "type", value_name = "TYPE", requires = "source")]
    pub(crate) kind: Option<String>,
    /// The source of every line
    #[arg(long, value_name = "URI", requires = "kind")]
    pub(crate) source: Option<String>,
    /// What ids begin with; sending the same file with the same id again adds nothing
    #[arg(long, value_name = "ID", requires = "kind")]
    pub(crate) id: Option<String>,
    /// What every line is about
    #[arg(long, value_name = "SUBJECT", requires = "kind")]
    pub(crate) subject: Option<String>,
    /// Read and check the lines, but send nothing
    #[arg(long, short = 'n')]
    pub(crate) dry_run: bool,
}

/// A git repository.
#[derive(Debug, Args)]
pub(crate) struct IngestGit {
    /// The repository
    #[arg(value_name = "PATH", value_hint = ValueHint::DirPath)]
    pub(crate) path: PathBuf,
    /// The repository's name in the table [default: the name of the folder]
    #[arg(long, value_name = "NAME")]
    pub(crate) repository: Option<String>,
    /// Only commits at or after this day or time
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<String>,
    /// At most this many commits, the newest first
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<usize>,
    /// Read the history, but send nothing
    #[arg(long, short = 'n')]
    pub(crate) dry_run: bool,
}
