//! The table `shadows`: every twin as it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use tokio::sync::Mutex;
use trunkline_fleet::{Fleet, Mark};
use trunkline_lake::{Column, ColumnType, Present, TableSchema};
use trunkline_model::{Clock, Timestamp};

use crate::fresh::FRESH;
use crate::pages::Pages;
use crate::shadow::Shadow;

/// Documents that are read at a time.
const READ: u32 = 10_000;

/// The twins of all things.
#[derive(Debug)]
pub struct Shadows {
    fleet: Arc<Fleet>,
    clock: Arc<dyn Clock>,
    shape: Arc<TableSchema>,
    arrow: SchemaRef,
    known: Mutex<Known>,
    count: AtomicU64,
}

/// What was read, and up to where.
#[derive(Debug, Default)]
struct Known {
    pages: Pages,
    mark: Mark,
    gone: usize,
    changes: u64,
    read: Option<Timestamp>,
}

impl Shadows {
    /// The table of the twins of `fleet`.
    #[must_use]
    pub fn new(fleet: Arc<Fleet>, clock: Arc<dyn Clock>) -> Self {
        let shape = schema();
        Self {
            fleet,
            clock,
            arrow: shape.arrow(),
            shape: Arc::new(shape),
            known: Mutex::default(),
            count: AtomicU64::default(),
        }
    }

    /// The kind of a thing; empty where it is just being made or taken away. The next change of the things tells then.
    fn kind(&self, thing: &str) -> Arc<str> {
        self.fleet.kind_of(thing).unwrap_or_default()
    }

    async fn catch_up(&self, known: &mut Known) -> Result<(), String> {
        let (gone, next) = self.fleet.twins().gone_since(known.gone);
        match gone {
            Some(gone) => known.pages.forget(&gone),
            // Too many went for their names to be kept.
            None => *known = Known::default(),
        }
        known.gone = next;
        let changes = self.fleet.changes_of_things();
        if known.changes != changes {
            known.pages.rename_kinds(|thing| self.kind(thing));
            known.changes = changes;
        }
        loop {
            let rows = self.fleet.twins().written_since(&known.mark, READ).await;
            let rows = rows.map_err(|error| error.to_string())?;
            let Some(last) = rows.last() else {
                return Ok(());
            };
            let mark = last.mark();
            for row in &rows {
                match Shadow::of(row, self.kind(&row.thing)) {
                    Ok(Some(shadow)) => known.pages.put(shadow),
                    Ok(None) => known.pages.remove(&row.thing, &row.shadow),
                    // One that cannot be read hides no other; `fleet rebuild` mends it.
                    Err(error) => {
                        tracing::warn!(thing = row.thing, shadow = row.shadow, %error, "a twin cannot be read");
                        known.pages.remove(&row.thing, &row.shadow);
                    }
                }
            }
            known.mark = mark;
        }
    }
}

#[async_trait]
impl Present for Shadows {
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
        self.count
            .store(known.pages.len() as u64, Ordering::Relaxed);
        let batches = known.pages.batches(&self.arrow);
        batches.map_err(|error| error.to_string())
    }

    fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }
}

/// The shape of the table.
pub(crate) fn schema() -> TableSchema {
    let column = |name: &str, kind, comment: &str| Column::new(name, kind, comment);
    TableSchema {
        name: "shadows".into(),
        event_type: None,
        columns: vec![
            column("thing", ColumnType::String, "The device."),
            column(
                "shadow",
                ColumnType::String,
                "The shadow's name; empty for the classic one.",
            ),
            column(
                "kind",
                ColumnType::String,
                "What kind of thing the device is.",
            ),
            column(
                "version",
                ColumnType::Integer,
                "Counts from 1 with each change.",
            ),
            column(
                "changed",
                ColumnType::Timestamp,
                "When it changed last, to the second.",
            ),
            column("desired", ColumnType::Json, "What is wanted of the device."),
            column(
                "reported",
                ColumnType::Json,
                "What the device says of itself.",
            ),
            column(
                "delta",
                ColumnType::Json,
                "What is wanted and not yet so; null where there is nothing.",
            ),
        ],
        cluster_by: Vec::new(),
    }
}
