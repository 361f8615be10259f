//! A world in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use tokio::net::TcpListener;
use tokio::sync::watch;
use trunkline_model::{SeededIds, SystemClock};
use trunkline_project::service::{Route, Service};
use trunkline_run::{
    Ask, Driver, Fetched, FoundService, FoundServices, InstanceOrder, Parts, RouteTarget, Routes,
    RunConfig, RunError, Secrets, SeenInstance, Services, Source, SourceError, Stand, Trunk,
};
use trunkline_store::{Store, StoreConfig};

/// What a trunk has, what runs, and what the routes are.
#[derive(Debug, Default)]
pub(crate) struct World {
    pub(crate) commit: Mutex<String>,
    pub(crate) manifest: Mutex<String>,
    /// Why files cannot be brought.
    pub(crate) unbuildable: Mutex<Option<String>>,
    pub(crate) held: Mutex<BTreeMap<String, SeenInstance>>,
    /// Commands that end at once.
    pub(crate) broken: Mutex<BTreeSet<String>>,
    /// What was done to instances, in order.
    pub(crate) done: Mutex<Vec<String>>,
    pub(crate) targets: Mutex<Vec<RouteTarget>>,
    pub(crate) orders: Mutex<Vec<InstanceOrder>>,
    /// Errors of the release that is judged, of 100 answers in each window; nothing where the tables do not answer.
    pub(crate) errors: Mutex<Option<u64>>,
    count: watch::Sender<u64>,
}

impl World {
    pub(crate) fn push(&self, commit: &str, manifest: &str) {
        *self.manifest.lock().unwrap() = manifest.to_owned();
        *self.commit.lock().unwrap() = commit.to_owned();
    }

    fn change(&self, id: &str, what: &str, stand: Stand) {
        if let Some(one) = self.held.lock().unwrap().get_mut(id) {
            one.stand = stand;
        }
        self.done.lock().unwrap().push(what.to_owned());
        self.count.send_modify(|count| *count += 1);
    }

    /// Holds one more of what was ordered first, as where an order was carried out and its answer got lost.
    pub(crate) fn hold_twice(&self) {
        let mut held = self.held.lock().unwrap();
        if let Some(first) = held.values().next().cloned() {
            // Ids are in the order of their times.
            let id = format!("{}z", first.id);
            let mut label: serde_json::Value = serde_json::from_str(&first.label).unwrap();
            label["port"] = serde_json::json!(1);
            let label = label.to_string();
            held.insert(id.clone(), SeenInstance { id, label, ..first });
        }
        drop(held);
        self.count.send_modify(|count| *count += 1);
    }

    /// Ends whatever runs, as a power cut of the keeper would.
    pub(crate) fn end_all(&self) {
        for one in self.held.lock().unwrap().values_mut() {
            one.stand = Stand::Ended(9);
        }
        self.count.send_modify(|count| *count += 1);
    }

    pub(crate) fn stands(&self) -> Vec<Stand> {
        self.held
            .lock()
            .unwrap()
            .values()
            .map(|one| one.stand)
            .collect()
    }
}

#[derive(Debug)]
pub(crate) struct Fake(pub(crate) Arc<World>);

#[async_trait]
impl Source for Fake {
    fn trunks(&self) -> Vec<Trunk> {
        let commit = self.0.commit.lock().unwrap().clone();
        let trunk = Trunk {
            repository: "shop".to_owned(),
            commit,
        };
        (!trunk.commit.is_empty())
            .then_some(trunk)
            .into_iter()
            .collect()
    }

    fn is_gone(&self, _repository: &str) -> bool {
        self.0.commit.lock().unwrap().is_empty()
    }

    async fn services(&self, trunk: &Trunk) -> Result<FoundServices, SourceError> {
        let text = self.0.manifest.lock().unwrap().clone();
        let mut found = FoundServices::default();
        match serde_json::from_str::<Service>(&text) {
            Ok(service) => found.services.push(FoundService {
                service,
                folder: "hello".to_owned(),
                project: "service:hello".to_owned(),
                fingerprint: trunk.commit.clone(),
            }),
            Err(_) if text.is_empty() => {}
            Err(error) => {
                let path = "hello/service.toml".to_owned();
                found.problems.push((path, error.to_string()));
            }
        }
        Ok(found)
    }

    async fn fetch(&self, trunk: &Trunk, _project: &str, into: &Path) -> Result<Fetched, String> {
        if let Some(why) = self.0.unbuildable.lock().unwrap().clone() {
            return Err(why);
        }
        std::fs::create_dir(into.join("hello")).map_err(|error| error.to_string())?;
        Ok(Fetched {
            digest: trunk.commit.clone(),
            ..Fetched::default()
        })
    }
}

#[async_trait]
impl Driver for Fake {
    async fn is_there(&self) -> Result<bool, RunError> {
        Ok(true)
    }

