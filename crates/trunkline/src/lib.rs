//! The binary: the command line, and the configuration of the platform that `trunkline up` runs.
//!
//! `cli` says what can be typed, and `command` does it; what all commands stand on is the room `shell`, and `terminal` prints. `up` runs the
//! platform, which the room `platform` puts together.

mod cli;
mod command;
mod entry;
mod pages;
mod reference;
mod up;

pub use cli::Cli;
pub use entry::{BUILT, COMMIT, main};
pub use pages::error_page;
pub use trunkline_shell::{Exit, Failure, Loaded, Origin, Sources};
