//! `trunkline repository`, `change` and `queue`.

use clap::{Args, Subcommand, ValueEnum};

/// What can be done with repositories.
#[derive(Debug, Subcommand)]
pub(crate) enum RepositoryCommand {
    /// List the repositories and where to clone them from
    #[command(
        before_help = "Examples:\n  trunkline repository list\n  trunkline repository list --output json | jq -r '.repositories[].name'"
    )]
    List,
    /// Make an empty repository
    #[command(
        before_help = "Examples:\n  trunkline repository create shop\n  trunkline repository create shop --trunk main --description 'what we sell' --dry-run"
    )]
    Create(RepositoryCreate),
    /// Remove a repository with all of its changes
    #[command(
        before_help = "Examples:\n  trunkline repository remove shop --dry-run\n  trunkline repository remove shop --yes"
    )]
    Remove(RepositoryRemove),
    /// Let a repository follow one elsewhere, or one elsewhere follow it
    #[command(
        subcommand,
        before_help = "Examples:\n  trunkline repository mirror set shop --from https://git.example/acme/shop.git\n  trunkline repository mirror show shop"
    )]
    Mirror(MirrorCommand),
}

/// What can be done with mirrors.
#[derive(Debug, Subcommand)]
pub(crate) enum MirrorCommand {
    /// Show the mirror of a repository, and how it is
    #[command(
        before_help = "Examples:\n  trunkline repository mirror show shop\n  trunkline repository mirror show shop --output json | jq -r .problem"
    )]
    Show(MirrorOf),
    /// Make the mirror of a repository, in place of the one that it has
    #[command(
        before_help = "Examples:\n  trunkline repository mirror set shop --from https://git.example/acme/shop.git --secret GIT_EXAMPLE\n  trunkline repository mirror set shop --to https://git.example/acme/shop.git --branch main --secret GIT_EXAMPLE"
    )]
    Set(MirrorSet),
    /// Have a mirror looked after at once
    #[command(
        before_help = "Examples:\n  trunkline repository mirror sync shop\n  trunkline repository mirror sync shop --output json"
    )]
    Sync(MirrorOf),
    /// Remove the mirror of a repository; both sides stay as they are
    #[command(
        before_help = "Examples:\n  trunkline repository mirror remove shop\n  trunkline repository mirror remove shop --dry-run"
    )]
    Remove(MirrorRemove),
}

/// A repository with a mirror.
#[derive(Debug, Args)]
pub(crate) struct MirrorOf {
    /// The repository here
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
}

/// A mirror that is to be removed.
#[derive(Debug, Args)]
pub(crate) struct MirrorRemove {
    /// The repository here
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// Say what would be removed, but remove nothing
    #[arg(long, short = 'n')]
    pub(crate) dry_run: bool,
}

/// A mirror that is to be made.
#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("side").required(true)))]
pub(crate) struct MirrorSet {
    /// The repository here
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// The address of the repository that the trunk here follows
    #[arg(long, value_name = "URL", group = "side")]
    pub(crate) from: Option<String>,
    /// The address of the repository that follows the trunk here
    #[arg(long, value_name = "URL", group = "side")]
    pub(crate) to: Option<String>,
    /// The branch of the other side
    #[arg(long, value_name = "BRANCH", default_value = "main")]
    pub(crate) branch: String,
    /// The name that is shown to the other side
    #[arg(long, value_name = "NAME", default_value = "git")]
    pub(crate) user: String,
    /// The name of the secret that is shown to it: NAME for TRUNKLINE_SECRET_NAME in the platform's environment
    #[arg(long, value_name = "NAME")]
    pub(crate) secret: Option<String>,
    /// Say what would be made, but make nothing
    #[arg(long, short = 'n')]
    pub(crate) dry_run: bool,
}

/// A repository that is to be made.
#[derive(Debug, Args)]
pub(crate) struct RepositoryCreate {
    /// Its name: small letters, digits and `-`
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// The branch that everything lands on
    #[arg(long, value_name = "BRANCH", default_value = "trunk")]
    pub(crate) trunk: String,
    /// What it is for
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(crate) description: String,
    /// Say what would be made, but make nothing
    #[arg(long, short = 'n')]
    pub(crate) dry_run: bool,
}

