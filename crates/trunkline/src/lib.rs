//! The binary: the command line, and the configuration of the platform that `trunkline up` runs.
//!
//! `cli` says what can be typed, `command` does it, `client` speaks to a platform over HTTP, `output` prints. `config` reads
//! `trunkline.toml`, the environment and flags. `up` runs the platform, which the room `platform` puts together.

mod cli;
mod client;
mod command;
mod config;
mod doctor;
mod entry;
mod exit;
mod failure;
mod pages;
mod reference;
mod up;

pub use cli::Cli;
pub use config::{Loaded, Origin, Sources};
pub use entry::{BUILT, COMMIT, main};
pub use exit::Exit;
pub use failure::Failure;
pub use pages::error_page;
