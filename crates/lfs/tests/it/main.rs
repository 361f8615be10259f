//! Large files over HTTP, as git-lfs asks for them.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use futures::TryStreamExt as _;
use object_store::ObjectStore;
use object_store::memory::InMemory;
use object_store::path::Path;
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt as _;
use trunkline_lfs::{LargeFiles, LfsConfig, LfsParts, Repositories};
use trunkline_model::{Principal, PrincipalKind, RandomIds, Role, Scope, SystemClock};
use trunkline_store::{Store, StoreConfig};
use trunkline_web::{
    AuthError, Authenticate, ClientAddress, Credential, Gate, Origins, ScopesAlone, WebConfig,
    accept_basic, require_credential,
};

/// `hello`, and its SHA-256.
const HELLO: (&str, &str) = (
    "hello",
    "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
);

/// `ada` pushes, `guest` only reads.
#[derive(Debug)]
struct People;

#[async_trait]
impl Authenticate for People {
    async fn authenticate(
        &self,
        credential: Credential<'_>,
        _client: ClientAddress,
    ) -> Result<Principal, AuthError> {
        let (name, role) = match credential {
            Credential::Token("ada") => ("ada", Role::Developer),
            Credential::Token("guest") => ("guest", Role::Viewer),
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

/// The names and identities of repositories.
#[derive(Debug, Default)]
struct Known(Mutex<Vec<(&'static str, &'static str)>>);

impl Repositories for Known {
    fn identity(&self, name: &str) -> Option<String> {
        let known = self.0.lock().unwrap();
        let found = known.iter().find(|(known, _)| *known == name);
        found.map(|(_, identity)| (*identity).to_owned())
    }

    fn identities(&self) -> Vec<String> {
        let known = self.0.lock().unwrap();
        known.iter().map(|(_, one)| (*one).to_owned()).collect()
    }
}

struct Fixture {
    _folder: TempDir,
    files: Arc<LargeFiles>,
    known: Arc<Known>,
    objects: Arc<InMemory>,
    store: Store,
    router: Router,
}

impl Fixture {
    async fn new(config: LfsConfig) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.db");
        let store = Store::open(&path, &StoreConfig::default()).await.unwrap();
        let known = Arc::new(Known(Mutex::new(vec![
            ("shop", "shop-1"),
            ("other", "other-1"),
        ])));
        let objects = Arc::new(InMemory::new());
        let parts = LfsParts {
            store: store.clone(),
            clock: Arc::new(SystemClock),
            ids: Arc::new(RandomIds),
            repositories: Arc::clone(&known) as _,
            objects: Arc::clone(&objects) as _,
            prefix: Path::from("lfs"),
            base: "http://trunkline.test".to_owned(),
        };
        let files = LargeFiles::open(&config, parts).await.unwrap();
        let gate = Gate::new(
            Arc::new(People),
            Arc::new(ScopesAlone),
            Origins::new(&WebConfig::default()),
        );
        let router = trunkline_lfs::routes(Arc::clone(&files))
            .route_layer(axum::middleware::from_fn_with_state(
                gate,
                require_credential,
            ))
            .layer(axum::middleware::from_fn(accept_basic));
        Self {
            _folder: folder,
            files,
            known,
            objects,
            store,
            router,
        }
    }

    async fn ask(&self, who: &str, method: &str, path: &str, body: &str) -> (u16, String) {
        let request = Request::builder()
            .method(method)
            .uri(format!("/git/{path}"))
            .header(header::AUTHORIZATION, format!("Bearer {who}"))
            .header(header::CONTENT_LENGTH, body.len())
            .body(Body::from(body.to_owned()))
            .unwrap();
        self.send(request).await
    }

    async fn send(&self, request: Request<Body>) -> (u16, String) {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    async fn batch(&self, who: &str, repository: &str, operation: &str, size: u64) -> (u16, Value) {
        let body = json!({
            "operation": operation, "transfers": ["basic"], "ref": {"name": "refs/heads/trunk"},
            "objects": [{"oid": HELLO.1, "size": size}], "hash_algo": "sha256",
        });
        let path = format!("{repository}/info/lfs/objects/batch");
        let (status, text) = self.ask(who, "POST", &path, &body.to_string()).await;
        (status, serde_json::from_str(&text).unwrap())
    }

    async fn put(&self, content: &str, oid: &str) -> (u16, String) {
        let path = format!("shop/info/lfs/objects/{oid}");
        self.ask("ada", "PUT", &path, content).await
    }

    async fn count(&self) -> usize {
        let all: Vec<_> = self.objects.list(None).try_collect().await.unwrap();
        all.len()
    }

    async fn events(&self) -> i64 {
        let mut connection = self.store.readers().acquire().await.unwrap();
        let (count,): (i64,) = sqlx::query_as("select count(*) from outbox")
            .fetch_one(&mut *connection)
            .await
            .unwrap();
        count
    }
}

#[tokio::test]
async fn a_file_is_sent_once_and_fetched_by_whoever_may_read() {
    let fixture = Fixture::new(LfsConfig::default()).await;
    let (status, answer) = fixture.batch("ada", "shop.git", "upload", 5).await;
    assert_eq!(status, 200, "{answer}");
    let actions = &answer["objects"][0]["actions"];
    let place = format!(
        "http://trunkline.test/git/shop/info/lfs/objects/{}",
        HELLO.1
    );
    assert_eq!(actions["upload"]["href"], place);
    assert_eq!(actions["upload"]["header"]["Authorization"], "Bearer ada");
    let (status, _) = fixture.put(HELLO.0, HELLO.1).await;
    assert_eq!(status, 200);
    let named = json!({"oid": HELLO.1, "size": 5}).to_string();
    let (status, _) = fixture
        .ask("ada", "POST", "shop/info/lfs/verify", &named)
        .await;
    assert_eq!(status, 200);
    let short = json!({"oid": HELLO.1, "size": 4}).to_string();
    let (status, _) = fixture
        .ask("ada", "POST", "shop/info/lfs/verify", &short)
        .await;
    assert_eq!(status, 404);
    let (_, answer) = fixture.batch("ada", "shop", "upload", 5).await;
    assert_eq!(answer["objects"][0].get("actions"), None);
    let (_, answer) = fixture.batch("guest", "shop", "download", 5).await;
    assert_eq!(answer["objects"][0]["actions"]["download"]["href"], place);
    let path = format!("shop/info/lfs/objects/{}", HELLO.1);
    let got = fixture.ask("guest", "GET", &path, "").await;
    assert_eq!(got, (200, "hello".to_owned()));
    let rest = Request::builder()
        .uri(format!("/git/{path}"))
        .header(header::AUTHORIZATION, "Bearer guest")
        .header(header::RANGE, "bytes=2-4")
        .body(Body::empty())
        .unwrap();
    assert_eq!(fixture.send(rest).await, (206, "llo".to_owned()));
    // Sent again it is there already, and no second event says that it came.
    assert_eq!(fixture.put(HELLO.0, HELLO.1).await.0, 200);
    assert_eq!(fixture.events().await, 1);
}

#[tokio::test]
async fn what_is_not_what_was_announced_leaves_nothing() {
    let fixture = Fixture::new(LfsConfig::default()).await;
    let (status, said) = fixture.put("hullo", HELLO.1).await;
    assert_eq!(status, 422, "{said}");
    let said: Value = serde_json::from_str(&said).unwrap();
    assert!(said["message"].as_str().unwrap().contains("TL-LFS-005"));
    // It says more than it has, and less.
    for announced in [4, 6] {
        let request = Request::builder()
            .method("PUT")
            .uri(format!("/git/shop/info/lfs/objects/{}", HELLO.1))
            .header(header::AUTHORIZATION, "Bearer ada")
            .header(header::CONTENT_LENGTH, announced)
            .body(Body::from("hello"))
            .unwrap();
        let (status, _) = fixture.send(request).await;
        assert_eq!(status, 422);
    }
    for oid in ["x", &HELLO.1.to_uppercase(), &HELLO.1[..63]] {
        assert_eq!(fixture.put("hello", oid).await.0, 422, "{oid}");
    }
    assert_eq!((fixture.count().await, fixture.events().await), (0, 0));
    let (_, answer) = fixture.batch("guest", "shop", "download", 5).await;
    assert_eq!(answer["objects"][0]["error"]["code"], 404);
}

#[tokio::test]
async fn nobody_sends_or_reads_without_the_right_to_it() {
    let fixture = Fixture::new(LfsConfig::default()).await;
    let (status, answer) = fixture.batch("guest", "shop", "upload", 5).await;
    assert_eq!(status, 403, "{answer}");
    let path = format!("shop/info/lfs/objects/{}", HELLO.1);
    assert_eq!(fixture.ask("guest", "PUT", &path, "hello").await.0, 403);
    assert_eq!(fixture.ask("nobody", "GET", &path, "").await.0, 401);
    let (status, _) = fixture.batch("ada", "none", "download", 5).await;
    assert_eq!(status, 404);
    fixture.put(HELLO.0, HELLO.1).await;
    // What one repository has is not of another.
    let (_, answer) = fixture.batch("ada", "other", "download", 5).await;
    assert_eq!(answer["objects"][0]["error"]["code"], 404);
    let path = format!("other/info/lfs/objects/{}", HELLO.1);
    assert_eq!(fixture.ask("ada", "GET", &path, "").await.0, 404);
}

#[tokio::test]
async fn there_are_limits() {
    let config = LfsConfig {
        max_object_bytes: 5,
        max_total_bytes: 5,
        max_transfers: 1,
    };
    let fixture = Fixture::new(config).await;
    let (_, answer) = fixture.batch("ada", "shop", "upload", 6).await;
    assert_eq!(answer["objects"][0]["error"]["code"], 413);
    let (status, _) = fixture.put("hello!", HELLO.1).await;
    assert_eq!(status, 413);
    assert_eq!(fixture.put(HELLO.0, HELLO.1).await.0, 200);
    let path = format!("other/info/lfs/objects/{}", HELLO.1);
    let (status, said) = fixture.ask("ada", "PUT", &path, "hello").await;
    assert_eq!(status, 507, "{said}");
    for wrong in [
        json!({"operation": "upload", "objects": []}),
        json!({"operation": "steal", "objects": [{"oid": HELLO.1, "size": 5}]}),
        json!({"operation": "upload", "transfers": ["tus"], "objects": [{"oid": HELLO.1, "size": 5}]}),
        json!({"operation": "upload", "hash_algo": "md5", "objects": [{"oid": HELLO.1, "size": 5}]}),
        json!({"operation": "upload", "objects": vec![json!({"oid": HELLO.1, "size": 5}); 1_001]}),
    ] {
        let path = "shop/info/lfs/objects/batch";
        let (status, said) = fixture.ask("ada", "POST", path, &wrong.to_string()).await;
        assert_eq!(status, 422, "{wrong}: {said}");
    }
}

#[tokio::test]
async fn files_go_with_their_repository() {
    let fixture = Fixture::new(LfsConfig::default()).await;
    fixture.put(HELLO.0, HELLO.1).await;
    fixture.files.forget_removed().await.unwrap();
    assert_eq!(fixture.count().await, 1);
    // Another is made under the same name.
    fixture.known.0.lock().unwrap()[0] = ("shop", "shop-2");
    let (_, answer) = fixture.batch("ada", "shop", "download", 5).await;
    assert_eq!(answer["objects"][0]["error"]["code"], 404);
    fixture.files.forget_removed().await.unwrap();
    assert_eq!(fixture.count().await, 0);
}
