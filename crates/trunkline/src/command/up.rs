//! `trunkline up`.

use std::process::ExitCode;

use crate::Failure;
use crate::cli::{Globals, Up};
use crate::up::{self, UpOptions};

/// Starts the platform and runs it until it is told to stop.
pub(super) fn run(globals: &Globals, up: Up) -> Result<ExitCode, Failure> {
    let options = UpOptions {
        data_dir: globals.data_dir()?,
        loaded: globals.load(&up.settings.set)?,
        sample: up.sample,
        verbosity: globals.verbosity(),
    };
    Ok(up::up(options)?)
}
