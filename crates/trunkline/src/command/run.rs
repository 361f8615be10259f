//! From a parsed command line to the command.

use std::process::ExitCode;

use clap::CommandFactory as _;

use super::{
    access, api, certificate, config, dependency, doctor, explain, fleet, forge, gateway,
    ingest_events, ingest_git, link, person, project, registry, sample, sql, status, tail, task,
    thing, token, up, version, work,
};
use crate::cli::{Cli, Command, Globals, IngestCommand};
use crate::{Exit, Failure, reference};

/// Does what was typed.
pub(crate) fn run(cli: Cli) -> Result<ExitCode, Failure> {
    let globals = cli.globals;
    let exit = match cli.command {
        Command::Up(up) => return up::run(&globals, up),
        Command::Config { command } => config::run(&globals, command)?,
        Command::Explain { code } => explain::run(&globals, &code)?,
        Command::Version => version::run(&globals)?,
        Command::Project { command } => project::run(&globals, command)?,
        Command::Deps { command } => dependency::run(&globals, command)?,
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "trunkline", &mut script);
            globals.printer().raw(&script)?;
            Exit::Done
        }
        Command::Reference { page } => {
            globals.printer().raw(reference::print(page).as_bytes())?;
            Exit::Done
        }
        online => on_runtime(&globals, online)?,
    };
    Ok(exit.into())
}

/// Commands that wait for something run on one thread: a client needs no more.
fn on_runtime(globals: &Globals, command: Command) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Failure::from)?;
    runtime.block_on(online(globals, command))
}

async fn online(globals: &Globals, command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Status => status::run(globals).await,
        Command::Sql(sql) => sql::run(globals, sql).await,
        Command::Tail(tail) => tail::run(globals, tail).await,
        Command::Ingest {
            command: IngestCommand::Events(events),
        } => ingest_events::run(globals, events).await,
        Command::Ingest {
            command: IngestCommand::Git(git),
        } => ingest_git::run(globals, git).await,
        Command::Token { command } => token::run(globals, command).await,
        Command::Person { command } => person::run(globals, command).await,
        Command::Access { command } => access::run(globals, command).await,
        Command::Gateway { command } => gateway::run(globals, command).await,
        Command::Api { command } => api::run(globals, command).await,
        Command::Thing { command } => thing::run(globals, command).await,
        Command::Certificate { command } => certificate::run(globals, command).await,
        Command::Join { command } => certificate::join(globals, command).await,
        Command::Twin { command } => thing::twin(globals, command).await,
        Command::Order { command } => work::order(globals, command).await,
        Command::Job { command } => work::job(globals, command).await,
        Command::Artifact { command } => work::artifact(globals, command).await,
        Command::Group { command } => work::group(globals, command).await,
        Command::Type { command } => registry::kind(globals, command).await,
        Command::Relation { command } => registry::relation(globals, command).await,
        Command::Template { command } => registry::template(globals, command).await,
        Command::Authority { command } => registry::authority(globals, command).await,
        Command::Fleet { command } => fleet::run(globals, command).await,
        Command::Repository { command } => forge::repository(globals, command).await,
        Command::Change { command } => forge::change(globals, command).await,
        Command::Queue { command } => forge::queue(globals, command).await,
        Command::Service { command } => trunkline_steer::run(globals, command).await,
        Command::Rollback(wanted) => trunkline_steer::roll_back(globals, wanted).await,
        Command::Task { command } => task::go(globals, command).await,
        Command::Link { command } => link::run(globals, command).await,
        Command::Doctor(doctor) => doctor::run(globals, doctor).await,
        Command::Sample { command } => sample::run(globals, command).await,
        Command::Up(_)
        | Command::Config { .. }
        | Command::Explain { .. }
        | Command::Project { .. }
        | Command::Deps { .. }
        | Command::Version
        | Command::Completions { .. }
        | Command::Reference { .. } => Ok(Exit::Internal),
    }
}
