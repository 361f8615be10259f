//! Artifacts with all around them.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use serde_json::Value;
use sqlx::Row as _;
use tempfile::TempDir;
use tower::ServiceExt as _;
use trunkline_artifact::{ArtifactConfig, ArtifactParts, Artifacts, InUse, NotKnown};
use trunkline_authority::Authority;
use trunkline_model::{
    Clock as _, ManualClock, Principal, PrincipalKind, Role, Scope, SeededIds, Timestamp,
};
use trunkline_store::{Store, StoreConfig};
use trunkline_web::{Authorize, Caller, ClientAddress, Decision, Question, ScopesAlone};

/// The second at which each test begins.
pub(crate) const BEGIN: i64 = 1_780_000_000;
/// Where devices reach the platform.
pub(crate) const BASE: &str = "https://trunkline.example";

/// Which job uses what: the one that the test says.
#[derive(Debug, Default)]
pub(crate) struct Jobs(Mutex<Option<Result<(String, String), String>>>);

impl Jobs {
    /// The job `ota-1` uses this.
    pub(crate) fn uses(&self, name: &str, version: &str) {
        *self.0.lock().unwrap() = Some(Ok((name.into(), version.into())));
    }

    pub(crate) fn set_broken(&self) {
        *self.0.lock().unwrap() = Some(Err("they sleep".into()));
    }

    pub(crate) fn clear(&self) {
        *self.0.lock().unwrap() = None;
    }
}

#[async_trait]
impl InUse for Jobs {
    async fn job_with(&self, name: &str, version: &str) -> Result<Option<String>, NotKnown> {
        match &*self.0.lock().unwrap() {
            Some(Ok((of, at))) => Ok((of == name && at == version).then(|| "ota-1".to_owned())),
            Some(Err(reason)) => Err(reason.clone().into()),
            None => Ok(None),
        }
    }
}

/// Lets everything be done by a role that may, but what is about `secret`.
#[derive(Debug)]
struct AllButOne;

impl Authorize for AllButOne {
    fn judge(&self, question: &Question<'_>) -> Decision {
        if question.resource == "secret" {
            return Decision::Deny("not this one".into());
        }
        ScopesAlone.judge(question)
    }

    fn teams(&self) -> Vec<String> {
        Vec::new()
    }
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The status, and the code where it is a problem.
    pub(crate) fn refused(&self) -> (u16, String) {
        let code = self.json()["code"].as_str().unwrap_or_default().to_owned();
        (self.status.as_u16(), code)
    }
}

/// Artifacts with all around them.
pub(crate) struct Node {
    pub(crate) home: TempDir,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) authority: Arc<Authority>,
    pub(crate) store: Store,
    pub(crate) artifacts: Arc<Artifacts>,
    pub(crate) jobs: Arc<Jobs>,
    pub(crate) config: ArtifactConfig,
    starts: u64,
}

impl Node {
    pub(crate) async fn new() -> Self {
        Self::with(ArtifactConfig::default()).await
    }

