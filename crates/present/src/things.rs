//! The table `things`: every device, and whether it is connected.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use tokio::sync::Mutex;
use trunkline_fleet::{Fleet, Thing};
use trunkline_lake::{Column, ColumnType, Present, TableSchema};
use trunkline_model::{Clock, Timestamp};

use crate::columns::{booleans, texts, times};
use crate::fresh::{BATCH, FRESH};

/// Things that are read at a time.
const READ: u32 = 10_000;

/// Knows who is connected.
pub trait Connected: Send + Sync + std::fmt::Debug {
    /// The names of the things that are connected; others may be among them.
    fn connected(&self) -> HashSet<Arc<str>>;
}

/// All things.
#[derive(Debug)]
pub struct Things {
    fleet: Arc<Fleet>,
    connected: Arc<dyn Connected>,
    clock: Arc<dyn Clock>,
    shape: Arc<TableSchema>,
    arrow: SchemaRef,
    known: Mutex<Known>,
    count: AtomicU64,
}

/// What was read, and when.
#[derive(Debug, Default)]
struct Known {
    rows: Vec<Row>,
    /// How often things had changed by then; nothing before the first time.
    changes: Option<u64>,
    batches: Vec<RecordBatch>,
    read: Option<Timestamp>,
}

#[derive(Debug)]
struct Row {
    name: Box<str>,
    kind: Box<str>,
    attributes: Box<str>,
    created: Timestamp,
}

impl Things {
    /// The table of the things of `fleet`.
    #[must_use]
    pub fn new(fleet: Arc<Fleet>, connected: Arc<dyn Connected>, clock: Arc<dyn Clock>) -> Self {
        let shape = schema();
        Self {
            fleet,
            connected,
            clock,
            arrow: shape.arrow(),
            shape: Arc::new(shape),
            known: Mutex::default(),
            count: AtomicU64::default(),
        }
    }

    async fn catch_up(&self, known: &mut Known) -> Result<(), String> {
        let changes = self.fleet.changes_of_things();
        if known.changes != Some(changes) {
            known.rows = self.read().await?;
            known.changes = Some(changes);
        }
        let connected = self.connected.connected();
        let batches = known.rows.chunks(BATCH).map(|rows| {
            let columns = vec![
                texts(rows.iter().map(|row| Some(&*row.name))),
                texts(rows.iter().map(|row| Some(&*row.kind))),
                texts(rows.iter().map(|row| Some(&*row.attributes))),
                booleans(rows.iter().map(|row| connected.contains(&*row.name))),
                times(rows.iter().map(|row| row.created)),
            ];
            RecordBatch::try_new(Arc::clone(&self.arrow), columns)
        });
        let batches = batches.collect::<Result<_, _>>();
        known.batches = batches.map_err(|error| error.to_string())?;
        Ok(())
    }

    async fn read(&self) -> Result<Vec<Row>, String> {
        let (mut rows, mut after) = (Vec::new(), String::new());
        loop {
            let things = self.fleet.things(&after, READ).await;
            let things = things.map_err(|error| error.to_string())?;
            let Some(last) = things.last() else {
                return Ok(rows);
            };
            after.clone_from(&last.name);
            rows.extend(things.into_iter().map(row));
        }
    }
}

fn row(thing: Thing) -> Row {
    Row {
        attributes: serde_json::Value::Object(thing.attributes)
            .to_string()
            .into(),
        name: thing.name.into(),
        kind: thing.kind.into(),
        created: thing.created,
    }
}

#[async_trait]
impl Present for Things {
    fn schema(&self) -> Arc<TableSchema> {
        Arc::clone(&self.shape)
    }

    async fn rows(&self) -> Result<Vec<RecordBatch>, String> {
        let mut known = self.known.lock().await;
        let now = self.clock.now();
        let is_fresh = |read: Timestamp| (0..FRESH).contains(&now.micros_since(read));
        if !known.read.is_some_and(is_fresh) {
            self.catch_up(&mut known).await?;
            known.read = Some(now);
        }
        self.count.store(known.rows.len() as u64, Ordering::Relaxed);
        Ok(known.batches.clone())
    }

    fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }
}

/// The shape of the table.
fn schema() -> TableSchema {
    let column = |name: &str, kind, comment: &str| Column::new(name, kind, comment);
    TableSchema {
        name: "things".into(),
        event_type: None,
        columns: vec![
            column("thing", ColumnType::String, "The device."),
            column("kind", ColumnType::String, "What kind of thing it is."),
            column("attributes", ColumnType::Json, "What else is known of it."),
            column(
                "connected",
                ColumnType::Boolean,
                "Whether it is connected by MQTT now.",
            ),
            column("created", ColumnType::Timestamp, "When it was made."),
        ],
        cluster_by: Vec::new(),
    }
}
