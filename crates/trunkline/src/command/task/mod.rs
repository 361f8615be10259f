//! `trunkline task`: what there is to do in a checkout, and doing it.

mod checkout;
mod list;
mod log;
mod run;
mod told;
mod why;

use crate::cli::{Globals, TaskCommand};
use crate::{Exit, Failure};

/// Does something with tasks.
pub(super) async fn go(globals: &Globals, command: TaskCommand) -> Result<Exit, Failure> {
    match command {
        TaskCommand::List(wanted) => list::list(globals, &wanted)?,
        TaskCommand::Run(wanted) => return run::run(globals, &wanted).await,
        TaskCommand::Why(wanted) => why::why(globals, &wanted)?,
        TaskCommand::Log(wanted) => log::log(globals, &wanted).await?,
    }
    Ok(Exit::Done)
}
