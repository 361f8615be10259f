//! A small monorepo of four languages in the platform's own git, with a change that landed, one that was refused, and one that waits for a review.

mod changes;
mod files;
mod push;

pub use push::{MONOREPO, keep};
