//! `trunkline command`, `trunkline job` and `trunkline group`: what devices are told to do, and which devices those are.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::Value;

/// What can be done with commands.
#[derive(Debug, Subcommand)]
pub(crate) enum DeviceCommand {
    /// Send a command to a device and wait for its answer
    #[command(
        before_help = "Examples:\n  trunkline command send pump-7 reboot\n  trunkline command send pump-7 reboot '{\"delay\": 5}' --deadline 3600 --wait 0"
    )]
    Send(CommandSend),
    /// List commands, the newest first
    #[command(
        before_help = "Examples:\n  trunkline command list\n  trunkline command list pump-7 --status timed_out"
    )]
    List(CommandList),
    /// Show a command, what was sent and what came back
    #[command(
        before_help = "Examples:\n  trunkline command show cmd_01JDFXV3W8N6B1QK5T9C7M2R4A\n  trunkline command show cmd_01JDFXV3W8N6B1QK5T9C7M2R4A | jq .result"
    )]
    Show(Known),
    /// Call a command off; the device is not told, and may do it all the same
    #[command(
        before_help = "Examples:\n  trunkline command cancel cmd_01JDFXV3W8N6B1QK5T9C7M2R4A\n  trunkline command cancel cmd_01JDFXV3W8N6B1QK5T9C7M2R4A --dry-run"
    )]
    Cancel(Change),
}

/// A command that is to be sent.
#[derive(Debug, Args)]
pub(crate) struct CommandSend {
    /// The device
    #[arg(value_name = "THING")]
    pub(crate) thing: String,
    /// What it is to do
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// What it is told with it, as JSON
    #[arg(value_name = "JSON", value_parser = json)]
    pub(crate) payload: Option<Value>,
    /// In how many seconds it is too late for an answer
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    pub(crate) deadline: u32,
    /// For how many seconds to wait for the answer [default: until the deadline, at most 30]; a command that still waits then is printed with the status `sent`
    #[arg(long, value_name = "SECONDS")]
    pub(crate) wait: Option<u32>,
    /// Say what would be sent, but send nothing
    #[arg(long, short = 'n')]
    pub(crate) dry_run: bool,
}

/// Which commands are wanted.
#[derive(Debug, Args)]
pub(crate) struct CommandList {
    /// Only those of this device
    #[arg(value_name = "THING")]
    pub(crate) thing: Option<String>,
    /// Only those that are so far: sent, succeeded, failed, timed_out or cancelled
    #[arg(long)]
    pub(crate) status: Option<String>,
    /// How many at the most
    #[arg(long, default_value_t = 100)]
    pub(crate) limit: usize,
}

/// What can be done with jobs.
#[derive(Debug, Subcommand)]
pub(crate) enum JobCommand {
    /// Make a job: a document for many devices, which tell how far they are
    #[command(
        before_help = "Examples:\n  trunkline job create ota-7 --document ota-7.json --target group:cellar\n  trunkline job create ota-7 --document ota-7.json --target pump-7 --with rollout.json --dry-run"
    )]
    Create(JobCreate),
    /// List jobs, the newest first
    #[command(
        before_help = "Examples:\n  trunkline job list\n  trunkline job list --status IN_PROGRESS"
    )]
    List(JobList),
    /// Show a job and how far it is
    #[command(
        before_help = "Examples:\n  trunkline job show ota-7\n  trunkline job show ota-7 | jq .jobProcessDetails"
    )]
    Show(Known),
    /// List what each device has done and has to do for a job
    #[command(
        before_help = "Examples:\n  trunkline job executions ota-7\n  trunkline job executions ota-7 --status FAILED --output csv"
    )]
    Executions(JobExecutions),
    /// Call a job off: nobody begins any more
    #[command(
        before_help = "Examples:\n  trunkline job cancel ota-7 --reason BAD_IMAGE\n  trunkline job cancel ota-7 --force --dry-run"
    )]
    Cancel(JobCancel),
    /// Give the devices that have begun with a job another document, in a job of their own
    #[command(
        before_help = "Examples:\n  trunkline job rollback ota-7\n  trunkline job rollback ota-7 --document ota-6.json --dry-run"
    )]
    Rollback(JobRollback),
    /// Delete a job and its executions
    #[command(
        before_help = "Examples:\n  trunkline job remove ota-7\n  trunkline job remove ota-7 --force"
    )]
    Remove(JobRemove),
}

/// A job that is to be made.
#[derive(Debug, Args)]
pub(crate) struct JobCreate {
    /// What it is called
    #[arg(value_name = "JOB")]
    pub(crate) job: String,
    /// A file with what the devices are to do, as JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) document: PathBuf,
    /// A device, or a group as `group:NAME`
    #[arg(long = "target", value_name = "TARGET", required = true)]
    pub(crate) targets: Vec<String>,
    /// A few words for people
    #[arg(long)]
    pub(crate) description: Option<String>,
    /// A file with what else is wanted of it, a JSON object of jobExecutionsRolloutConfig, abortConfig, timeoutConfig, jobExecutionsRetryConfig, gates, rollbackDocument
    #[arg(long, value_name = "FILE")]
    pub(crate) with: Option<PathBuf>,
    /// Say what would be made, but make nothing
    #[arg(long, short = 'n')]
    pub(crate) dry_run: bool,
}

