//! `trunkline project`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

/// What can be asked about projects.
#[derive(Debug, Subcommand)]
pub(crate) enum ProjectCommand {
    /// List the projects of a commit; what could not be read is said after them
    #[command(
        before_help = "Examples:\n  trunkline project list\n  trunkline project list --repository /srv/git/shop.git --at trunk~3 --output json"
    )]
    List(AtCommit),
    /// List which project needs which
    #[command(
        before_help = "Examples:\n  trunkline project graph\n  trunkline project graph --dot | dot -Tsvg > projects.svg"
    )]
    Graph(ProjectGraph),
    /// List the projects that a range of commits touches, and why
    #[command(
        before_help = "Examples:\n  trunkline project affected --from origin/trunk\n  trunkline project affected --from v1.4.0 --to v1.5.0 --output jsonl | jq -r .folder"
    )]
    Affected(Range),
    /// Show how a range of commits comes to touch one project
    #[command(
        before_help = "Examples:\n  trunkline project why billing --from origin/trunk\n  trunkline project why cargo:shop-api --from HEAD~5 --to HEAD"
    )]
    Why(Why),
}

/// A repository.
#[derive(Debug, Args)]
pub(crate) struct InRepository {
    /// The repository, a bare one too, or a folder in it
    #[arg(long, value_name = "PATH", value_hint = ValueHint::DirPath, default_value = ".")]
    pub(crate) repository: PathBuf,
}

/// A commit of a repository.
#[derive(Debug, Args)]
pub(crate) struct AtCommit {
    #[command(flatten)]
    pub(crate) place: InRepository,
    /// The commit, as git reads it
    #[arg(long, value_name = "REVISION", default_value = "HEAD")]
    pub(crate) at: String,
}

/// A graph to print.
#[derive(Debug, Args)]
pub(crate) struct ProjectGraph {
    #[command(flatten)]
    pub(crate) commit: AtCommit,
    /// Print it in the language of Graphviz
    #[arg(long)]
    pub(crate) dot: bool,
}

/// A range of commits.
#[derive(Debug, Args)]
pub(crate) struct Range {
    #[command(flatten)]
    pub(crate) place: InRepository,
    /// Where the range begins: what came to this commit after the other one left its way does not count
    #[arg(long, value_name = "REVISION")]
    pub(crate) from: String,
    /// Where it ends
    #[arg(long, value_name = "REVISION", default_value = "HEAD")]
    pub(crate) to: String,
}

/// A project and a range of commits.
#[derive(Debug, Args)]
pub(crate) struct Why {
    /// The project: its name, `ecosystem:name`, its service's name or its folder
    #[arg(value_name = "PROJECT")]
    pub(crate) project: String,
    #[command(flatten)]
    pub(crate) range: Range,
}
