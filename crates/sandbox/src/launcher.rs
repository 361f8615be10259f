//! The program that confines itself.

use std::process::ExitCode;

/// The hidden argument by which the program knows that it is the launcher.
pub const ARGUMENT: &str = "sandbox-exec";
/// What confines, behind which its shape stands.
pub(crate) const OUTER: &str = "--outer";
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
    let step = arguments.next()?;
    let shape = arguments.next().unwrap_or_default();
    Some(run(&step.to_string_lossy(), &shape.to_string_lossy()))
}

#[cfg(target_os = "linux")]
fn run(step: &str, shape: &str) -> ExitCode {
    let shape = crate::shape::Shape::parse(shape);
    match step {
        OUTER => crate::outer::run(&shape),
        TRY => crate::outer::try_namespaces(),
        _ => FAILED,
    }
    .into()
}

#[cfg(not(target_os = "linux"))]
fn run(_step: &str, _shape: &str) -> ExitCode {
    ExitCode::from(FAILED)
}
