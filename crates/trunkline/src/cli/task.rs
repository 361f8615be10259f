//! `trunkline task` and `deps`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};
use trunkline_shell::Mode;

use super::project::InRepository;

/// What can be done with tasks.
#[derive(Debug, Subcommand)]
pub(crate) enum TaskCommand {
    /// List the tasks of a checkout, with the keys that their results are known by
    #[command(
        before_help = "Examples:\n  trunkline task list\n  trunkline task list --output jsonl | jq -r 'select(.known) | .task'"
    )]
    List(TaskList),
    /// Run tasks and what they need; what is known already is not run again
    #[command(
        before_help = "Examples:\n  trunkline task run build test\n  trunkline task run billing#test --force"
    )]
    Run(TaskRun),
    /// Say why a task has to run again: what of it differs from a commit
    #[command(
        before_help = "Examples:\n  trunkline task why billing#test\n  trunkline task why billing#test --from origin/trunk~3"
    )]
    Why(TaskWhy),
    /// Print the log of a task that the platform ran
    #[command(
        before_help = "Examples:\n  trunkline task log run_01M8DQPRT9ZZRJDVCHTJ53A8PK\n  trunkline task log run_01M8DQPRT9ZZRJDVCHTJ53A8PK --follow"
    )]
    Log(TaskLog),
}

/// Which tasks are listed.
#[derive(Debug, Args)]
pub(crate) struct TaskList {
    #[command(flatten)]
    pub(crate) place: InRepository,
    #[command(flatten)]
    pub(crate) results: Results,
}

/// Where results are kept on this machine.
#[derive(Debug, Args)]
pub(crate) struct Results {
    /// The folder for results [default: ~/.cache/trunkline/results]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, env = "TRUNKLINE_RESULTS", hide_env_values = true)]
    pub(crate) results: Option<PathBuf>,
}

/// Tasks that are to run.
#[derive(Debug, Args)]
pub(crate) struct TaskRun {
    /// The tasks: `project#task`, or the name of a task of all projects
    #[arg(value_name = "TASK", required = true)]
    pub(crate) tasks: Vec<String>,
    #[command(flatten)]
    pub(crate) place: InRepository,
    #[command(flatten)]
    pub(crate) results: Results,
    /// Only of projects that differ from this commit
    #[arg(long, value_name = "REVISION")]
    pub(crate) affected_from: Option<String>,
    /// How many at once [default: as many as there are processors]
    #[arg(long, short, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) parallel: Option<u16>,
    /// Run without a sandbox, as a person would
    #[arg(long)]
    pub(crate) unconfined: bool,
    /// Run what is known too
    #[arg(long)]
    pub(crate) force: bool,
    /// Say what would run and what is known, but run nothing
    #[arg(long, short = 'n')]
    pub(crate) dry_run: bool,
}

/// A task whose key is to be explained.
#[derive(Debug, Args)]
pub(crate) struct TaskWhy {
    /// The task, as `project#task`
    #[arg(value_name = "TASK")]
    pub(crate) task: String,
    #[command(flatten)]
    pub(crate) place: InRepository,
    /// What the checkout is compared with
    #[arg(long, value_name = "REVISION", default_value = "HEAD")]
    pub(crate) from: String,
}

/// A log.
#[derive(Debug, Args)]
pub(crate) struct TaskLog {
    /// The run
    #[arg(value_name = "RUN")]
    pub(crate) run: String,
    /// Go on until it ends
    #[arg(long, short)]
    pub(crate) follow: bool,
}

/// What can be done with what projects need.
#[derive(Debug, Subcommand)]
pub(crate) enum DepsCommand {
    /// Look for versions that drift apart, needless duplicates, needs that are unused or missing, and known vulnerabilities
    #[command(
        before_help = "Examples:\n  trunkline deps check\n  trunkline deps check --output jsonl | jq -r 'select(.kind == \"vulnerable\") | .name'"
    )]
    Check(DepsCheck),
    /// Put right in manifests what can be: in the files of the checkout, or as a change in the landing queue
    #[command(
        before_help = "Examples:\n  trunkline deps fix --dry-run\n  trunkline deps fix --land"
    )]
    Fix(DepsFix),
}

/// A checkout that is looked at.
#[derive(Debug, Args)]
pub(crate) struct DepsCheck {
    #[command(flatten)]
    pub(crate) place: InRepository,
}

/// A checkout that is put right.
#[derive(Debug, Args)]
pub(crate) struct DepsFix {
    #[command(flatten)]
    pub(crate) place: InRepository,
    /// Put the trunk right instead of the checkout: make a change of it, push that to the landing queue and wait
    #[arg(long, value_name = "HOW", value_enum, num_args = 0..=1, require_equals = true, default_missing_value = "ship")]
    pub(crate) land: Option<Mode>,
    /// Run the tools of lockfiles too, in a checkout of their own, so that what they write lands with it
    #[arg(long, requires = "land")]
    pub(crate) relock: bool,
    /// The remote that it lands in [default: trunk, else origin]
    #[arg(long, value_name = "NAME", requires = "land")]
    pub(crate) remote: Option<String>,
    /// Say what would be written, but write nothing
    #[arg(long, short = 'n')]
    pub(crate) dry_run: bool,
}
