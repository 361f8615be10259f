//! `trunkline access` and `trunkline person`.

use clap::{Args, Subcommand, ValueEnum};
use trunkline_model::Role;

/// What can be asked about permissions.
#[derive(Debug, Subcommand)]
pub(crate) enum AccessCommand {
    /// Say whether somebody may do something, and which policy decided
    #[command(
        before_help = "Examples:\n  trunkline access check --as ann@example.com table.read commits\n  trunkline access check --as ci event.send telemetry --output json",
        after_help = "Exit code: 0 it is allowed · 1 it is not"
    )]
    Check(AccessCheck),
    /// List the policies, and what is wrong with the files that hold them
    #[command(
        before_help = "Examples:\n  trunkline access policies\n  trunkline access policies --output json | jq '.policies[].text'"
    )]
    Policies,
}

/// A question about permissions.
#[derive(Debug, Args)]
pub(crate) struct AccessCheck {
    /// Who: the id, e-mail address or name of a person, service account or token
    #[arg(long = "as", value_name = "WHO")]
    pub(crate) who: String,
    /// The action, such as `table.read`
    #[arg(value_name = "ACTION")]
    pub(crate) action: String,
    /// The thing that it would be done to, such as the name of a table
    #[arg(value_name = "RESOURCE", default_value = "")]
    pub(crate) resource: String,
}

/// What can be done with people.
#[derive(Debug, Subcommand)]
pub(crate) enum PersonCommand {
    /// List the people of the team
    #[command(
        before_help = "Examples:\n  trunkline person list\n  trunkline person list --output json"
    )]
    List,
    /// Invite somebody and print the link, which is good once
    #[command(
        before_help = "Examples:\n  trunkline person invite --email ben@example.com --role developer\n  trunkline person invite --role viewer --team hall --dry-run"
    )]
    Invite(PersonInvite),
}

/// An invitation.
#[derive(Debug, Args)]
pub(crate) struct PersonInvite {
    /// The address that the link is sent to, where mail is configured
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) email: Option<String>,
    /// What the person will be in the team
    #[arg(long, value_enum, value_name = "ROLE")]
    pub(crate) role: RoleName,
    /// A team that the person will be in; may be repeated
    #[arg(long, value_name = "TEAM", value_delimiter = ',')]
    pub(crate) team: Vec<String>,
    /// Say who would be invited, but invite nobody
    #[arg(long, short = 'n')]
    pub(crate) dry_run: bool,
}

/// What a person is in the team.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RoleName {
    /// Reads what the team shares
    Viewer,
    /// Builds and ships services
    Developer,
    /// Runs the platform
    Operator,
    /// Decides who belongs to the team
    Owner,
}

impl RoleName {
    /// The role of that name.
    pub(crate) const fn role(self) -> Role {
        match self {
            Self::Viewer => Role::Viewer,
            Self::Developer => Role::Developer,
            Self::Operator => Role::Operator,
            Self::Owner => Role::Owner,
        }
    }
}
