//! Tasks: what is built, tested and checked of each project, when that is known already, and how it is run.
//!
//! A [`Plan`] is made of files alone. Each task has a key, a hash of all that its outcome depends on: its command, its files by the ids that git
//! gives them, the tools, the declared environment, the part of the lockfile that reaches it, and what it needs. A laptop and a server come to
//! the same key. There are two: the *plan key* has the plan keys of what a task needs, so it is known before anything ran; the *action key* has the
//! hashes of what these made instead, so what changed without effect ends there.
//!
//! Results lie in a [`Store`] under their action key. What the platform's own runs found lies apart from what people's runs found, and is all that
//! it trusts.

mod claim;
mod definition;
mod discover;
mod error;
mod files;
mod git_files;
mod glob;
mod kept;
mod key;
mod launch;
mod log;
mod look;
mod looks;
mod manifest;
mod output;
mod plan;
mod remembered;
mod restore;
mod rules;
mod run;
mod scope;
mod store;
mod tools;
mod untracked;
mod why;
mod work_files;

pub use definition::{Definition, TaskName};
pub use error::TaskError;
pub use files::{FileEntry, FileMode, Files, graph_of};
pub use git_files::CommitFiles;
pub use key::Key;
pub use launch::{Checkout, Direct, Launch, LaunchRequest, Started};
pub use looks::Looks;
pub use plan::{Plan, Surroundings, Task};
pub use remembered::{Remembered, plan};
pub use run::{Listener, Outcome, RunOptions, Runner, Secrets, Summary};
pub use store::{Blob, Limits, Namespace, Output, Record, Store, Written};
pub use tools::{InstalledTools, Tools};
pub use why::{Difference, difference};
pub use work_files::WorkFiles;
