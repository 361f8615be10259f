//! What is to be run, and what it may do.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// What a command may do in a checkout, all of whose names it may see. Paths are from its root, which is empty. None that leads over a link counts:
/// the links come from whoever made the commit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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

/// A command and what it may do.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// The command, for a shell.
    pub command: String,
    /// The folder that it runs in.
    pub folder: PathBuf,
    /// Its whole environment.
    pub environment: BTreeMap<String, String>,
    /// The checkout that it works in.
    pub checkout: Option<Checkout>,
    /// What it may read and run beside the system's programs and libraries.
    pub readable: Vec<PathBuf>,
    /// What it may read, run and write.
    pub writable: Vec<PathBuf>,
    /// It may speak to others.
    pub network: bool,
    /// Bytes of data that each of its processes may have.
    pub memory_bytes: Option<u64>,
    /// Processes that it may have.
    pub processes: Option<u64>,
    /// Bytes of a file that it may write.
    pub file_bytes: Option<u64>,
}

/// Secrets are among the environment, so its values stay out.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("command", &self.command)
            .field("folder", &self.folder)
            .field("environment", &self.environment.keys())
            .finish_non_exhaustive()
    }
}
