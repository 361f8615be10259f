//! The binary: the command line, the configuration, and the composition of the rooms into a running platform.
//!
//! `cli` says what can be typed, `command` does it, `client` speaks to a platform over HTTP, `output` prints. `config` reads
//! `trunkline.toml`, the environment and flags. `compose` builds the platform that `trunkline up` runs.

mod cli;
mod client;
mod command;
pub mod compose;
mod config;
mod data_dir;
mod doctor;
mod entry;
mod exit;
mod failure;
mod pages;
mod reference;

pub use cli::Cli;
pub use config::{Config, Loaded, Origin, OtlpConfig, Sources};
pub use data_dir::DataDir;
pub use entry::{BUILT, COMMIT, main};
pub use exit::Exit;
pub use failure::Failure;
pub use pages::error_page;
