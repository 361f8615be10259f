//! The checkout that is asked about, and where its results are kept.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use trunkline_task::{
    CommitFiles, Files, InstalledTools, Limits, Plan, Store, Surroundings, TaskError, WorkFiles,
    graph_of,
};

use crate::Failure;
use crate::cli::Results;

/// A checkout with its plan.
pub(super) struct Checkout {
    pub(super) root: PathBuf,
    pub(super) plan: Plan,
    pub(super) findings: Vec<String>,
    pub(super) environment: BTreeMap<String, String>,
    tools: InstalledTools,
}

impl Checkout {
    /// The checkout that `place` lies in, as it is now.
    pub(super) fn open(place: &Path) -> Result<Self, Failure> {
        let environment: BTreeMap<String, String> = std::env::vars().collect();
        let path = environment.get("PATH").map_or("", String::as_str);
        let kept = cache(&environment).join("tools.json");
        if let Some(folder) = kept.parent() {
            // Without it the tools are asked each time.
            let _asked = std::fs::create_dir_all(folder);
        }
        let tools = InstalledTools::new(path, kept);
        let open = || {
            let files = WorkFiles::open(place)?;
            let (plan, findings) = plan(&files, &tools, &environment)?;
            Ok((files.root().to_owned(), plan, findings))
        };
        let (root, plan, findings) = open().map_err(|error: TaskError| Failure::of(&error))?;
        Ok(Self {
            root,
            plan,
            findings,
            environment,
            tools,
        })
    }

    /// The plan of a commit of the same repository.
    pub(super) fn plan_at(&self, revision: &str) -> Result<Plan, Failure> {
        let made = CommitFiles::open(&self.root, revision)
            .and_then(|files| plan(&files, &self.tools, &self.environment));
        made.map(|(plan, _)| plan)
            .map_err(|error| Failure::of(&error))
    }

    /// The results on this machine.
    pub(super) fn store(&self, results: &Results) -> Result<Store, Failure> {
        let folder = results
            .results
            .clone()
            .unwrap_or_else(|| cache(&self.environment).join("results"));
        Store::open(&folder, Limits::default()).map_err(|error| Failure::of(&error))
    }
}

fn plan(
    files: &dyn Files,
    tools: &InstalledTools,
    environment: &BTreeMap<String, String>,
) -> Result<(Plan, Vec<String>), TaskError> {
    let graph = graph_of(files)?;
    let surroundings = Surroundings { tools, environment };
    let plan = Plan::new(&graph, files, surroundings)?;
    let findings = graph.findings.iter().map(ToString::to_string);
    Ok((plan, findings.collect()))
}

fn cache(environment: &BTreeMap<String, String>) -> PathBuf {
    let set = |name: &str| {
        environment
            .get(name)
            .filter(|text| !text.is_empty())
            .map(PathBuf::from)
    };
    set("XDG_CACHE_HOME")
        .or_else(|| set("HOME").map(|home| home.join(".cache")))
        .unwrap_or_else(std::env::temp_dir)
        .join("trunkline")
}
