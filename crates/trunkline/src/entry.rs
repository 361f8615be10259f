//! From the command line to an exit code.

use std::io::Write as _;
use std::panic::AssertUnwindSafe;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};

use crate::{Cli, Exit, Failure, command};

/// The commit that this program was built from, 12 digits, or `unknown`.
pub const COMMIT: &str = env!("TRUNKLINE_COMMIT");
/// The day of that commit, such as `2026-11-24`, or `unknown`.
pub const BUILT: &str = env!("TRUNKLINE_BUILT");

/// Parses the command line, does what it says and gives the exit code. The only caller is `main.rs`.
#[must_use]
pub fn main() -> ExitCode {
    // Started as the launcher of a task or as the keeper of services, the program is nothing else.
    if let Some(code) = trunkline_sandbox::launch().or_else(trunkline_keeper::keep) {
        return code;
    }
    // A shell that asks for completions gets them here, and the process ends.
    clap_complete::CompleteEnv::with_factory(Cli::command).complete();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Where stderr is closed there is nobody to tell.
            error.print().unwrap_or_default();
            let exit = if error.use_stderr() {
                Exit::Usage
            } else {
                Exit::Done
            };
            return exit.into();
        }
    };
    cli.globals.color.apply();
    match std::panic::catch_unwind(AssertUnwindSafe(|| command::run(cli))) {
        Ok(Ok(exit)) => exit,
        Ok(Err(failure)) => report(&failure).into(),
        // The panic hook has said where and why.
        Err(_) => {
            let what = "this is a fault of the program";
            let hint = "send what stands above to the maintainers".to_owned();
            report(&Failure::told(
                None,
                what.into(),
                Some(hint),
                Exit::Internal,
            ))
            .into()
        }
    }
}

fn report(failure: &Failure) -> Exit {
    if !failure.is_silent() {
        // Where stderr is closed there is nobody to tell.
        anstream::stderr()
            .write_all(failure.render().as_bytes())
            .unwrap_or_default();
    }
    failure.exit_code()
}
