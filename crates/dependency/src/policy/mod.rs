//! What a team decided about its dependencies: `dependencies.toml` at the root of the repository.

mod exception;
mod file;

pub(crate) use file::Reading;
pub use file::{POLICY, Policy, Prefer};
