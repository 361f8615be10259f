//! A small monorepo of four languages in the platform's own git, with a change that landed, one that was refused, and one that waits for a review. One of
//! its services is run, and asked through the gateway.

mod changes;
mod files;
mod push;
mod visit;

pub use push::{MONOREPO, keep};
pub use visit::visit;