    pub(crate) async fn with(config: ArtifactConfig) -> Self {
        let home = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::new(Timestamp::from_millis(BEGIN * 1_000)));
        let authority = Authority::make("Acme", clock.now(), &SeededIds::new(7)).unwrap();
        let authority = Arc::new(authority);
        let jobs = Arc::<Jobs>::default();
        let (store, artifacts) = open(&home, &clock, &authority, &jobs, &config, 1).await;
        Self {
            home,
            clock,
            authority,
            store,
            artifacts,
            jobs,
            config,
            starts: 1,
        }
    }

    /// Ended, and started anew.
    pub(crate) async fn restart(&mut self) {
        self.starts += 1;
        self.store.close().await;
        let opened = open(
            &self.home,
            &self.clock,
            &self.authority,
            &self.jobs,
            &self.config,
            self.starts,
        );
        (self.store, self.artifacts) = opened.await;
    }

    /// Lets so many seconds pass.
    pub(crate) fn wait(&self, seconds: i64) {
        self.clock.advance_micros(seconds * 1_000_000);
    }

    pub(crate) fn folder(&self) -> PathBuf {
        self.home.path().join("artifacts")
    }

    /// As if a file had been written long ago.
    pub(crate) fn make_old(&self, name: &str) {
        let file = std::fs::File::open(self.folder().join(name)).unwrap();
        file.set_modified(std::time::UNIX_EPOCH).unwrap();
    }

    /// The names of the files in the folder.
    pub(crate) fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder()).unwrap();
        let name = |entry: std::io::Result<std::fs::DirEntry>| entry.unwrap().file_name();
        let mut names: Vec<_> = entries
            .map(|entry| name(entry).into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// All routes, as somebody with this role, who may do nothing about `secret`, sees them.
    pub(crate) fn router(&self, role: Role) -> Router {
        let mut who = Principal::new(PrincipalKind::Token, "tok_1", "ci", vec![Scope::Owner]);
        who.role = role;
        let caller = Caller::new(who, ClientAddress::UNKNOWN, Arc::new(AllButOne));
        let (closed, _) = trunkline_artifact::routes(Arc::clone(&self.artifacts)).split_for_parts();
        self.open_router()
            .merge(closed.layer(axum::Extension(caller)))
    }

    /// The routes that ask for no credential.
    pub(crate) fn open_router(&self) -> Router {
        let (open, _) =
            trunkline_artifact::open_routes(Arc::clone(&self.artifacts)).split_for_parts();
        open
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        send(self.router(Role::Operator), request).await
    }

    /// Asks for `path` with these headers.
    pub(crate) async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(request(method, path, headers, Body::empty()))
            .await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[]).await
    }

    /// Uploads `name@version`.
    pub(crate) async fn put(&self, subject: &str, content: impl Into<Body>) -> Answer {
        self.put_with(subject, &[], content).await
    }

    pub(crate) async fn put_with(
        &self,
        subject: &str,
        headers: &[(&str, &str)],
        content: impl Into<Body>,
    ) -> Answer {
        self.send(request("PUT", &path(subject), headers, content.into()))
            .await
    }

    /// Uploads what is new, and gives what is known of it.
    pub(crate) async fn add(&self, subject: &str, content: &[u8]) -> Value {
        let answer = self.put(subject, content.to_vec()).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{:?}", answer.json());
        answer.json()
    }

    /// What the events of one type say, in their order, with their subject.
    pub(crate) async fn events(&self, kind: &str) -> Vec<(Value, Value)> {
        let kind = format!("trunkline.fleet.artifact.{kind}.v1");
        let rows = sqlx::query("select event from outbox order by seq")
            .fetch_all(self.store.readers())
            .await
            .unwrap();
        rows.iter()
            .map(|row| serde_json::from_str::<Value>(row.get(0)).unwrap())
            .filter(|event| event["type"] == *kind)
            .map(|event| (event["subject"].clone(), event["data"].clone()))
            .collect()
    }

    /// Changes a table behind the back of the room.
    pub(crate) async fn run(&self, statement: &'static str) {
        let mut change = self.store.begin().await.unwrap();
        sqlx::query(statement)
            .execute(change.connection())
            .await
            .unwrap();
        change.commit().await.unwrap();
    }
}

async fn open(
    home: &TempDir,
    clock: &Arc<ManualClock>,
    authority: &Arc<Authority>,
    jobs: &Arc<Jobs>,
    config: &ArtifactConfig,
    seed: u64,
) -> (Store, Arc<Artifacts>) {
    let path = home.path().join("control.db");
    let store = Store::open(&path, &StoreConfig::default()).await.unwrap();
    let parts = ArtifactParts {
        store: store.clone(),
        clock: Arc::clone(clock) as _,
        ids: Arc::new(SeededIds::new(seed)),
        authority: Arc::clone(authority),
        in_use: Arc::clone(jobs) as _,
        folder: home.path().join("artifacts"),
        base: format!("{BASE}/"),
    };
    let artifacts = Artifacts::open(config, parts).await.unwrap();
    (store, artifacts)
}

/// Where `name@version` is.
pub(crate) fn path(subject: &str) -> String {
    format!("/v1/artifacts/{}", subject.replace('@', "/"))
}

/// Where its content is.
pub(crate) fn content(subject: &str) -> String {
    format!("{}/content", path(subject))
}

pub(crate) fn request(
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: Body,
) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(body).unwrap()
}

pub(crate) async fn send(router: Router, request: Request<Body>) -> Answer {
    let response = router.oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    Answer {
        status: parts.status,
        headers: parts.headers,
        body: body.to_vec(),
    }
}

/// Bytes that are not the same everywhere.
pub(crate) fn image(bytes: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..bytes).map(|_| next()).collect()
}
