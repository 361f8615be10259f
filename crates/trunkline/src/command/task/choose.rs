//! From a parsed command to what it does.

use super::{list, log, run, why};
use crate::cli::{Globals, TaskCommand};
use crate::{Exit, Failure};

/// Does something with tasks.
pub(in crate::command) async fn go(
    globals: &Globals,
    command: TaskCommand,
) -> Result<Exit, Failure> {
    match command {
        TaskCommand::List(wanted) => list::list(globals, &wanted)?,
        TaskCommand::Run(wanted) => return run::run(globals, &wanted).await,
        TaskCommand::Why(wanted) => why::why(globals, &wanted)?,
        TaskCommand::Log(wanted) => log::log(globals, &wanted).await?,
    }
    Ok(Exit::Done)
}