/// Which jobs are wanted.
#[derive(Debug, Args)]
pub(crate) struct JobList {
    /// Only those that are so far, such as IN_PROGRESS
    #[arg(long)]
    pub(crate) status: Option<String>,
}

/// Whose executions are wanted.
#[derive(Debug, Args)]
pub(crate) struct JobExecutions {
    /// The job
    #[arg(value_name = "JOB")]
    pub(crate) job: String,
    /// Only those that are so far, such as FAILED
    #[arg(long)]
    pub(crate) status: Option<String>,
}

/// A job that is to be called off.
#[derive(Debug, Args)]
pub(crate) struct JobCancel {
    /// The job, and whether it is meant
    #[command(flatten)]
    pub(crate) job: Change,
    /// Also for the devices that have begun
    #[arg(long)]
    pub(crate) force: bool,
    /// Why, in a word of capitals, digits and `_`
    #[arg(long, value_name = "CODE")]
    pub(crate) reason: Option<String>,
    /// Why, for people
    #[arg(long)]
    pub(crate) comment: Option<String>,
}

/// A job that is to be rolled back.
#[derive(Debug, Args)]
pub(crate) struct JobRollback {
    /// The job, and whether it is meant
    #[command(flatten)]
    pub(crate) job: Change,
    /// A file with what the devices are to do, as JSON [default: the job's own rollback document]
    #[arg(long, value_name = "FILE")]
    pub(crate) document: Option<PathBuf>,
}

/// A job that is to be deleted.
#[derive(Debug, Args)]
pub(crate) struct JobRemove {
    /// The job, and whether it is meant
    #[command(flatten)]
    pub(crate) job: Change,
    /// Also where it is not over
    #[arg(long)]
    pub(crate) force: bool,
}

/// What can be done with groups.
#[derive(Debug, Subcommand)]
pub(crate) enum GroupCommand {
    /// Make a group; with a statement its things are whatever that gives
    #[command(
        before_help = "Examples:\n  trunkline group create cellar\n  trunkline group create hot --statement \"select thing from shadows where (reported->>'temperature')::double > 70\""
    )]
    Create(GroupCreate),
    /// List the groups
    #[command(
        before_help = "Examples:\n  trunkline group list\n  trunkline group list --output json | jq '.groups[].name'"
    )]
    List,
    /// List the things of a group
    #[command(
        before_help = "Examples:\n  trunkline group things cellar\n  trunkline group things hot --output json"
    )]
    Things(Known),
    /// Put a thing into a group
    #[command(
        before_help = "Examples:\n  trunkline group add cellar pump-7\n  trunkline group add cellar pump-7 --dry-run"
    )]
    Add(Member),
    /// Take a thing out of a group
    #[command(
        before_help = "Examples:\n  trunkline group take-out cellar pump-7\n  trunkline group take-out cellar pump-7 --dry-run"
    )]
    TakeOut(Member),
    /// Remove a group; its things stay
    #[command(
        before_help = "Examples:\n  trunkline group remove cellar\n  trunkline group remove cellar --dry-run"
    )]
    Remove(Change),
}

/// A group that is to be made.
#[derive(Debug, Args)]
pub(crate) struct GroupCreate {
    /// What it is called
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// The group that it is a part of
    #[arg(long, value_name = "NAME")]
    pub(crate) parent: Option<String>,
    /// A statement in SQL whose first column is the names of its things
    #[arg(long, value_name = "SQL")]
    pub(crate) statement: Option<String>,
    /// A few words for people
    #[arg(long, default_value = "")]
    pub(crate) description: String,
    /// Say what would be made, but make nothing
    #[arg(long, short = 'n')]
    pub(crate) dry_run: bool,
}

/// A thing and a group.
#[derive(Debug, Args)]
pub(crate) struct Member {
    /// The group
    #[arg(value_name = "GROUP")]
    pub(crate) group: String,
    /// The thing
    #[arg(value_name = "THING")]
    pub(crate) thing: String,
    /// Say what would change, but change nothing
    #[arg(long, short = 'n')]
    pub(crate) dry_run: bool,
}

/// Something that is there.
#[derive(Debug, Args)]
pub(crate) struct Known {
    /// Its name or id
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
}

/// Something that is to be changed.
#[derive(Debug, Args)]
pub(crate) struct Change {
    /// Its name or id
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// Say what would change, but change nothing
    #[arg(long, short = 'n')]
    pub(crate) dry_run: bool,
}

fn json(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| format!("this is no JSON: {error}"))
}
