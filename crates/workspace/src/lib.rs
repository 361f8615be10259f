//! The team's workspace: a folder of files that say how the platform is to behave, watched for changes.
//!
//! It knows no kind of file: whoever composes the platform says which files a room wants, and what the room does with them.

mod kind;
mod notice;
mod workspace;

pub use kind::{Apply, Kind, WorkspaceFile};
pub use workspace::Workspace;
