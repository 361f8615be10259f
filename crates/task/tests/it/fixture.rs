//! A repository with a checkout, and a runner.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use trunkline_model::SystemClock;
use trunkline_task::{
    Direct, Launch, Limits, Listener, Namespace, Outcome, Plan, RunOptions, Runner, Secrets, Store,
    Summary, Surroundings, TaskName, Tools, WorkFiles, graph_of,
};

/// Tools that are what the test says.
#[derive(Debug, Default)]
pub(crate) struct Versions(pub(crate) BTreeMap<String, String>);

impl Tools for Versions {
    fn version(&self, tool: &str) -> Option<String> {
        self.0.get(tool).cloned()
    }
}

/// One secret.
#[derive(Debug)]
struct OneSecret;

impl Secrets for OneSecret {
    fn secret(&self, name: &str) -> Option<String> {
        (name == "TOKEN").then(|| "hunter2".to_owned())
    }
}

/// What was told.
#[derive(Debug, Default)]
pub(crate) struct Heard(pub(crate) Mutex<Vec<String>>);

impl Listener for Heard {
    fn started(&self, task: &TaskName) {
        self.0.lock().unwrap().push(format!("started {task}"));
    }

    fn line(&self, task: &TaskName, line: &str) {
        self.0.lock().unwrap().push(format!("{task}: {line}"));
    }

    fn finished(&self, task: &TaskName, outcome: Outcome, _time: Duration) {
        self.0.lock().unwrap().push(format!("{task} {outcome:?}"));
    }
}

pub(crate) struct Fixture {
    pub(crate) folder: TempDir,
    pub(crate) environment: BTreeMap<String, String>,
    pub(crate) tools: Versions,
    pub(crate) heard: Heard,
    limits: Limits,
}

impl Fixture {
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        Self::with(files, Limits::default())
    }

    pub(crate) fn with(files: &[(&str, &str)], limits: Limits) -> Self {
        let fixture = Self {
            folder: tempfile::tempdir().unwrap(),
            environment: BTreeMap::new(),
            tools: Versions::default(),
            heard: Heard::default(),
            limits,
        };
        std::fs::create_dir(fixture.root()).unwrap();
        fixture.git(&["init", "-q", "-b", "trunk"]);
        fixture.commit(files);
        fixture
    }

    /// A chain of three services, each built by copying a file, and each needing the one before.
    pub(crate) fn chain() -> Self {
        let package = |name: &str, needs: &str| {
            format!(
                "{{\"name\": \"{name}\", \"version\": \"1.0.0\", \"scripts\": {{\"build\": \"x\"}}, \"dependencies\": {{{needs}}}}}"
            )
        };
        let rules = "[node.build]\ncmd = \"mkdir -p dist && grep -v '^//' in.js > dist/{name}.js; echo built {name}\"\ntools = []\noutputs = [\"dist/**\"]\n";
        Self::new(&[
            (
                "package.json",
                "{\"name\": \"root\", \"private\": true, \"workspaces\": [\"p/*\"]}",
            ),
            ("tasks.toml", rules),
            (".gitignore", "dist\n"),
            ("p/a/package.json", &package("a", "")),
            ("p/a/in.js", "a\n"),
            ("p/b/package.json", &package("b", "\"a\": \"*\"")),
            ("p/b/in.js", "b\n"),
            ("p/c/package.json", &package("c", "\"b\": \"*\"")),
            ("p/c/in.js", "c\n"),
        ])
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    pub(crate) fn write(&self, files: &[(&str, &str)]) {
        for (path, content) in files {
            let path = self.root().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
    }

    pub(crate) fn commit(&self, files: &[(&str, &str)]) {
        self.write(files);
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", "x"]);
    }

    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        git(&self.root(), arguments)
    }

    pub(crate) fn plan(&self) -> Plan {
        let files = WorkFiles::open(&self.root(), None).unwrap();
        let graph = graph_of(&files).unwrap();
        Plan::new(&graph, &files, self.surroundings()).unwrap()
    }

    pub(crate) fn surroundings(&self) -> Surroundings<'_> {
        Surroundings {
            tools: &self.tools,
            environment: &self.environment,
        }
    }

    pub(crate) fn store(&self) -> Store {
        Store::open(&self.folder.path().join("store"), self.limits).unwrap()
    }

    pub(crate) fn options(&self) -> RunOptions {
        let path = std::env::var("PATH").unwrap();
        RunOptions {
            root: self.root(),
            namespace: Namespace::Trusted,
            by: "test".into(),
            base_environment: BTreeMap::from([("PATH".to_owned(), path)]),
            environment: self.environment.clone(),
            readable: Vec::new(),
            writable: Vec::new(),
            parallel: 2,
            force: false,
            looks: None,
            timeout: Duration::from_secs(60),
            log_bytes: 100_000,
            memory_bytes: None,
            stop: CancellationToken::new(),
        }
    }

    pub(crate) fn runner(&self) -> Runner {
        self.runner_with(Arc::new(Direct))
    }

    pub(crate) fn runner_with(&self, launch: Arc<dyn Launch>) -> Runner {
        let clock = Arc::new(SystemClock);
        Runner::new(self.store(), launch, Arc::new(OneSecret), clock)
    }

    /// Runs all tasks.
    pub(crate) async fn run(&self) -> Summary {
        self.run_with(&self.options()).await
    }

    pub(crate) async fn run_with(&self, options: &RunOptions) -> Summary {
        let plan = Arc::new(self.plan());
        let all: Vec<_> = (0..plan.tasks.len()).collect();
        self.runner()
            .run(&plan, &all, options, &self.heard)
            .await
            .unwrap()
    }

    /// What was told since the last time.
    pub(crate) fn told(&self) -> Vec<String> {
        std::mem::take(&mut *self.heard.0.lock().unwrap())
    }
}

/// Each task with its outcome, as text.
pub(crate) fn short(summary: &Summary) -> Vec<String> {
    let tasks = summary.tasks.iter();
    tasks
        .map(|(name, outcome, ..)| format!("{name} {outcome:?}"))
        .collect()
}

pub(crate) fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .args(["-c", "user.name=Ada", "-c", "user.email=ada@example.com"])
        .args(arguments)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "git {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}