/// A repository that is to be removed.
#[derive(Debug, Args)]
pub(crate) struct RepositoryRemove {
    /// Its name
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// Do not ask
    #[arg(long, short)]
    pub(crate) yes: bool,
    /// Say what would be removed, but remove nothing
    #[arg(long, short = 'n')]
    pub(crate) dry_run: bool,
}

/// What can be done with changes.
#[derive(Debug, Subcommand)]
pub(crate) enum ChangeCommand {
    /// List changes, the newest first
    #[command(
        before_help = "Examples:\n  trunkline change list\n  trunkline change list --repository shop --state open --output jsonl"
    )]
    List(ChangeList),
    /// Show a change: its revisions, reviews, comments and what became of it
    #[command(
        before_help = "Examples:\n  trunkline change show 12\n  trunkline change show 12 | jq -r .reason"
    )]
    Show(ChangeNumber),
    /// Approve a change, which lands if it waited for that
    #[command(
        before_help = "Examples:\n  trunkline change approve 12\n  trunkline change approve 12 --dry-run"
    )]
    Approve(ChangeAct),
    /// Put a change into the queue again that was refused
    #[command(
        before_help = "Examples:\n  trunkline change land 12\n  trunkline change land 12 --dry-run"
    )]
    Land(ChangeAct),
    /// Give a change up
    #[command(
        before_help = "Examples:\n  trunkline change abandon 12\n  trunkline change abandon 12 --dry-run"
    )]
    Abandon(ChangeAct),
}

/// Which changes are wanted.
#[derive(Debug, Args)]
pub(crate) struct ChangeList {
    /// Only those of this repository
    #[arg(long, value_name = "NAME")]
    pub(crate) repository: Option<String>,
    /// Only those in this state
    #[arg(long, value_enum, value_name = "STATE")]
    pub(crate) state: Option<ChangeStateName>,
    /// How many at the most
    #[arg(long, value_name = "NUMBER", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=200))]
    pub(crate) limit: u32,
}

/// Where a change is on its way.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ChangeStateName {
    /// It waits for a review
    Open,
    /// It is in the landing queue
    Queued,
    /// It is in the trunk
    Landed,
    /// It did not land
    Refused,
    /// It was given up
    Abandoned,
}

/// A change.
#[derive(Debug, Args)]
pub(crate) struct ChangeNumber {
    /// Its number
    #[arg(value_name = "CHANGE")]
    pub(crate) change: u64,
}

/// Something that is to be done with a change.
#[derive(Debug, Args)]
pub(crate) struct ChangeAct {
    #[command(flatten)]
    pub(crate) of: ChangeNumber,
    /// Say what would be done, but do nothing
    #[arg(long, short = 'n')]
    pub(crate) dry_run: bool,
}

/// What can be done with the landing queue.
#[derive(Debug, Subcommand)]
pub(crate) enum QueueCommand {
    /// Show what is in the queue of a repository, in which lane, and what it waits for
    #[command(
        before_help = "Examples:\n  trunkline queue show shop\n  watch -n1 trunkline queue show shop"
    )]
    Show(QueueOf),
    /// Take changes and land none
    #[command(
        before_help = "Examples:\n  trunkline queue pause shop --reason 'the site is down'\n  trunkline queue pause shop --dry-run"
    )]
    Pause(QueuePause),
    /// Land changes again
    #[command(
        before_help = "Examples:\n  trunkline queue resume shop\n  trunkline queue resume shop --dry-run"
    )]
    Resume(QueuePause),
}

/// The queue of a repository.
#[derive(Debug, Args)]
pub(crate) struct QueueOf {
    /// The repository
    #[arg(value_name = "REPOSITORY")]
    pub(crate) repository: String,
}

/// A queue that is to wait or to go on.
#[derive(Debug, Args)]
pub(crate) struct QueuePause {
    #[command(flatten)]
    pub(crate) of: QueueOf,
    /// Why
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(crate) reason: String,
    /// Say what would be done, but do nothing
    #[arg(long, short = 'n')]
    pub(crate) dry_run: bool,
}
