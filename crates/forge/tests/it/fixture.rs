//! A forge behind HTTP, with people whose tokens are their names, and a checkout.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use axum::Router;
use gix::ObjectId;
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use trunkline_forge::{
    Forge, ForgeConfig, ForgeError, ForgeParts, Lines, NewRepository, PlannedTask, RunEnd,
    RunOrder, Workshop,
};
use trunkline_landing::Key;
use trunkline_model::{Principal, PrincipalKind, RandomIds, Role, Scope, SystemClock};
use trunkline_repository::{Bare, EntryKind};
use trunkline_store::{Store, StoreConfig};
use trunkline_web::{
    AuthError, Authenticate, ClientAddress, Credential, Gate, Origins, ScopesAlone, WebConfig,
    accept_basic, require_credential,
};

/// A workshop in which each folder with a file `check` is a project, whose task `test` does what the file says: `pass`, `fail`, `flake` or
/// `wait`. A file `second` is another task.
#[derive(Debug)]
pub(crate) struct Checks {
    pub(crate) runs: AtomicUsize,
    /// What `wait` waits for.
    pub(crate) gate: Semaphore,
}

impl Default for Checks {
    fn default() -> Self {
        Self {
            runs: AtomicUsize::new(0),
            gate: Semaphore::new(0),
        }
    }
}

fn checks(bare: &Bare, commit: Option<ObjectId>) -> Vec<PlannedTask> {
    let Some(commit) = commit.map(|id| id.to_string()) else {
        return Vec::new();
    };
    let folders = bare.folder(&commit, "").unwrap();
    let folders = folders
        .iter()
        .filter(|entry| entry.kind == EntryKind::Folder);
    let named = [("check", "test"), ("second", "second")];
    let tasks = folders.flat_map(|folder| named.map(|names| (folder, names)));
    let tasks = tasks.filter_map(|(folder, (file, task))| {
        let file = bare
            .file(&commit, &format!("{}/{file}", folder.name), 1_000)
            .ok()?;
        let mut key = [0; 32];
        key[..20].copy_from_slice(file.id.as_slice());
        key[20] = folder.name.as_bytes()[0];
        key[21] = task.as_bytes()[0];
        Some(PlannedTask {
            key: Key(key),
            project: format!("service:{}", folder.name),
            name: task.to_owned(),
        })
    });
    tasks.collect()
}

#[async_trait]
impl Workshop for Checks {
    async fn plan(
        &self,
        bare: &Bare,
        base: Option<ObjectId>,
        head: ObjectId,
    ) -> Result<Vec<PlannedTask>, ForgeError> {
        let old = checks(bare, base);
        let mut new = checks(bare, Some(head));
        new.retain(|task| !old.contains(task));
        Ok(new)
    }

    async fn run(&self, order: RunOrder, lines: Arc<dyn Lines>) -> RunEnd {
        let run = self.runs.fetch_add(1, Ordering::SeqCst);
        let folder = order.task.project.trim_start_matches("service:");
        let name = match order.task.name.as_str() {
            "test" => "check",
            other => other,
        };
        let file = order.bare.file(
            &order.commit.to_string(),
            &format!("{folder}/{name}"),
            1_000,
        );
        let text = String::from_utf8(file.unwrap().content).unwrap();
        lines.line(&format!("the check of {folder} says {}", text.trim()));
        match text.split_whitespace().next().unwrap() {
            "pass" => RunEnd::Green { cached: false },
            "flake" if run % 2 == 1 => RunEnd::Green { cached: false },
            "wait" => tokio::select! {
                permit = self.gate.acquire() => {
                    permit.unwrap().forget();
                    RunEnd::Green { cached: false }
                }
                () = order.stop.cancelled() => RunEnd::Cancelled,
            },
            _ => RunEnd::Red { exit: Some(1) },
        }
    }
}

/// Whoever has a name is a developer; `root` owns the workspace, `guest` only looks.
#[derive(Debug)]
struct People;

#[async_trait]
impl Authenticate for People {
    async fn authenticate(
        &self,
        credential: Credential<'_>,
        _client: ClientAddress,
    ) -> Result<Principal, AuthError> {
        let Credential::Token(name) = credential else {
            return Err(AuthError::Invalid);
        };
        let role = match name {
            "root" => Role::Owner,
            "guest" => Role::Viewer,
            "ada" | "bob" => Role::Developer,
            _ => return Err(AuthError::Invalid),
        };
        Ok(Principal {
            kind: PrincipalKind::Account,
            id: name.to_owned(),
            name: name.to_owned(),
            role,
            teams: Vec::new(),
            scopes: vec![Scope::Owner],
        })
    }
}

