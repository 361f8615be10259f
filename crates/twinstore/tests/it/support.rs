//! A store, a log and things to test with.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use tempfile::TempDir;
use trunkline_model::{Event, ManualClock, SeededIds, Timestamp};
use trunkline_store::{Migration, Store, StoreConfig};
use trunkline_twin::{Document, Operation};
use trunkline_twinstore::{Answer, MemoryJournal, Parts, Registered, Registry, TwinRequest, Twins};

/// The table as the fleet had it before.
const BEFORE: &[Migration] = &[Migration {
    version: 1,
    name: "before",
    sql: "create table twin (thing text not null, shadow text not null, document text not null, deleted integer);",
}];

/// Things that are there.
#[derive(Debug, Default)]
pub(crate) struct Things(pub(crate) Mutex<HashSet<String>>);

impl Registry for Things {
    fn thing(&self, name: &str) -> Option<Registered> {
        let there = self.0.lock().unwrap().contains(name);
        // Large enough that not many of them are one append.
        let large = name.starts_with("large");
        there.then_some(Registered {
            document_bytes: if large { 64 * 1024 } else { 8 * 1024 },
        })
    }

    fn look_at(&self, _: &str, _: &Document, _: Timestamp) -> Option<Event> {
        None
    }
}

pub(crate) struct Node {
    pub(crate) twins: Twins,
    pub(crate) journal: Arc<MemoryJournal>,
    pub(crate) things: Arc<Things>,
    pub(crate) clock: Arc<ManualClock>,
    folder: TempDir,
}

impl Node {
    pub(crate) async fn new(names: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let things = Things(Mutex::new(names.iter().map(|&name| name.into()).collect()));
        let things = Arc::new(things);
        let journal = Arc::<MemoryJournal>::default();
        let clock = Arc::new(ManualClock::new(Timestamp::from_millis(1_000_000)));
        Self {
            twins: open(&folder, &journal, &things, &clock, "control.db").await,
            journal,
            things,
            clock,
            folder,
        }
    }

    /// What a crash leaves: the log, and the table as it was in the file `table`.
    pub(crate) async fn crash(self, table: &str) -> Self {
        let twins = open(
            &self.folder,
            &self.journal,
            &self.things,
            &self.clock,
            table,
        )
        .await;
        Self { twins, ..self }
    }

    /// Writes something into the document of `thing` that is none, and starts anew.
    pub(crate) async fn spoil(self, thing: &str) -> Self {
        self.twins.close().await;
        let path = self.folder.path().join("control.db");
        let store = Store::open(&path, &StoreConfig::default()).await.unwrap();
        let mut transaction = store.begin().await.unwrap();
        sqlx::query("update twin_document set document = '{' where thing = $1")
            .bind(thing)
            .execute(transaction.connection())
            .await
            .unwrap();
        transaction.commit().await.unwrap();
        store.close().await;
        self.crash("control.db").await
    }

    /// Copies the table as it is now.
    pub(crate) fn copy_table(&self, to: &str) {
        for end in ["", "-wal"] {
            let from = self.folder.path().join(format!("control.db{end}"));
            std::fs::copy(from, self.folder.path().join(format!("{to}{end}"))).unwrap();
        }
    }

    pub(crate) async fn ask(&self, thing: &str, operation: Operation, payload: &str) -> Answer {
        self.twins
            .ask(request(thing, operation, payload))
            .await
            .unwrap()
    }

    pub(crate) async fn report(&self, thing: &str, value: u32) -> u64 {
        let payload = format!(r#"{{"state":{{"reported":{{"value":{value}}}}}}}"#);
        let answer = self.ask(thing, Operation::Update, &payload).await;
        answer.result.unwrap().value()["version"].as_u64().unwrap()
    }
}

pub(crate) fn request(thing: &str, operation: Operation, payload: &str) -> TwinRequest {
    TwinRequest {
        thing: thing.into(),
        shadow: None,
        operation,
        payload: payload.into(),
        by: "test".into(),
    }
}

async fn open(
    folder: &TempDir,
    journal: &Arc<MemoryJournal>,
    things: &Arc<Things>,
    clock: &Arc<ManualClock>,
    table: &str,
) -> Twins {
    let path = folder.path().join(table);
    let store = Store::open(&path, &StoreConfig::default()).await.unwrap();
    store.migrate("before", BEFORE).await.unwrap();
    let parts = Parts {
        store,
        journal: Arc::clone(journal) as _,
        registry: Arc::clone(things) as _,
        clock: Arc::clone(clock) as _,
        ids: Arc::new(SeededIds::new(7)),
    };
    Twins::open(parts).await.unwrap()
}
