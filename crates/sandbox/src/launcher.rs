//! The program that confines itself.

use std::process::ExitCode;

/// The hidden argument by which the program knows that it is the launcher.
pub const ARGUMENT: &str = "sandbox-exec";
/// What the second step is told beside it.
pub(crate) const INNER: &str = "--inner";
/// What is only tried, and ends at once.
pub(crate) const TRY: &str = "--try";

/// The exit code where the confinement could not be made, as a shell has it for a command that could not be run.
pub(crate) const FAILED: u8 = 126;

/// Where the program was started as a launcher: does that, and gives the exit code. Call it first of all.
#[must_use]
pub fn launch() -> Option<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next()? != ARGUMENT {
        return None;
    }
    let what = arguments.next()?;
    Some(run(&what.to_string_lossy()))
}

#[cfg(target_os = "linux")]
fn run(what: &str) -> ExitCode {
    match what {
        INNER => crate::inner::run(),
        TRY => crate::outer::try_namespaces(),
        request => crate::outer::run(std::path::Path::new(request)),
    }
}

#[cfg(not(target_os = "linux"))]
fn run(_what: &str) -> ExitCode {
    ExitCode::from(FAILED)
}
