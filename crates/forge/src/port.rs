//! What the forge asks of others.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use gix::ObjectId;
use tokio_util::sync::CancellationToken;
use trunkline_landing::Key;
use trunkline_repository::Bare;

use crate::ForgeError;

/// A task that has to be green before a candidate lands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedTask {
    /// What its outcome depends on.
    pub key: Key,
    /// The project, such as `cargo:billing`.
    pub project: String,
    /// Its name, such as `test`.
    pub name: String,
}

/// What a run of a task is told.
#[derive(Clone, Debug)]
pub struct RunOrder {
    /// Names the run.
    pub id: String,
    /// The repository.
    pub bare: Bare,
    /// The commit to run it for.
    pub commit: ObjectId,
    /// Which task.
    pub task: PlannedTask,
    /// Ends it.
    pub stop: CancellationToken,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunEnd {
    /// It is green.
    Green {
        /// The result was known and nothing ran.
        cached: bool,
    },
    /// Its command ended with this code, or could not be run at all.
    Red {
        /// What the command ended with.
        exit: Option<i32>,
    },
    /// It took too long.
    TimedOut,
    /// It was stopped.
    Cancelled,
}

/// Takes the lines that a run writes.
pub trait Lines: Send + Sync + fmt::Debug {
    /// One line, without its end.
    fn line(&self, line: &str);
}

/// Plans and runs the tasks of a commit.
#[async_trait]
pub trait Workshop: Send + Sync + fmt::Debug {
    /// The tasks whose keys at `head` are not those at `base`: what has to be green before `head` follows `base`. All where there is no base.
    ///
    /// # Errors
    /// [`ForgeError::Invalid`] where the files of `head` that say what there is to do cannot be understood.
    async fn plan(
        &self,
        bare: &Bare,
        base: Option<ObjectId>,
        head: ObjectId,
    ) -> Result<Vec<PlannedTask>, ForgeError>;

    /// Runs one task.
    async fn run(&self, order: RunOrder, lines: Arc<dyn Lines>) -> RunEnd;
}
