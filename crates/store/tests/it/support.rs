//! A store in a directory of its own, and a log that remembers.

use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::mpsc;
use trunkline_model::{Event, SeededIds, Timestamp};
use trunkline_store::outbox::{EventSink, SinkError, put};
use trunkline_store::{Migration, Store, StoreConfig};

/// A table to change.
pub(crate) const NOTES: Migration = Migration {
    version: 1,
    name: "notes",
    sql: "create table note (text text not null); create index note_text on note (text);",
};

/// A directory that goes away with its test.
pub(crate) struct Home(tempfile::TempDir);

impl Home {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.0.path().join("control.db")
    }

    /// Opens the file as one more process would.
    pub(crate) async fn open(&self) -> Store {
        let store = Store::open(&self.file(), &StoreConfig::default())
            .await
            .unwrap();
        store.migrate("notes", &[NOTES]).await.unwrap();
        store
    }
}

/// An event about the note `name`.
pub(crate) fn event(name: &str) -> Event {
    let now = Timestamp::from_millis(5);
    let seed = name
        .bytes()
        .fold(7, |seed, byte| seed * 31 + u64::from(byte));
    Event::platform(
        "notes",
        "trunkline.note.v1",
        name,
        now,
        &SeededIds::new(seed),
        &name,
    )
    .unwrap()
}

/// Writes a note and its event in one change.
pub(crate) async fn write(store: &Store, name: &str) {
    let mut transaction = store.begin().await.unwrap();
    sqlx::query("insert into note (text) values (?)")
        .bind(name)
        .execute(transaction.connection())
        .await
        .unwrap();
    put(&mut transaction, &event(name)).await.unwrap();
    transaction.commit().await.unwrap();
}

/// The notes that `store` sees.
pub(crate) async fn notes(store: &Store) -> Vec<String> {
    let statement = sqlx::query_scalar("select text from note order by rowid");
    statement.fetch_all(store.readers()).await.unwrap()
}

/// A log that remembers what it was sent, and can be told to fail or to hang.
#[derive(Debug)]
pub(crate) struct Log {
    pub(crate) refuses: AtomicBool,
    /// The subject at which it takes the event and then never answers, as if the process died there.
    pub(crate) dies_at: Mutex<Option<String>>,
    taken: mpsc::UnboundedSender<Event>,
}

impl Log {
    pub(crate) fn new() -> (Self, mpsc::UnboundedReceiver<Event>) {
        let (taken, events) = mpsc::unbounded_channel();
        let log = Self {
            refuses: AtomicBool::new(false),
            dies_at: Mutex::new(None),
            taken,
        };
        (log, events)
    }
}

#[async_trait::async_trait]
impl EventSink for Log {
    async fn send(&self, event: &Event) -> Result<(), SinkError> {
        if self.refuses.load(Ordering::SeqCst) {
            return Err("the disk is full".into());
        }
        self.taken.send(event.clone())?;
        let dies = self.dies_at.lock().unwrap().as_deref() == event.subject.as_deref();
        if dies {
            std::future::pending::<()>().await;
        }
        Ok(())
    }
}

/// The subjects of what came by now.
pub(crate) fn subjects(events: &mut mpsc::UnboundedReceiver<Event>) -> Vec<String> {
    std::iter::from_fn(|| events.try_recv().ok())
        .filter_map(|event| event.subject)
        .collect()
}
