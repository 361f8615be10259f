//! Measures the strategies against one another on a model of a monorepo.
//!
//! The model is in virtual time: merging takes none, every task takes [`TASK_SECONDS`], changes arrive by a Poisson process. A peer is given
//! what it would have: it does not run a red task a second time, as its like does not, while green-key landing pays for that.

mod random;
mod table;
mod world;

pub use table::{Line, table};
pub use world::{TASK_SECONDS, World};
