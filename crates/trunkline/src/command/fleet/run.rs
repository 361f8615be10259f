//! Which command does what.

use super::{rebuild, simulate, what_if};
use crate::cli::{FleetCommand, Globals};
use crate::{Exit, Failure};

/// Simulates devices, runs a copy of the fleet ahead, or makes documents again.
pub(in crate::command) async fn run(
    globals: &Globals,
    command: FleetCommand,
) -> Result<Exit, Failure> {
    match command {
        FleetCommand::Simulate(wanted) => simulate::run(globals, wanted).await,
        FleetCommand::WhatIf(wanted) => what_if::run(globals, wanted).await,
        FleetCommand::Rebuild(wanted) => rebuild::run(globals, &wanted).await,
    }
}
