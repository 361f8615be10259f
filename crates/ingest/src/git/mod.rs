//! Reading the history of a git repository as events.
//!
//! Whoever has the repository reads it here and sends the events to the platform, near or far: [`GitCommit::to_event`] gives a
//! CloudEvent of the type [`crate::kind::COMMIT_TYPE`] with the commit's hash as its id, so that history sent twice is there once.

mod commit;
mod read;

pub use commit::{FileChange, GitCommit};
pub use read::{Commits, GitError, GitOptions, read_commits};
