//! The checkout that is asked about, and where its results are kept.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use trunkline_task::{
    CommitFiles, InstalledTools, Limits, Plan, Remembered, Store, Surroundings, TaskError,
    WorkFiles, plan,
};
use trunkline_workshop::Cache;

use crate::Failure;
use crate::cli::Results;

/// What has to be known of the tasks of a plan.
#[derive(Clone, Copy, Debug)]
pub(super) enum Detail {
    /// Their keys, which may be remembered.
    Keys,
    /// Also what they are made of.
    Ingredients,
}

/// A checkout with its plan.
pub(super) struct Checkout {
    pub(super) root: PathBuf,
    pub(super) plan: Arc<Plan>,
    pub(super) findings: Vec<String>,
    pub(super) environment: BTreeMap<String, String>,
    /// The folder that tasks have as their home.
    pub(super) home: PathBuf,
    tools: InstalledTools,
}

impl Checkout {
    /// The checkout that `place` lies in, as it is now.
    pub(super) fn open(place: &Path, detail: Detail) -> Result<Self, Failure> {
        let environment: BTreeMap<String, String> = std::env::vars().collect();
        let path = environment.get("PATH").map_or("", String::as_str);
        let cache = Cache::find(|name| environment.get(name).cloned());
        let home = cache.folder.join("home");
        // Without it tools are asked each time, and tasks have no home.
        let _none = std::fs::create_dir_all(&home);
        let tools = InstalledTools::new(path, cache.folder.join("tools.json"));
        let surroundings = Surroundings {
            tools: &tools,
            environment: &environment,
        };
        let open = || {
            let memory = |name: &str| cache.is_own.then(|| cache.folder.join(name));
            let files = WorkFiles::open(place, memory("folders").as_deref())?;
            let root = files.root().to_owned();
            let plans = memory("plans").filter(|_| matches!(detail, Detail::Keys));
            let (plan, findings) = match plans {
                Some(folder) => Remembered::new(&folder, &root).plan(&files, surroundings)?,
                None => plan(&files, surroundings)?,
            };
            Ok((root, Arc::new(plan), findings))
        };
        let (root, plan, findings) = open().map_err(|error: TaskError| Failure::of(&error))?;
        Ok(Self {
            root,
            plan,
            findings,
            environment,
            home,
            tools,
        })
    }

    /// The plan of a commit of the same repository.
    pub(super) fn plan_at(&self, revision: &str) -> Result<Plan, Failure> {
        let surroundings = Surroundings {
            tools: &self.tools,
            environment: &self.environment,
        };
        let made =
            CommitFiles::open(&self.root, revision).and_then(|files| plan(&files, surroundings));
        made.map(|(plan, _)| plan)
            .map_err(|error| Failure::of(&error))
    }

    /// The results on this machine.
    pub(super) fn store(&self, results: &Results) -> Result<Store, Failure> {
        let folder = results.results.clone().unwrap_or_else(|| {
            Cache::find(|name| self.environment.get(name).cloned())
                .folder
                .join("results")
        });
        Store::open(&folder, Limits::default()).map_err(|error| Failure::of(&error))
    }
}
