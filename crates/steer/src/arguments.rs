//! What can be typed.

use clap::{Args, Subcommand};

/// What can be done with services.
#[derive(Debug, Subcommand)]
pub enum ServiceCommand {
    /// List the services: what serves of each, and what is on its way
    #[command(
        before_help = "Examples:\n  trunkline service list\n  trunkline service list --output json"
    )]
    List,
    /// Show a service: its release, its deployment with the evidence, its instances
    #[command(
        before_help = "Examples:\n  trunkline service show billing\n  watch -n1 trunkline service show billing"
    )]
    Show(Named),
    /// List the last releases of a service
    #[command(
        before_help = "Examples:\n  trunkline service releases billing\n  trunkline service releases billing --output csv"
    )]
    Releases(Named),
    /// List the last deployments of a service, and why each ended as it did
    #[command(
        before_help = "Examples:\n  trunkline service deployments billing\n  trunkline service deployments billing --output json"
    )]
    Deployments(Named),
    /// Print the last lines that a service wrote
    #[command(
        before_help = "Examples:\n  trunkline service log billing\n  trunkline service log billing --lines 1000"
    )]
    Log(Lines),
    /// Deploy again what was rolled back, without steps
    #[command(
        before_help = "Examples:\n  trunkline service promote billing\n  trunkline service promote billing --number 12 --reason 'it was not the release'"
    )]
    Promote(Numbered),
    /// Let a deployment wait where it is until somebody decides
    #[command(
        before_help = "Examples:\n  trunkline service hold billing --reason 'the fair is on'\n  trunkline service hold billing --dry-run"
    )]
    Hold(Act),
    /// Let a deployment that is held go on
    #[command(
        before_help = "Examples:\n  trunkline service resume billing\n  trunkline service resume billing --dry-run"
    )]
    Resume(Act),
    /// Go on to the next step of a deployment at once
    #[command(
        before_help = "Examples:\n  trunkline service skip billing\n  trunkline service skip billing --reason 'I have seen enough'"
    )]
    Skip(Act),
    /// Deploy no new releases of a service
    #[command(
        before_help = "Examples:\n  trunkline service pin billing --reason 'the books are being closed'\n  trunkline service pin billing --dry-run"
    )]
    Pin(Act),
    /// Deploy new releases of a service again, the newest first
    #[command(
        before_help = "Examples:\n  trunkline service unpin billing\n  trunkline service unpin billing --dry-run"
    )]
    Unpin(Act),
}

/// A service.
#[derive(Debug, Args)]
pub struct Named {
    /// Its name
    #[arg(value_name = "SERVICE")]
    pub name: String,
}

/// The log of a service.
#[derive(Debug, Args)]
pub struct Lines {
    /// The service
    #[command(flatten)]
    pub of: Named,
    /// How many lines
    #[arg(long, value_name = "NUMBER", default_value_t = 200)]
    pub lines: usize,
}

/// Something that is to be done with a service.
#[derive(Debug, Args)]
pub struct Act {
    /// The service
    #[command(flatten)]
    pub of: Named,
    /// Why
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub reason: String,
    /// Say what would be done, but do nothing
    #[arg(long, short = 'n')]
    pub dry_run: bool,
}

/// Something that is to be done with a release.
#[derive(Debug, Args)]
pub struct Numbered {
    /// The number of the release; the one that was left last where it is missing
    #[arg(long, value_name = "NUMBER")]
    pub number: Option<i64>,
    /// What is to be done
    #[command(flatten)]
    pub act: Act,
}

/// The way back.
#[derive(Debug, Args)]
pub struct Rollback {
    /// The number of the release to go back to; the one before where it is missing
    #[arg(long, value_name = "NUMBER")]
    pub to: Option<i64>,
    /// Say what it would do and what would break, but do nothing
    #[arg(long)]
    pub explain: bool,
    /// Go back also where that is not safe
    #[arg(long)]
    pub force: bool,
    /// What is to be done
    #[command(flatten)]
    pub act: Act,
}
