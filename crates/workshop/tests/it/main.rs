//! Commits of a real repository, planned and run.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use gix::ObjectId;
use tokio_util::sync::CancellationToken;
use trunkline_forge::{ForgeConfig, Lines, PlannedTask, RunEnd, RunOrder, Workshop as _};
use trunkline_model::SystemClock;
use trunkline_repository::{Bare, Limits};
use trunkline_task::Direct;
use trunkline_workshop::{EnvironmentSecrets, Toolchain, Workbench, WorkbenchParts};

#[derive(Debug, Default)]
struct Heard(Mutex<Vec<String>>);

impl Lines for Heard {
    fn line(&self, line: &str) {
        self.0.lock().unwrap().push(line.to_owned());
    }
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .args(["-c", "user.name=Ada", "-c", "user.email=ada@example.com"])
        .args(arguments)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .unwrap();
    assert!(output.status.success(), "git {arguments:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

struct Fixture {
    folder: tempfile::TempDir,
    bench: Workbench,
}

impl Fixture {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("work")).unwrap();
        git(&folder.path().join("work"), &["init", "-q", "-b", "trunk"]);
        let home = folder.path().join("home");
        let parts = WorkbenchParts {
            folder: folder.path().join("forge"),
            toolchain: Toolchain::find(&home, |name| std::env::var(name).ok()),
            launch: Arc::new(Direct),
            secrets: Arc::new(EnvironmentSecrets),
            clock: Arc::new(SystemClock),
        };
        let bench = Workbench::open(&ForgeConfig::default(), parts).unwrap();
        Self { folder, bench }
    }

    fn work(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    /// Commits files, and gives the commit in a bare copy.
    fn commit(&self, files: &[(&str, &str)]) -> (Bare, ObjectId) {
        for (path, content) in files {
            let path = self.work().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
        git(&self.work(), &["add", "-A"]);
        git(&self.work(), &["commit", "-q", "-m", "x"]);
        let bare = self.folder.path().join("shop.git");
        if !bare.exists() {
            git(self.folder.path(), &["init", "-q", "--bare", "shop.git"]);
        }
        git(&self.work(), &["push", "-q", "../shop.git", "HEAD:trunk"]);
        let id = git(&self.work(), &["rev-parse", "HEAD"]);
        let bare = Bare::open(&bare, "trunk", Limits::default()).unwrap();
        (bare, ObjectId::from_hex(id.as_bytes()).unwrap())
    }

    async fn run(
        &self,
        bare: &Bare,
        commit: ObjectId,
        task: &PlannedTask,
    ) -> (RunEnd, Vec<String>) {
        let heard = Arc::new(Heard::default());
        let order = RunOrder {
            id: "run_1".into(),
            bare: bare.clone(),
            commit,
            task: task.clone(),
            stop: CancellationToken::new(),
        };
        let end = self.bench.run(order, Arc::clone(&heard) as _).await;
        let lines = std::mem::take(&mut *heard.0.lock().unwrap());
        (end, lines)
    }
}

const SERVICE: &str = "name = \"billing\"\n[build]\ncmd = \"mkdir -p out && cp in.txt out/made.txt\"\noutputs = [\"out/**\"]\n[test]\ncmd = \"ls; cat out/made.txt; grep -q good out/made.txt\"\n";

fn names(tasks: &[PlannedTask]) -> Vec<String> {
    tasks
        .iter()
        .map(|task| format!("{}#{}", task.project, task.name))
        .collect()
}

#[tokio::test]
async fn what_differs_is_planned_and_runs_in_a_checkout_of_its_commit() {
    let fixture = Fixture::new();
    let other = "name = \"web\"\n[test]\ncmd = \"true\"\n";
    let (bare, one) = fixture.commit(&[
        ("billing/service.toml", SERVICE),
        ("billing/in.txt", "good 1\n"),
        ("web/service.toml", other),
    ]);
    let all = fixture.bench.plan(&bare, None, one).await.unwrap();
    assert_eq!(
        names(&all),
        [
            "service:billing#build",
            "service:web#test",
            "service:billing#test"
        ]
    );
    let test = &all[2];
    let (end, lines) = fixture.run(&bare, one, test).await;
    assert_eq!(end, RunEnd::Green { cached: false });
    assert!(
        lines.contains(&"service:billing#build ended well in 0.0 s".to_owned()),
        "{lines:?}"
    );
    assert!(lines.contains(&"good 1".to_owned()));
    assert_eq!(
        fixture.run(&bare, one, test).await.0,
        RunEnd::Green { cached: true }
    );

    let (bare, two) = fixture.commit(&[("billing/in.txt", "bad\n"), ("billing/stray.txt", "")]);
    let changed = fixture.bench.plan(&bare, Some(one), two).await.unwrap();
    assert_eq!(
        names(&changed),
        ["service:billing#build", "service:billing#test"]
    );
    let (end, lines) = fixture.run(&bare, two, &changed[1]).await;
    assert_eq!(end, RunEnd::Red { exit: Some(1) });
    assert!(lines.contains(&"bad".to_owned()) && lines.contains(&"stray.txt".to_owned()));

    // Back at the first commit nothing of the second is there.
    std::fs::remove_file(fixture.work().join("billing/stray.txt")).unwrap();
    let (bare, three) = fixture.commit(&[("billing/in.txt", "good 3\n")]);
    let (end, lines) = fixture.run(&bare, three, &changed[1]).await;
    assert_eq!(end, RunEnd::Green { cached: false });
    assert!(!lines.contains(&"stray.txt".to_owned()), "{lines:?}");
}

#[tokio::test]
async fn what_cannot_be_understood_is_said_and_can_be_put_right() {
    let fixture = Fixture::new();
    let (bare, bad) =
        fixture.commit(&[("tasks.toml", "[nod]\n"), ("billing/service.toml", SERVICE)]);
    let error = fixture.bench.plan(&bare, None, bad).await.unwrap_err();
    assert!(error.to_string().contains("tasks.toml:1"), "{error}");
    let (bare, good) = fixture.commit(&[("tasks.toml", "")]);
    let tasks = fixture.bench.plan(&bare, Some(bad), good).await.unwrap();
    assert_eq!(tasks.len(), 2);
}
