//! How tasks are run, and what is told of it.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::definition::TaskName;
use crate::{Key, Looks, Namespace};

/// What became of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Its result was known, and what it makes is in the checkout.
    Hit,
    /// It ran and ended well.
    Ran,
    /// Its command ended with this code, or by a signal.
    Failed(Option<i32>),
    /// It could not be run, or not to its end, or what it made cannot be taken; the last line of its log says why.
    Broken,
    /// It took too long.
    TimedOut,
    /// It was stopped.
    Cancelled,
    /// Something that it needs did not end well.
    Skipped,
}

impl Outcome {
    /// Whether it ended well.
    #[must_use]
    pub const fn is_green(self) -> bool {
        matches!(self, Self::Hit | Self::Ran)
    }
}

/// Is told what happens.
pub trait Listener: Send + Sync + fmt::Debug {
    /// The command of a task begins.
    fn started(&self, task: &TaskName);
    /// A task wrote a line, or had written it when it ran.
    fn line(&self, task: &TaskName, line: &str);
    /// A task ended.
    fn finished(&self, task: &TaskName, outcome: Outcome, time: Duration);
}

/// Knows secrets.
pub trait Secrets: Send + Sync + fmt::Debug {
    /// The secret of this name.
    fn secret(&self, name: &str) -> Option<String>;
}

/// How tasks are run.
#[derive(Clone, Debug)]
pub struct RunOptions {
    /// The root of the checkout.
    pub root: PathBuf,
    /// Whose results are read and written.
    pub namespace: Namespace,
    /// Who runs them, for the records.
    pub by: String,
    /// The environment that tasks get beside what they declare: `PATH` and the like, which no key has.
    pub base_environment: BTreeMap<String, String>,
    /// The environment that declared variables come from; the same that the plan was made with.
    pub environment: BTreeMap<String, String>,
    /// What tasks may read beside the checkout and the system, such as tool chains.
    pub readable: Vec<PathBuf>,
    /// What tasks may write beside the checkout, such as a cache of packages.
    pub writable: Vec<PathBuf>,
    /// Tasks at once.
    pub parallel: usize,
    /// Known results are not used.
    pub force: bool,
    /// How the outputs in the checkout looked, where it is one that is used again.
    pub looks: Option<Arc<Looks>>,
    /// How long a task may take that says nothing itself.
    pub timeout: Duration,
    /// Bytes of a log that are kept; the middle of a longer one is cut out.
    pub log_bytes: usize,
    /// Bytes of memory that a task may take.
    pub memory_bytes: Option<u64>,
    /// Ends everything.
    pub stop: CancellationToken,
}

/// What became of all tasks of a run.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Each with its outcome, how long it took and, where it is green, its action key; in the order of the plan.
    pub tasks: Vec<(TaskName, Outcome, Duration, Option<Key>)>,
}

impl Summary {
    /// Whether all ended well.
    #[must_use]
    pub fn is_green(&self) -> bool {
        self.tasks.iter().all(|(_, outcome, ..)| outcome.is_green())
    }

    /// How many ended like this.
    #[must_use]
    pub fn count(&self, wanted: impl Fn(Outcome) -> bool) -> usize {
        self.tasks
            .iter()
            .filter(|(_, outcome, ..)| wanted(*outcome))
            .count()
    }
}
