//! A topology in a folder, with devices that the test makes and removes.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use sqlx::{QueryBuilder, Row as _};
use tempfile::TempDir;
use trunkline_model::{Clock as _, ManualClock, SeededIds, Timestamp};
use trunkline_store::{Store, StoreConfig};
use trunkline_topology::{End, Relation, Things, Topology, TopologyError};

/// The devices that there are.
#[derive(Debug, Default)]
pub(crate) struct Registry(Mutex<BTreeSet<String>>);

impl Registry {
    pub(crate) fn add(&self, name: &str) {
        self.0.lock().unwrap().insert(name.into());
    }

    pub(crate) fn remove(&self, name: &str) {
        self.0.lock().unwrap().remove(name);
    }
}

impl Things for Registry {
    fn is_there(&self, name: &str) -> bool {
        self.0.lock().unwrap().contains(name)
    }
}

/// A topology with all around it.
pub(crate) struct Node {
    folder: TempDir,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) store: Store,
    pub(crate) topology: Arc<Topology>,
    pub(crate) things: Arc<Registry>,
    starts: u64,
}

impl Node {
    /// With the devices `t0` to `t9`.
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let begin = Timestamp::from_millis(1_780_000_000_000);
        let clock = Arc::new(ManualClock::new(begin));
        let things = Arc::<Registry>::default();
        for n in 0..10 {
            things.add(&format!("t{n}"));
        }
        let (store, topology) = open(&folder, &clock, &things, 1).await;
        Self {
            folder,
            clock,
            store,
            topology,
            things,
            starts: 1,
        }
    }

    /// Ended, and started anew.
    pub(crate) async fn restart(&mut self) {
        self.starts += 1;
        self.store.close().await;
        let opened = open(&self.folder, &self.clock, &self.things, self.starts).await;
        (self.store, self.topology) = opened;
    }

    pub(crate) async fn try_put(&self, relation: &str) -> Result<bool, TopologyError> {
        self.topology.put(&read(relation), "acc_1").await
    }

    /// Puts relations that are written as `thing:t1 feeds place:cellar`, and that are new.
    pub(crate) async fn put(&self, relations: &[&str]) {
        for relation in relations {
            assert!(self.try_put(relation).await.unwrap(), "{relation}");
        }
    }

    /// Forgets a device that was removed now; how many relations there were.
    pub(crate) async fn forget(&self, thing: &str) -> u64 {
        let forgotten = self.topology.forget(thing, "acc_2", self.clock.now());
        forgotten.await.unwrap()
    }

    /// Writes very many relations into the table in one go.
    pub(crate) async fn write_many(&self, relations: impl Iterator<Item = (String, String)>) {
        let mut transaction = self.store.begin().await.unwrap();
        let relations: Vec<_> = relations.collect();
        for some in relations.chunks(5_000) {
            let mut insert =
                QueryBuilder::new("insert into relation (origin, kind, target, since, said_by) ");
            insert.push_values(some, |mut row, (from, to)| {
                row.push_bind(from).push("'feeds'").push_bind(to);
                row.push("0").push("'acc_1'");
            });
            let insert = insert.build().persistent(false);
            insert.execute(transaction.connection()).await.unwrap();
        }
        transaction.commit().await.unwrap();
    }

    /// The relations of an end: those that begin there, and those that lead there.
    pub(crate) async fn relations(&self, end: &str) -> (Vec<String>, Vec<String>) {
        let end: End = end.parse().unwrap();
        let page = self.topology.relations(&end, "", 1_000).await.unwrap();
        let texts = |related: Vec<trunkline_topology::Related>| {
            let text = |one: &trunkline_topology::Related| format!("{} {}", one.kind, one.end);
            related.iter().map(text).collect()
        };
        (texts(page.outgoing), texts(page.incoming))
    }

    /// Everything that hangs off an end, as `t1 2`.
    pub(crate) async fn reach(&self, end: &str, depth: u32, kind: Option<&str>) -> Vec<String> {
        let end: End = end.parse().unwrap();
        let reach = self.topology.reach(&end, depth, kind).await.unwrap();
        assert!(reach.complete && reach.total == reach.ends.len());
        let name = |end: &End| end.as_thing().unwrap_or(end.as_str()).to_owned();
        let ends = reach.ends.iter();
        ends.map(|one| format!("{} {}", name(&one.end), one.distance))
            .collect()
    }

    /// What the events of one type say, in their order.
    pub(crate) async fn events(&self, kind: &str) -> Vec<Value> {
        let kind = format!("trunkline.fleet.relation.{kind}.v1");
        let rows = sqlx::query("select event from outbox order by seq")
            .fetch_all(self.store.readers())
            .await
            .unwrap();
        rows.iter()
            .map(|row| serde_json::from_str::<Value>(row.get(0)).unwrap())
            .filter(|event| event["type"] == *kind)
            .map(|event| event["data"].clone())
            .collect()
    }
}

async fn open(
    folder: &TempDir,
    clock: &Arc<ManualClock>,
    things: &Arc<Registry>,
    seed: u64,
) -> (Store, Arc<Topology>) {
    let path = folder.path().join("control.db");
    let store = Store::open(&path, &StoreConfig::default()).await.unwrap();
    let ids = Arc::new(SeededIds::new(seed));
    let (clock, things) = (Arc::clone(clock) as _, Arc::clone(things) as _);
    let topology = Topology::open(store.clone(), clock, ids, things);
    (store, topology.await.unwrap())
}

/// A relation as it is written in these tests.
pub(crate) fn read(text: &str) -> Relation {
    let [from, kind, to] = text.split(' ').collect::<Vec<_>>()[..] else {
        panic!("`{text}` is no relation")
    };
    Relation::new(from, kind, to).unwrap()
}
