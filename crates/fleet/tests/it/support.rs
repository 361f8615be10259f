//! A fleet in a folder, with what it tells written down and what it asks answered by the test.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use serde_json::{Value, json};
use sqlx::Row as _;
use tempfile::TempDir;
use trunkline_fleet::{Ask, Fleet, FleetError, JobShown, MemoryJournal, NewThing, Tell, Told};
use trunkline_job::CancelJob;
use trunkline_model::{ManualClock, SeededIds, Timestamp};
use trunkline_store::{Store, StoreConfig};

/// The second at which each test begins.
pub(crate) const BEGIN: i64 = 1_780_000_000;

/// Writes down what is told.
#[derive(Debug, Default)]
pub(crate) struct Heard(Mutex<Vec<Told>>);

impl Heard {
    pub(crate) fn take(&self) -> Vec<Told> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl Tell for Heard {
    fn tell(&self, messages: Vec<Told>) {
        self.0.lock().unwrap().extend(messages);
    }

    fn disconnect(&self, _: &str) {}
}

/// Answers by statement; one that it does not know is broken, and `forever` is never answered.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    holds: Mutex<HashMap<String, bool>>,
    names: Mutex<HashMap<String, Vec<String>>>,
    asked: Mutex<BTreeMap<String, usize>>,
}

impl Answers {
    pub(crate) fn holds(&self, statement: &str, holds: bool) {
        self.holds.lock().unwrap().insert(statement.into(), holds);
    }

    pub(crate) fn names(&self, statement: &str, names: impl IntoIterator<Item = String>) {
        let names = names.into_iter().collect();
        self.names.lock().unwrap().insert(statement.into(), names);
    }

    pub(crate) fn forget(&self) {
        self.holds.lock().unwrap().clear();
        self.names.lock().unwrap().clear();
    }

    pub(crate) fn asked(&self, statement: &str) -> usize {
        self.asked
            .lock()
            .unwrap()
            .get(statement)
            .copied()
            .unwrap_or(0)
    }

    async fn note(&self, statement: &str) {
        *self
            .asked
            .lock()
            .unwrap()
            .entry(statement.into())
            .or_default() += 1;
        if statement == "forever" {
            std::future::pending::<()>().await;
        }
    }
}

#[async_trait]
impl Ask for Answers {
    fn check(&self, statement: &str) -> Result<(), String> {
        if statement.starts_with("selec ") {
            return Err("it is no statement".into());
        }
        Ok(())
    }

    async fn holds(&self, statement: &str) -> Result<bool, String> {
        self.note(statement).await;
        let known = self.holds.lock().unwrap().get(statement).copied();
        known.ok_or_else(|| "there is no such table".into())
    }

    async fn names(&self, statement: &str, most: usize) -> Result<Vec<String>, String> {
        self.note(statement).await;
        let known = self.names.lock().unwrap().get(statement).cloned();
        let mut names = known.ok_or("there is no such table")?;
        names.truncate(most);
        Ok(names)
    }
}

/// A fleet with all around it.
pub(crate) struct Node {
    folder: TempDir,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) store: Store,
    pub(crate) fleet: Arc<Fleet>,
    pub(crate) heard: Arc<Heard>,
    pub(crate) answers: Arc<Answers>,
    journal: Arc<MemoryJournal>,
    starts: u64,
}

