//! Running tasks.

mod one;
mod options;
mod places;
mod process;
mod runner;
mod schedule;
mod work;

pub use options::{Listener, Outcome, RunOptions, Secrets, Summary};
pub use runner::Runner;
