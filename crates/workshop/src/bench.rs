//! Planning and running the tasks of commits.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use gix::ObjectId;
use tokio_util::sync::CancellationToken;
use trunkline_forge::{ForgeConfig, ForgeError, Lines, PlannedTask, RunEnd, RunOrder, Workshop};
use trunkline_landing::Key;
use trunkline_model::Clock;
use trunkline_repository::Bare;
use trunkline_task::{
    InstalledTools, Launch, Limits, Namespace, Outcome, Plan, RunOptions, Runner, Secrets, Store,
    TaskError, TaskName,
};

use crate::Toolchain;
use crate::folders::{Folder, Folders};
use crate::hear::Hear;
use crate::plans::Plans;

/// What a workbench stands on.
#[derive(Debug)]
pub struct WorkbenchParts {
    /// The folder for checkouts and results.
    pub folder: PathBuf,
    /// What tasks find on this machine.
    pub toolchain: Toolchain,
    /// Makes processes.
    pub launch: Arc<dyn Launch>,
    /// Knows secrets.
    pub secrets: Arc<dyn Secrets>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
}

/// Plans and runs the tasks of commits.
#[derive(Debug)]
pub struct Workbench {
    plans: Arc<Plans>,
    folders: Folders,
    runner: Runner,
    options: RunOptions,
}

impl Workbench {
    /// A workbench with the limits of `config`.
    ///
    /// # Errors
    /// [`TaskError::Store`] where its folder cannot be used.
    pub fn open(config: &ForgeConfig, parts: WorkbenchParts) -> Result<Self, TaskError> {
        let WorkbenchParts {
            folder, toolchain, ..
        } = parts;
        let limits = Limits {
            bytes: config.max_cache_bytes,
            ..Limits::default()
        };
        let store = Store::open(&folder.join("results"), limits)?;
        let path = toolchain.environment.get("PATH").map_or("", String::as_str);
        let tools = InstalledTools::new(path, folder.join("tools.json"));
        let paths = |texts: &[String]| texts.iter().map(PathBuf::from).collect::<Vec<_>>();
        let options = RunOptions {
            root: PathBuf::new(),
            namespace: Namespace::Trusted,
            by: "platform".to_owned(),
            base_environment: toolchain.environment,
            environment: config.task_environment.clone(),
            readable: [toolchain.readable, paths(&config.task_readable)].concat(),
            writable: [toolchain.writable, paths(&config.task_writable)].concat(),
            parallel: 1,
            force: false,
            looks: None,
            timeout: Duration::from_secs(config.task_seconds),
            log_bytes: usize::try_from(config.max_log_bytes).unwrap_or(usize::MAX),
            memory_bytes: Some(config.task_memory_bytes).filter(|bytes| *bytes > 0),
            stop: CancellationToken::new(),
        };
        Ok(Self {
            plans: Arc::new(Plans::new(tools, config.task_environment.clone())),
            folders: Folders::new(&folder.join("checkouts")),
            runner: Runner::new(store, parts.launch, parts.secrets, parts.clock),
            options,
        })
    }

    /// The results that are known.
    #[must_use]
    pub const fn store(&self) -> &Store {
        self.runner.store()
    }

    pub(crate) async fn plan_of(
        &self,
        bare: &Bare,
        commit: ObjectId,
    ) -> Result<Arc<Plan>, ForgeError> {
        let (plans, bare) = (Arc::clone(&self.plans), bare.clone());
        let made = tokio::task::spawn_blocking(move || plans.plan(&bare, commit)).await;
        let made = made.map_err(|_| ForgeError::Stopped)?;
        made.map_err(|error| ForgeError::Invalid(error.to_string()))
    }

    pub(crate) const fn runner(&self) -> &Runner {
        &self.runner
    }

    /// How tasks are run in the checkout `root`.
    pub(crate) fn options_in(&self, root: &Path) -> RunOptions {
        RunOptions {
            root: root.to_owned(),
            environment: self.plans.environment().clone(),
            ..self.options.clone()
        }
    }

    /// A folder with the files of a commit, for as long as it is held.
    pub(crate) async fn checkout(
        &self,
        bare: &Bare,
        commit: ObjectId,
        plan: &Plan,
    ) -> Result<Folder, String> {
        let repository = bare.path().file_stem().unwrap_or_default();
        let folder = self.folders.take(&repository.to_string_lossy());
        let kept: Vec<String> = plan
            .tasks
            .iter()
            .flat_map(|task| task.definition.caches.iter().cloned())
            .collect();
        let put = bare.checkout(commit, &folder.root, &folder.index, &kept);
        put.await.map_err(|error| error.to_string())?;
        Ok(folder)
    }

    async fn run_in_checkout(
        &self,
        order: &RunOrder,
        lines: &Arc<dyn Lines>,
    ) -> Result<RunEnd, String> {
        let plan = self.plan_of(&order.bare, order.commit).await;
        let plan = plan.map_err(|error| error.to_string())?;
        let name = TaskName {
            project: order.task.project.clone(),
            task: order.task.name.clone(),
        };
        let place = plan.place(&name).ok_or("the task is not there any more")?;
        let folder = self.checkout(&order.bare, order.commit, &plan).await?;
        let options = RunOptions {
            stop: order.stop.clone(),
            ..self.options_in(&folder.root)
        };
        let listener = Hear {
            own: name.clone(),
            lines: Arc::clone(lines),
        };
        let summary = self.runner.run(&plan, &[place], &options, &listener).await;
        let summary = summary.map_err(|error| error.to_string())?;
        let own = summary.tasks.iter().find(|(task, ..)| *task == name);
        Ok(match own.map(|(_, outcome, ..)| *outcome) {
            Some(Outcome::Hit) => RunEnd::Green { cached: true },
            Some(Outcome::Ran) => RunEnd::Green { cached: false },
            Some(Outcome::TimedOut) => RunEnd::TimedOut,
            Some(Outcome::Cancelled) => RunEnd::Cancelled,
            Some(Outcome::Failed(exit)) => RunEnd::Red { exit },
            Some(Outcome::Broken) => RunEnd::Red { exit: None },
            _ if order.stop.is_cancelled() => RunEnd::Cancelled,
            _ => RunEnd::Red { exit: None },
        })
    }
}

#[async_trait]
impl Workshop for Workbench {
    async fn plan(
        &self,
        bare: &Bare,
        base: Option<ObjectId>,
        head: ObjectId,
    ) -> Result<Vec<PlannedTask>, ForgeError> {
        let new = self.plan_of(bare, head).await?;
        let old = match base {
            // What the trunk says wrongly must not keep it from being put right.
            Some(base) => self.plan_of(bare, base).await.unwrap_or_default(),
            None => Arc::default(),
        };
        let tasks = new.changed_since(&old).into_iter().map(|task| PlannedTask {
            key: Key(task.plan_key.0),
            project: task.definition.name.project.clone(),
            name: task.definition.name.task.clone(),
        });
        Ok(tasks.collect())
    }

    async fn run(&self, order: RunOrder, lines: Arc<dyn Lines>) -> RunEnd {
        match self.run_in_checkout(&order, &lines).await {
            Ok(end) => end,
            Err(problem) => {
                tracing::warn!(run = order.id, problem, "a task could not be run");
                lines.line(&format!("it could not be run: {problem}"));
                RunEnd::Red { exit: None }
            }
        }
    }
}
