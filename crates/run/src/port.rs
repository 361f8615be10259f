//! What services ask of others.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use async_trait::async_trait;
use trunkline_project::Service;
use trunkline_project::service::Route;

use crate::RunError;

/// Where a trunk is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Trunk {
    /// The repository.
    pub repository: String,
    /// The commit.
    pub commit: String,
}

/// A service in a trunk.
#[derive(Clone, Debug, PartialEq)]
pub struct FoundService {
    /// What its `service.toml` says.
    pub service: Service,
    /// Its folder in the repository.
    pub folder: String,
    /// Its project, such as `node:web`.
    pub project: String,
    /// A hash of all that a release of it is made of.
    pub fingerprint: String,
}

/// The services in a trunk.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FoundServices {
    /// Those that are to be run.
    pub services: Vec<FoundService>,
    /// Paths of files that say what a project is and cannot be understood, each with the reason.
    pub problems: Vec<(String, String)>,
}

/// Why services cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// The commit is so, and will be the next time.
    #[error("{0}")]
    Wrong(String),
    /// It may go well the next time.
    #[error("{0}")]
    Unreachable(String),
}

/// Files of a release.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fetched {
    /// BLAKE3 of their paths, modes and contents, as hex.
    pub digest: String,
    /// How many there are.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// The tasks that built it, with their keys.
    pub tasks: BTreeMap<String, String>,
}

/// Where services come from.
#[async_trait]
pub trait Source: Send + Sync + fmt::Debug {
    /// Where each trunk is now. It is asked often.
    fn trunks(&self) -> Vec<Trunk>;

    /// Whether a repository is there no more, and not only out of reach.
    fn is_gone(&self, repository: &str) -> bool;

    /// The services of a trunk that are to be run, and what is wrong with files that may be of some.
    ///
    /// # Errors
    /// [`SourceError`] where they cannot be read.
    async fn services(&self, trunk: &Trunk) -> Result<FoundServices, SourceError>;

    /// Puts all that a release of `project` needs to run into `into`, at the paths that it has in the repository.
    ///
    /// # Errors
    /// Why it cannot be built or written, in words.
    async fn fetch(&self, trunk: &Trunk, project: &str, into: &Path) -> Result<Fetched, String>;
}

/// One place where a service takes requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteTarget {
    /// The port on this machine.
    pub port: u16,
    /// The release, for the rows of `requests`.
    pub release: String,
    /// Its share of the requests against the others, from 0 to 10,000.
    pub weight: u32,
}

/// Where requests for services go.
pub trait Routes: Send + Sync + fmt::Debug {
    /// Sends the requests of a service to `targets`, from the next one on.
    ///
    /// # Errors
    /// Why they go where they went before.
    fn set(&self, service: &str, route: &Route, targets: &[RouteTarget]) -> Result<(), String>;

    /// The service takes no requests any more.
    fn remove(&self, service: &str);

    /// Requests of a service that are under way at a port.
    fn in_flight(&self, service: &str, port: u16) -> u32;
}

/// Answers statements over the tables.
#[async_trait]
pub trait Ask: Send + Sync + fmt::Debug {
    /// All rows, each value as text; a missing one is empty.
    ///
    /// # Errors
    /// Why it cannot be answered, in words.
    async fn rows(&self, statement: &str) -> Result<Vec<Vec<String>>, String>;
}

/// Knows secrets.
pub trait Secrets: Send + Sync + fmt::Debug {
    /// The secret called `name`.
    fn secret(&self, name: &str) -> Option<String>;
}

/// What an instance is started with.
#[derive(Clone, PartialEq, Eq)]
pub struct InstanceOrder {
    /// Its id.
    pub id: String,
    /// What is to be found again with it.
    pub label: String,
    /// The command, for a shell.
    pub command: String,
    /// The folder that it runs in.
    pub folder: std::path::PathBuf,
    /// The folder of the release, which it may read.
    pub release: std::path::PathBuf,
    /// The folder that it may write.
    pub own: std::path::PathBuf,
    /// Its whole environment.
    pub environment: BTreeMap<String, String>,
    /// Bytes of memory that it may take.
    pub memory: Option<u64>,
    /// Processes that it may have.
    pub processes: Option<u32>,
}

/// Secrets are among the environment, so its values stay out.
impl fmt::Debug for InstanceOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InstanceOrder")
            .field("id", &self.id)
            .field("command", &self.command)
            .field("environment", &self.environment.keys())
            .finish_non_exhaustive()
    }
}

/// How an instance stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stand {
    /// It runs.
    Running,
    /// It is stopped where it stands.
    Parked,
    /// It has ended with this code.
    Ended(i32),
}

/// An instance as its driver sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenInstance {
    /// Its id.
    pub id: String,
    /// What it was started with.
    pub label: String,
    /// The number of its process.
    pub process: u32,
    /// How it stands.
    pub stand: Stand,
}

/// Runs instances.
#[async_trait]
pub trait Driver: Send + Sync + fmt::Debug {
    /// Whether anything of it is there already, so that it is to be asked.
    ///
    /// # Errors
    /// [`RunError`] where that is not known.
    async fn is_there(&self) -> Result<bool, RunError>;

    /// Starts an instance.
    ///
    /// # Errors
    /// [`RunError`] where it cannot.
    async fn start(&self, order: InstanceOrder) -> Result<(), RunError>;

    /// Asks an instance to end.
    ///
    /// # Errors
    /// [`RunError`] where it cannot be reached.
    async fn quit(&self, id: &str) -> Result<(), RunError>;

    /// Ends an instance.
    ///
    /// # Errors
    /// [`RunError`] where it cannot be reached.
    async fn kill(&self, id: &str) -> Result<(), RunError>;

    /// Stops an instance where it stands, or lets it go on.
    ///
    /// # Errors
    /// [`RunError`] where it cannot be reached.
    async fn park(&self, id: &str, parked: bool) -> Result<(), RunError>;

    /// Forgets one that has ended.
    ///
    /// # Errors
    /// [`RunError`] where it cannot be reached.
    async fn forget(&self, id: &str) -> Result<(), RunError>;

    /// All instances, at the next change behind the count `after` or after a while.
    ///
    /// # Errors
    /// [`RunError`] where it cannot be reached.
    async fn list(&self, after: u64) -> Result<(u64, Vec<SeenInstance>), RunError>;

    /// The last lines that an instance wrote, at most `lines` of them.
    fn log(&self, id: &str, lines: usize) -> Vec<String>;

    /// Ends all.
    async fn end(&self);
}