    async fn start(&self, order: InstanceOrder) -> Result<(), RunError> {
        let ends = self.0.broken.lock().unwrap().contains(&order.command);
        let seen = SeenInstance {
            id: order.id.clone(),
            label: order.label.clone(),
            process: 1,
            stand: if ends {
                Stand::Ended(3)
            } else {
                Stand::Running
            },
        };
        if !ends {
            let port: u16 = order.environment["PORT"].parse().unwrap();
            let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
            tokio::spawn(async move { while listener.accept().await.is_ok() {} });
        }
        self.0.held.lock().unwrap().insert(order.id.clone(), seen);
        self.0.orders.lock().unwrap().push(order);
        self.0.count.send_modify(|count| *count += 1);
        Ok(())
    }

    async fn quit(&self, id: &str) -> Result<(), RunError> {
        self.0.change(id, "quit", Stand::Ended(0));
        Ok(())
    }

    async fn kill(&self, id: &str) -> Result<(), RunError> {
        self.0.change(id, "kill", Stand::Ended(137));
        Ok(())
    }

    async fn park(&self, id: &str, parked: bool) -> Result<(), RunError> {
        let (what, stand) = if parked {
            ("park", Stand::Parked)
        } else {
            ("unpark", Stand::Running)
        };
        self.0.change(id, what, stand);
        Ok(())
    }

    async fn forget(&self, id: &str) -> Result<(), RunError> {
        self.0.held.lock().unwrap().remove(id);
        Ok(())
    }

    async fn list(&self, after: u64) -> Result<(u64, Vec<SeenInstance>), RunError> {
        let mut watch = self.0.count.subscribe();
        let changed = watch.wait_for(|count| *count != after);
        drop(tokio::time::timeout(Duration::from_millis(50), changed).await);
        let count = *watch.borrow();
        Ok((
            count,
            self.0.held.lock().unwrap().values().cloned().collect(),
        ))
    }

    fn log(&self, _id: &str, _lines: usize) -> Vec<String> {
        vec!["the database is not there".to_owned()]
    }

    async fn end(&self) {}
}

impl Routes for Fake {
    fn set(&self, _service: &str, _route: &Route, targets: &[RouteTarget]) -> Result<(), String> {
        *self.0.targets.lock().unwrap() = targets.to_vec();
        Ok(())
    }

    fn remove(&self, _service: &str) {
        self.0.targets.lock().unwrap().clear();
    }

    fn in_flight(&self, _service: &str, _port: u16) -> u32 {
        0
    }
}

#[async_trait]
impl Ask for Fake {
    async fn rows(&self, statement: &str) -> Result<Vec<Vec<String>>, String> {
        let errors = *self.0.errors.lock().unwrap();
        let errors = errors.ok_or("the tables are being mended")?;
        assert!(statement.contains("service = 'hello'"), "{statement}");
        // The heaviest target is the release before; who has a smaller share is judged.
        let targets = self.0.targets.lock().unwrap().clone();
        let most = targets
            .iter()
            .map(|target| target.weight)
            .max()
            .unwrap_or(0);
        let row = |target: &RouteTarget| {
            let bad = if target.weight < most { errors } else { 0 };
            ["1000", &target.release, "100", &bad.to_string(), "0"]
                .map(str::to_owned)
                .to_vec()
        };
        Ok(targets
            .iter()
            .filter(|target| target.weight > 0)
            .map(row)
            .collect())
    }
}

impl Secrets for Fake {
    fn secret(&self, name: &str) -> Option<String> {
        (name == "STRIPE").then(|| "hush".to_owned())
    }
}

/// A platform's services in a folder, which are looked after until it is dropped.
pub(crate) struct Fixture {
    pub(crate) services: Arc<Services>,
    keeping: tokio::task::JoinHandle<()>,
}

impl Fixture {
    pub(crate) async fn open(world: &Arc<World>, folder: &Path) -> Self {
        let fake = || Arc::new(Fake(Arc::clone(world)));
        let parts = Parts {
            store: Store::open(&folder.join("control.db"), &StoreConfig::default())
                .await
                .unwrap(),
            clock: Arc::new(SystemClock),
            ids: Arc::new(SeededIds::new(u64::from(std::process::id()))),
            source: fake(),
            routes: fake(),
            ask: fake(),
            driver: fake(),
            secrets: fake(),
            folder: folder.join("run"),
        };
        let services = Services::open(&RunConfig::default(), parts).await.unwrap();
        services.take_over().await.unwrap();
        let keeping = tokio::spawn(Arc::clone(&services).keep());
        Self { services, keeping }
    }

    /// Waits until the service is as it should be.
    pub(crate) async fn until(&self, is: impl Fn(&trunkline_run::ServiceInfo) -> bool) {
        for _ in 0..2_000 {
            if self
                .services
                .service("hello")
                .await
                .is_ok_and(|seen| is(&seen))
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("{:#?}", self.services.service("hello").await);
    }

    pub(crate) async fn is_in_canary(&self) {
        self.until(|seen| {
            let deployment = seen.deployment.as_ref();
            deployment.is_some_and(|one| one.state == "canary")
        })
        .await;
    }

    pub(crate) async fn serves(&self, number: i64) {
        self.until(|seen| {
            let serving = seen.serving.as_ref().map(|release| release.number);
            serving == Some(number) && seen.deployment.is_none() && seen.health == "serving"
        })
        .await;
    }
}

impl Drop for Fixture {
    fn drop(&mut self) {
        self.keeping.abort();
    }
}
