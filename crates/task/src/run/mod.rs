//! Running tasks.

mod one;
mod options;
mod process;
mod runner;
mod work;

pub use options::{Listener, Outcome, RunOptions, Secrets, Summary};
pub use runner::Runner;