impl Node {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::new(Timestamp::from_millis(BEGIN * 1_000)));
        let journal = Arc::<MemoryJournal>::default();
        let (store, fleet) = open(&folder, &clock, 1, &journal).await;
        let answers = Arc::new(Answers::default());
        fleet.set_ask(Arc::clone(&answers) as _);
        Self {
            folder,
            clock,
            store,
            fleet,
            heard: Arc::default(),
            answers,
            journal,
            starts: 1,
        }
    }

    /// With things `t1`, `t2` and so on.
    pub(crate) async fn with(things: usize) -> Self {
        let node = Self::new().await;
        for n in 1..=things {
            node.thing(&format!("t{n}")).await;
        }
        node
    }

    /// With very many things, written in one go; none of them can connect.
    pub(crate) async fn with_very_many(things: usize) -> Self {
        let node = Self::new().await;
        let mut transaction = node.store.begin().await.unwrap();
        for n in 1..=things {
            let text = "insert into thing (name, kind, attributes, secret, created) values ($1, '', '{}', $2, 0)";
            let secret: Vec<u8> = n.to_be_bytes().repeat(4);
            let insert = sqlx::query(text).bind(format!("t{n}")).bind(secret);
            insert.execute(transaction.connection()).await.unwrap();
        }
        transaction.commit().await.unwrap();
        node
    }

    /// Ended, and started anew.
    pub(crate) async fn restart(&mut self) {
        self.starts += 1;
        self.fleet.stop().await;
        let (store, fleet) = open(&self.folder, &self.clock, self.starts, &self.journal).await;
        fleet.set_ask(Arc::clone(&self.answers) as _);
        self.store = store;
        self.fleet = fleet;
    }

    pub(crate) async fn thing(&self, name: &str) {
        let wanted = NewThing {
            name: name.into(),
            ..NewThing::default()
        };
        self.fleet.create(wanted, "acc_1").await.unwrap();
    }

    /// Lets so many seconds pass.
    pub(crate) fn wait(&self, seconds: i64) {
        self.clock.advance_micros(seconds * 1_000_000);
    }

    pub(crate) async fn tick(&self) {
        self.fleet.tick(&*self.heard).await.unwrap();
    }

    /// Ticks each second.
    pub(crate) async fn run(&self, seconds: usize) {
        for _ in 0..seconds {
            self.wait(1);
            self.tick().await;
        }
    }

    pub(crate) async fn try_job(&self, wanted: Value) -> Result<JobShown, FleetError> {
        let wanted = serde_json::from_value(wanted).unwrap();
        self.fleet.create_job(wanted, "acc_1").await
    }

    /// A job called `id` for `targets`, and what `more` says.
    pub(crate) async fn job(&self, id: &str, targets: &[&str], more: Value) -> JobShown {
        let mut wanted = json!({"jobId": id, "targets": targets, "document": {"install": id}});
        for (name, member) in more.as_object().unwrap() {
            wanted[name] = member.clone();
        }
        self.try_job(wanted).await.unwrap()
    }

    pub(crate) async fn cancel(&self, job: &str, force: bool) -> Result<JobShown, FleetError> {
        let cancel = CancelJob {
            force,
            ..CancelJob::default()
        };
        self.fleet
            .cancel_job(job, cancel, "acc_1", &*self.heard)
            .await
    }

    /// What the device is told that asks `payload` on `…/jobs/<path>`.
    pub(crate) async fn ask(&self, thing: &str, path: &str, payload: Value) -> Vec<Told> {
        let topic = format!("$aws/things/{thing}/jobs/{path}");
        let payload = payload.to_string();
        let told = self.fleet.job_request(thing, &topic, payload.as_bytes());
        told.await.unwrap().unwrap()
    }

    /// The same where the answer is all that matters, and yes.
    pub(crate) async fn accepted(&self, thing: &str, path: &str, payload: Value) -> Value {
        let told = self.ask(thing, path, payload).await.remove(0);
        assert!(told.topic.ends_with("/accepted"), "{told:?}");
        told.body.value()
    }

    /// The same where the answer is no; its code.
    pub(crate) async fn rejected(&self, thing: &str, path: &str, payload: Value) -> String {
        let told = self.ask(thing, path, payload).await.remove(0);
        assert!(told.topic.ends_with("/rejected"), "{told:?}");
        told.body.value()["code"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn update(&self, thing: &str, job: &str, status: &str) {
        let path = format!("{job}/update");
        self.accepted(thing, &path, json!({"status": status})).await;
    }

    pub(crate) async fn shown(&self, job: &str) -> JobShown {
        self.fleet.job(job).await.unwrap()
    }

    pub(crate) async fn status(&self, job: &str) -> &'static str {
        self.shown(job).await.summary.status.as_str()
    }

    /// The statuses of a job's executions by thing and number.
    pub(crate) async fn statuses(&self, job: &str) -> Vec<(String, u64, &'static str)> {
        let page = self.fleet.executions(job, None, "", 1_000).await.unwrap();
        page.executions
            .into_iter()
            .map(|one| (one.thing_name, one.execution_number, one.status.as_str()))
            .collect()
    }

    /// What the events of one type say, in their order: those in the log, then those that wait for it.
    pub(crate) async fn events(&self, kind: &str) -> Vec<Value> {
        let rows = sqlx::query("select event from outbox order by seq")
            .fetch_all(self.store.readers())
            .await
            .unwrap();
        let waiting = rows
            .iter()
            .map(|row| serde_json::from_str::<Value>(row.get(0)).unwrap());
        let kept = self.journal.events();
        let kept = kept
            .iter()
            .map(|event| serde_json::to_value(event).unwrap());
        kept.chain(waiting)
            .filter(|event| event["type"] == format!("trunkline.fleet.{kind}.v1"))
            .map(|event| event["data"].clone())
            .collect()
    }
}

async fn open(
    folder: &TempDir,
    clock: &Arc<ManualClock>,
    seed: u64,
    journal: &Arc<MemoryJournal>,
) -> (Store, Arc<Fleet>) {
    let path = folder.path().join("control.db");
    let store = Store::open(&path, &StoreConfig::default()).await.unwrap();
    let ids = Arc::new(SeededIds::new(seed));
    let (clock, journal) = (Arc::clone(clock) as _, Arc::clone(journal) as _);
    let fleet = Fleet::open(store.clone(), clock, ids, journal)
        .await
        .unwrap();
    (store, fleet)
}

/// The last parts of the topics on which something was told.
pub(crate) fn topics(told: &[Told]) -> Vec<&str> {
    told.iter()
        .map(|told| told.topic.split_once("/jobs/").unwrap().1)
        .collect()
}

/// The statuses of all things alike.
pub(crate) fn only<'a>(statuses: &[(String, u64, &'a str)]) -> Vec<&'a str> {
    statuses.iter().map(|(_, _, status)| *status).collect()
}
