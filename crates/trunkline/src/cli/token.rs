//! `trunkline token` and `trunkline link`.

use clap::{Args, Subcommand, ValueEnum};
use clap_complete::engine::ArgValueCandidates;
use trunkline_model::Scope;

use super::complete;

/// What can be done with tokens. Without --server these work on the data directory itself, whether the platform runs or not.
#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Make a token and print it; it is shown this once
    #[command(
        before_help = "Examples:\n  trunkline token create --name ci --scope write --expires-in-days 90\n  export TRUNKLINE_TOKEN=$(trunkline token create --name laptop --data-dir ./data)"
    )]
    Create(TokenCreate),
    /// List the tokens that are good
    #[command(
        before_help = "Examples:\n  trunkline token list\n  trunkline token list --output json"
    )]
    List,
    /// Make a token worthless
    #[command(
        before_help = "Examples:\n  trunkline token revoke tok_01JD9Z6T3S8Q4H5W2E7R1Y0UAB\n  trunkline token revoke tok_01JD9Z6T3S8Q4H5W2E7R1Y0UAB --dry-run"
    )]
    Revoke(TokenRevoke),
}

/// A new token.
#[derive(Debug, Args)]
pub(crate) struct TokenCreate {
    /// The name that people will know it by
    #[arg(long, value_name = "NAME")]
    pub(crate) name: String,
    /// What it may do; may be repeated
    #[arg(long, value_enum, value_name = "SCOPE", value_delimiter = ',', default_values = ["read", "write"])]
    pub(crate) scope: Vec<ScopeName>,
    /// Days after which it is worthless [default: never]
    #[arg(long, value_name = "DAYS")]
    pub(crate) expires_in_days: Option<u32>,
    /// Say what would be made, but make nothing
    #[arg(long, short = 'n')]
    pub(crate) dry_run: bool,
}

/// A token that is to be worthless.
#[derive(Debug, Args)]
pub(crate) struct TokenRevoke {
    /// Its id, as `token list` shows it
    #[arg(value_name = "ID", add = ArgValueCandidates::new(complete::tokens))]
    pub(crate) id: String,
    /// Say what would be revoked, but revoke nothing
    #[arg(long, short = 'n')]
    pub(crate) dry_run: bool,
}

/// What can be done with links.
#[derive(Debug, Subcommand)]
pub(crate) enum LinkCommand {
    /// Make a link that signs the owner in once, and print it
    #[command(
        before_help = "Examples:\n  trunkline link create\n  xdg-open \"$(trunkline link create --data-dir ./data)\""
    )]
    Create(LinkCreate),
}

/// A new link.
#[derive(Debug, Args)]
pub(crate) struct LinkCreate {
    /// Say what would be made, but make nothing
    #[arg(long, short = 'n')]
    pub(crate) dry_run: bool,
}

/// What a token may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ScopeName {
    /// SQL, tail, tables, system
    Read,
    /// Send events
    Write,
    /// Everything, tokens and erasure included
    Owner,
}

impl ScopeName {
    /// The scope of that name.
    pub(crate) const fn scope(self) -> Scope {
        match self {
            Self::Read => Scope::Read,
            Self::Write => Scope::Write,
            Self::Owner => Scope::Owner,
        }
    }
}
