//! The table `shadows`: every twin as it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use tokio::sync::Mutex;
use trunkline_fleet::Fleet;
use trunkline_lake::{Column, ColumnType, Present, TableSchema};
use trunkline_model::Clock;

use crate::follower::Follower;
use crate::pages::Pages;

/// The twins of all things.
#[derive(Debug)]
pub struct Shadows {
    fleet: Arc<Fleet>,
    clock: Arc<dyn Clock>,
    shape: Arc<TableSchema>,
    arrow: SchemaRef,
    known: Mutex<Follower<Pages>>,
    count: AtomicU64,
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
}

#[async_trait]
impl Present for Shadows {
    fn schema(&self) -> Arc<TableSchema> {
        Arc::clone(&self.shape)
    }

    async fn rows(&self) -> Result<Vec<RecordBatch>, String> {
        let mut known = self.known.lock().await;
        known.refresh(&self.fleet, self.clock.now()).await?;
        self.count.store(known.kept.len() as u64, Ordering::Relaxed);
        let batches = known.kept.batches(&self.arrow);
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
