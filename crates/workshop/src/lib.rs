//! What the forge needs of tasks: which a commit has, a checkout to run them in, and their results.
//!
//! A [`Workbench`] plans straight from the repository. To run a task it puts the commit into one of a few folders that are used again and again, so
//! that only what differs is written and what tools keep between runs stays. Results that the platform finds are trusted; nobody else writes
//! there.

mod bench;
mod cache;
mod confined;
mod facade;
mod folders;
mod hear;
mod plans;
mod release;
mod toolchain;

pub use bench::{Workbench, WorkbenchParts};
pub use cache::Cache;
pub use confined::{Confined, OnceNeeded};
pub use facade::routes;
pub use release::{Assembled, Runnable, Runnables};
pub use toolchain::{EnvironmentSecrets, Toolchain};
