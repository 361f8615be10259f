//! The section `[forge]` of the configuration.

use std::collections::BTreeMap;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use trunkline_repository::Limits;

/// How much confinement there is, the least first. The most that the machine gives is used, whatever is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Confinement {
    /// A clean environment and limits alone: who may push a change may do what the platform's own user may.
    None,
    /// The file system by Landlock, and system calls by seccomp.
    #[default]
    Files,
    /// Also namespaces of users, mounts, processes, network and names.
    Namespaces,
}

/// Git hosting, the landing queue and the tasks of changes.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ForgeConfig {
    /// How many repositories there may be.
    pub max_repositories: usize,
    /// Bytes of a pack that is pushed.
    pub max_pack_bytes: u64,
    /// Refs that one push may name.
    pub max_refs_of_a_push: usize,
    /// How many pushes and fetches may be under way at once, each.
    pub max_transfers: usize,
    /// Seconds that git may take for one step of a transfer.
    pub transfer_seconds: u64,
    /// Changes that may wait in the queue of one repository.
    pub max_queue: usize,
    /// Tasks that run at once, over all repositories.
    pub slots: usize,
    /// Bytes of all results of tasks that are kept.
    pub max_cache_bytes: u64,
    /// How much confinement tasks must have at the least; they are refused where the machine gives less.
    pub sandbox: Confinement,
    /// Bytes of memory that one task may take; as many as it likes where it is 0.
    pub task_memory_bytes: u64,
    /// Seconds that one task may take where it says nothing itself.
    pub task_seconds: u64,
    /// The environment of tasks beside `PATH` and where the tool chains are. A task sees of it what it declares.
    pub task_environment: BTreeMap<String, String>,
    /// Folders that tasks may read beside their checkout and the system.
    pub task_readable: Vec<String>,
    /// Folders that tasks may write beside their checkout, such as a cache of packages.
    pub task_writable: Vec<String>,
    /// Bytes of one task's log that are kept.
    pub max_log_bytes: u64,
    /// Days for which the logs of tasks are kept.
    pub keep_logs_days: u32,
}

impl Default for ForgeConfig {
    fn default() -> Self {
        Self {
            max_repositories: 100,
            max_pack_bytes: 1 << 30,
            max_refs_of_a_push: 256,
            max_transfers: 32,
            transfer_seconds: 600,
            max_queue: 200,
            slots: 2,
            max_cache_bytes: 10 << 30,
            sandbox: Confinement::Files,
            task_memory_bytes: 0,
            task_seconds: 3_600,
            task_environment: BTreeMap::new(),
            task_readable: Vec::new(),
            task_writable: Vec::new(),
            max_log_bytes: 16 << 20,
            keep_logs_days: 30,
        }
    }
}

impl ForgeConfig {
    /// The limits of one transfer.
    pub(crate) fn limits(&self) -> Limits {
        Limits {
            pack_bytes: self.max_pack_bytes,
            commands: self.max_refs_of_a_push,
            time: Duration::from_secs(self.transfer_seconds),
            ..Limits::default()
        }
    }
}
