//! What a task is.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::glob::Patterns;

/// Which task of which project.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TaskName {
    /// The project, such as `cargo:billing`.
    pub project: String,
    /// The task, such as `test`.
    pub task: String,
}

impl fmt::Display for TaskName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.project, self.task)
    }
}

/// All that is said about a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Definition {
    /// Which it is.
    pub name: TaskName,
    /// The project, by its place in the graph.
    pub project: usize,
    /// The command, for a shell.
    pub command: String,
    /// The folder that it runs in, from the root of the repository.
    pub folder: String,
    /// Variables of the environment that it sees and depends on.
    pub env: Vec<String>,
    /// Programs whose version it depends on.
    pub tools: Vec<String>,
    /// Names of secrets that it sees and does not depend on.
    pub secrets: Vec<String>,
    /// Folders that are kept between runs on one machine, from the root of the repository.
    pub caches: Vec<String>,
    /// It may speak to others.
    pub network: bool,
    /// How long it may take; as the runner says where it says nothing.
    pub timeout: Option<Duration>,
    /// The files that it reads; those of its project where nothing is said.
    pub(crate) inputs: Option<Patterns>,
    /// The files that it makes.
    pub(crate) outputs: Option<Patterns>,
    /// What outputs are, in words that a key has.
    pub(crate) output_patterns: Vec<String>,
}
