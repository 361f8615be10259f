//! Changes that a command proposes: a commit on the trunk as the platform has it, pushed to its landing queue.
//!
//! Nothing of the person's checkout moves: neither the branch, nor the index, nor a file. The commit is made beside them, with git's own
//! commands and the person's own settings, and git speaks to the platform as in any push.

mod git;
mod propose;
mod pushed;
mod tools;
mod trunk;

pub use propose::{Mode, Proposal};
pub use tools::Tool;
pub use trunk::Trunk;
