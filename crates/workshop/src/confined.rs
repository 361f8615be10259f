//! Processes of tasks in a sandbox.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use async_trait::async_trait;
use trunkline_forge::Confinement;
use trunkline_model::Coded as _;
use trunkline_sandbox::{Checkout, Level, Request, Sandbox};
use trunkline_task::{Launch, LaunchRequest, Started, TaskError};

/// Makes confined processes, or says why there are none.
#[derive(Debug)]
pub struct Confined(Result<Sandbox, String>);

impl Confined {
    /// Confinement by the program `launcher`, and not less than `least`. Where the machine gives less, every task is refused. Once tasks run, at
    /// most `warm` launchers are ready for the next ones.
    #[must_use]
    pub fn open(launcher: &Path, least: Confinement, warm: usize) -> Self {
        let least = match least {
            Confinement::None => Level::None,
            Confinement::Files => Level::Files,
            Confinement::Namespaces => Level::Namespaces,
        };
        match Sandbox::open(launcher, least, warm) {
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

#[async_trait]
impl Launch for Confined {
    async fn start(&self, request: &LaunchRequest) -> Result<Started, TaskError> {
        let sandbox = self
            .0
            .as_ref()
            .map_err(|problem| TaskError::Run(problem.clone()))?;
        let request = Request {
            command: request.command.clone(),
            folder: request.folder.clone(),
            environment: request.environment.clone(),
            checkout: Some(Checkout {
                root: request.checkout.root.clone(),
                readable: request.checkout.readable.clone(),
                writable: request.checkout.writable.clone(),
                makes: request.checkout.makes.clone(),
            }),
            readable: request.readable.clone(),
            writable: request.writable.clone(),
            network: request.network,
            memory_bytes: request.memory_bytes,
            processes: request.processes.map(u64::from),
            file_bytes: None,
        };
        let started = sandbox.start(&request).await;
        let started = started.map_err(|error| TaskError::Run(error.to_string()))?;
        Ok(Started {
            child: started.child,
            tether: started.tether,
        })
    }

    fn is_confined(&self) -> bool {
        matches!(&self.0, Ok(sandbox) if sandbox.level() > Level::None)
    }
}

/// Confinement that is looked for once something has to run: to find out what the machine gives, the program is started.
#[derive(Debug)]
pub struct OnceNeeded {
    launcher: PathBuf,
    warm: usize,
    confined: OnceLock<Confined>,
}

impl OnceNeeded {
    /// As much confinement by the program `launcher` as there is, with at most `warm` launchers that are ready for the next tasks.
    #[must_use]
    pub const fn new(launcher: PathBuf, warm: usize) -> Self {
        Self {
            launcher,
            warm,
            confined: OnceLock::new(),
        }
    }
}

#[async_trait]
impl Launch for OnceNeeded {
    async fn start(&self, request: &LaunchRequest) -> Result<Started, TaskError> {
        let open = || Confined::open(&self.launcher, Confinement::None, self.warm);
        self.confined.get_or_init(open).start(request).await
    }

    fn is_confined(&self) -> bool {
        self.confined.get().is_some_and(Launch::is_confined)
    }
}
