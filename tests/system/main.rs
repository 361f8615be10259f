//! The real binary with real clients: what a user would run, against what a user would get.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test says what it expects by failing"
)]

mod api;
mod build_cache;
mod certificates;
mod clients;
mod dependencies;
mod engines;
mod fleet;
mod fleet_artifacts;
mod fleet_aws;
mod fleet_certificates;
mod fleet_cli;
mod fleet_kill;
mod fleet_residuals;
mod fleet_tables;
mod forge;
mod forge_kill;
mod forge_large_files;
mod forge_mirror;
mod gateway;
mod hostile;
mod kill;
mod listener;
mod platform;
mod program;
mod releases;
mod sign_in;