/// A forge that listens.
pub(crate) struct Fixture {
    pub(crate) folder: TempDir,
    pub(crate) forge: Arc<Forge>,
    pub(crate) checks: Arc<Checks>,
    address: String,
    store: Store,
}

impl Fixture {
    /// A forge with the empty repository `shop`.
    pub(crate) async fn new() -> Self {
        let fixture = Self::open(tempfile::tempdir().unwrap(), Arc::default()).await;
        let wanted = NewRepository {
            name: "shop".to_owned(),
            trunk: "trunk".to_owned(),
            description: String::new(),
        };
        fixture
            .forge
            .create_repository(wanted, "root")
            .await
            .unwrap();
        fixture
    }

    async fn open(folder: TempDir, checks: Arc<Checks>) -> Self {
        let path = folder.path().join("state.db");
        let store = Store::open(&path, &StoreConfig::default()).await.unwrap();
        let parts = ForgeParts {
            store: store.clone(),
            clock: Arc::new(SystemClock),
            ids: Arc::new(RandomIds),
            workshop: Arc::clone(&checks) as _,
            folder: folder.path().join("forge"),
            base: "http://trunkline.test".to_owned(),
        };
        let forge = Forge::open(&ForgeConfig::default(), parts).await.unwrap();
        let gate = Gate::new(
            Arc::new(People),
            Arc::new(ScopesAlone),
            Origins::new(&WebConfig::default()),
        );
        let behind = |router: Router| {
            router.route_layer(axum::middleware::from_fn_with_state(
                gate.clone(),
                require_credential,
            ))
        };
        let (api, _) = trunkline_forge::routes(Arc::clone(&forge)).split_for_parts();
        let git = behind(trunkline_forge::git_routes(Arc::clone(&forge)))
            .layer(axum::middleware::from_fn(accept_basic));
        let router = behind(api).merge(git);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            folder,
            forge,
            checks,
            address,
            store,
        }
    }

    /// The same after an end and a start.
    pub(crate) async fn again(self) -> Self {
        self.forge.close().await;
        self.store.close().await;
        Self::open(self.folder, Arc::default()).await
    }

    pub(crate) fn url(&self, who: &str) -> String {
        format!("http://git:{who}@{}/git/shop.git", self.address)
    }

    /// A checkout of `who`, made by a clone.
    pub(crate) async fn clone_as(&self, who: &str) -> Checkout {
        let folder = self.folder.path().join(format!(
            "{who}-{}",
            std::fs::read_dir(self.folder.path()).unwrap().count()
        ));
        let folder_text = folder.to_str().unwrap().to_owned();
        let cloned = git(
            self.folder.path(),
            &["clone", "-q", &self.url(who), &folder_text],
        )
        .await;
        assert!(cloned.status.success(), "{}", text(&cloned.stderr));
        Checkout { folder }
    }

    /// A checkout in which `files` are in the trunk.
    pub(crate) async fn with(&self, files: &[(&str, &str)]) -> Checkout {
        let checkout = self.clone_as("ada").await;
        checkout.commit("begin", files).await;
        checkout.run(&["push", "-q", "origin", "HEAD:trunk"]).await;
        checkout
    }

    /// Asks the API as `who`; gives the status and the document.
    pub(crate) async fn ask(
        &self,
        who: &str,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> (u16, Value) {
        let mut command = tokio::process::Command::new("curl");
        command
            .args(["-sS", "-X", method, "-w", "\n%{http_code}", "-H"])
            .arg(format!("authorization: Bearer {who}"));
        if let Some(body) = body {
            command
                .args(["-H", "content-type: application/json", "-d"])
                .arg(body.to_string());
        }
        let output = command
            .arg(format!("http://{}{path}", self.address))
            .output()
            .await
            .unwrap();
        let output = text(&output.stdout);
        let (document, status) = output.rsplit_once('\n').unwrap();
        (
            status.parse().unwrap(),
            serde_json::from_str(document).unwrap_or(Value::Null),
        )
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let (status, document) = self.ask("ada", "GET", path, None).await;
        assert_eq!(status, 200, "{path}: {document}");
        document
    }

    /// Waits until the change is in the state, and gives it.
    pub(crate) async fn until(&self, change: i64, state: &str) -> Value {
        for _ in 0..600 {
            let document = self.get(&format!("/v1/changes/{change}")).await;
            if document["state"] == state {
                return document;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!(
            "change {change} did not become {state}: {}",
            self.get(&format!("/v1/changes/{change}")).await
        );
    }

    /// The run that the queue says is under way, once there is one.
    pub(crate) async fn running_run(&self) -> String {
        for _ in 0..600 {
            let queue = self.get("/v1/repositories/shop/queue").await;
            if let Some(run) = queue["lanes"][0]["landings"][0]["runs"][0].as_str() {
                return run.to_owned();
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("nothing runs");
    }

    /// The subjects of the trunk's commits, the newest first.
    pub(crate) async fn trunk(&self) -> Vec<String> {
        let history = self.get("/v1/repositories/shop/history").await;
        let commits = history["commits"].as_array().unwrap();
        commits
            .iter()
            .map(|commit| commit["subject"].as_str().unwrap().to_owned())
            .collect()
    }

    /// Changes a table by hand.
    pub(crate) async fn execute(&self, sql: &str) {
        let mut transaction = self.store.begin().await.unwrap();
        sqlx::query(sqlx::AssertSqlSafe(sql.to_owned()))
            .execute(transaction.connection())
            .await
            .unwrap();
        transaction.commit().await.unwrap();
    }

    /// The types and data of the events that are on their way to the log.
    pub(crate) async fn events(&self) -> Vec<(String, Value)> {
        let mut connection = self.store.readers().acquire().await.unwrap();
        let rows: Vec<(String,)> = sqlx::query_as("select event from outbox order by rowid")
            .fetch_all(&mut *connection)
            .await
            .unwrap();
        let event = |(text,): (String,)| {
            let event: Value = serde_json::from_str(&text).unwrap();
            (
                event["type"].as_str().unwrap().to_owned(),
                event["data"].clone(),
            )
        };
        rows.into_iter().map(event).collect()
    }
}

/// A checkout.
pub(crate) struct Checkout {
    pub(crate) folder: PathBuf,
}

impl Checkout {
    /// Runs git, which must succeed, and gives what it said on both ways.
    pub(crate) async fn run(&self, arguments: &[&str]) -> String {
        let output = git(&self.folder, arguments).await;
        let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
        assert!(output.status.success(), "git {arguments:?}: {said}");
        said
    }

    /// Runs git, which must fail, and gives what it said.
    pub(crate) async fn fail(&self, arguments: &[&str]) -> String {
        let output = git(&self.folder, arguments).await;
        let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
        assert!(!output.status.success(), "git {arguments:?}: {said}");
        said
    }

    /// Writes `files` and commits them.
    pub(crate) async fn commit(&self, message: &str, files: &[(&str, &str)]) {
        self.write(files);
        self.run(&["add", "-A"]).await;
        self.run(&["commit", "-q", "--allow-empty", "-m", message])
            .await;
    }

    pub(crate) fn write(&self, files: &[(&str, &str)]) {
        for (path, content) in files {
            let path = self.folder.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
    }

    /// Pushes for the trunk with options.
    pub(crate) async fn ship(&self, options: &[&str]) -> String {
        let mut arguments = vec!["push", "origin", "HEAD:refs/for/trunk"];
        for option in options {
            arguments.extend(["-o", option]);
        }
        self.run(&arguments).await
    }
}

async fn git(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = tokio::process::Command::from(Command::new("git"));
    command
        .args(["-c", "user.name=Ada", "-c", "user.email=ada@example.com"])
        .args(arguments)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_TERMINAL_PROMPT", "0")
        .stdin(Stdio::null());
    // Authors are told apart by their time, and a test makes many commits in a second.
    if arguments.first() == Some(&"commit") && !arguments.contains(&"--amend") {
        static TIME: AtomicUsize = AtomicUsize::new(1_700_000_000);
        let time = TIME.fetch_add(1, Ordering::SeqCst);
        command.env("GIT_AUTHOR_DATE", format!("{time} +0000"));
    }
    command.output().await.unwrap()
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
