//! Making the process of a task.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::process::Stdio;

use async_trait::async_trait;
use tokio::process::{Child, ChildStdin, Command};

use crate::TaskError;

/// What a process may do in a checkout, all of whose names it may see. Paths are from its root, which is empty. None that leads over a link counts:
/// the links come from whoever made the commit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checkout {
    /// Its root.
    pub root: PathBuf,
    /// Files, and folders with all that is in them, that it may read.
    pub readable: Vec<String>,
    /// Folders that it may write, which are made where they are not there.
    pub writable: Vec<String>,
    /// What it may make. Where it is not there yet it is made: a file where its name has an ending, else a folder.
    pub makes: Vec<String>,
}

/// What the process of a task may do.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct LaunchRequest {
    /// The command, for a shell.
    pub command: String,
    /// The folder that it runs in.
    pub folder: PathBuf,
    /// Its whole environment.
    pub environment: BTreeMap<String, String>,
    /// The checkout that it works in.
    pub checkout: Checkout,
    /// What it may read beside that and the system.
    pub readable: Vec<PathBuf>,
    /// What it may write beside that.
    pub writable: Vec<PathBuf>,
    /// It may speak to others.
    pub network: bool,
    /// Bytes of memory that it may take.
    pub memory_bytes: Option<u64>,
    /// Processes that it may have.
    pub processes: Option<u32>,
}

/// Secrets are among the environment, so its values stay out.
impl fmt::Debug for LaunchRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LaunchRequest")
            .field("command", &self.command)
            .field("folder", &self.folder)
            .field("environment", &self.environment.keys())
            .finish_non_exhaustive()
    }
}

/// A process in a group of its own, with pipes for what it writes.
#[derive(Debug)]
pub struct Started {
    /// It.
    pub child: Child,
    /// What has to be held for as long as it runs: where this closes, it ends. So none outlives whoever started it, however that ends.
    pub tether: Option<ChildStdin>,
}

/// Makes processes.
#[async_trait]
pub trait Launch: Send + Sync + fmt::Debug {
    /// Starts the process for `request`.
    ///
    /// # Errors
    /// [`TaskError::Run`] where it cannot be made.
    async fn start(&self, request: &LaunchRequest) -> Result<Started, TaskError>;

    /// Whether a process is kept to what its request names.
    fn is_confined(&self) -> bool {
        false
    }
}

/// Processes without any confinement but a clean environment.
#[derive(Clone, Copy, Debug, Default)]
pub struct Direct;

#[async_trait]
impl Launch for Direct {
    async fn start(&self, request: &LaunchRequest) -> Result<Started, TaskError> {
        // With a path nothing has to be looked up, and the process is made without a copy of this one's memory.
        let mut command = Command::new("/bin/sh");
        command
            .arg("-c")
            .arg(&request.command)
            .current_dir(&request.folder)
            .env_clear()
            .envs(&request.environment)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true);
        let child = command
            .spawn()
            .map_err(|error| TaskError::Run(error.to_string()))?;
        Ok(Started {
            child,
            tether: None,
        })
    }
}
