//! Processes of tasks in a sandbox.

use std::path::Path;

use tokio::process::Command;
use trunkline_forge::Confinement;
use trunkline_model::Coded as _;
use trunkline_sandbox::{Level, Request, Sandbox};
use trunkline_task::{Launch, LaunchRequest, TaskError};

/// Makes confined processes, or says why there are none.
#[derive(Debug)]
pub struct Confined(Result<Sandbox, String>);

impl Confined {
    /// Confinement by the program `launcher`, and not less than `least`. Where the machine gives less, every task is refused.
    #[must_use]
    pub fn open(launcher: &Path, folder: &Path, least: Confinement) -> Self {
        let least = match least {
            Confinement::None => Level::None,
            Confinement::Files => Level::Files,
            Confinement::Namespaces => Level::Namespaces,
        };
        match Sandbox::open(launcher, folder, least) {
            Ok(sandbox) => {
                tracing::info!(confinement = sandbox.level().name(), "tasks can be run");
                Self(Ok(sandbox))
            }
            Err(error) => {
                tracing::warn!(%error, "tasks cannot be run");
                Self(Err(format!("{error} ({})", error.code().code)))
            }
        }
    }

    /// How much there is, or why none.
    ///
    /// # Errors
    /// The reason, in words.
    pub fn level(&self) -> Result<&'static str, &str> {
        match &self.0 {
            Ok(sandbox) => Ok(sandbox.level().name()),
            Err(problem) => Err(problem),
        }
    }
}

impl Launch for Confined {
    fn command(&self, request: &LaunchRequest) -> Result<Command, TaskError> {
        let sandbox = self
            .0
            .as_ref()
            .map_err(|problem| TaskError::Run(problem.clone()))?;
        let request = Request {
            command: request.command.clone(),
            folder: request.folder.clone(),
            environment: request.environment.clone(),
            readable: request.readable.clone(),
            writable: request.writable.clone(),
            network: request.network,
            memory_bytes: request.memory_bytes,
            processes: request.processes.map(u64::from),
            file_bytes: None,
        };
        sandbox
            .command(&request)
            .map_err(|error| TaskError::Run(error.to_string()))
    }
}
