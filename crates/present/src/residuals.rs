//! The table `residuals`: what devices reported, beside what the models of their kinds expected.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use tokio::sync::Mutex;
use trunkline_behaviour::Models;
use trunkline_fleet::Fleet;
use trunkline_lake::{Column, ColumnType, Present, TableSchema};
use trunkline_model::Clock;

use crate::follower::Follower;
use crate::watches::Watches;

/// How often reports are looked at where nobody asks.
const EVERY: Duration = Duration::from_secs(1);

/// What was expected of all things whose kind has a model.
#[derive(Debug)]
pub struct Residuals {
    fleet: Arc<Fleet>,
    models: Arc<Models>,
    clock: Arc<dyn Clock>,
    shape: Arc<TableSchema>,
    arrow: SchemaRef,
    known: Mutex<Follower<Watches>>,
    count: AtomicU64,
}

impl Residuals {
    /// The table of the things of `fleet`, with the shipped models.
    #[must_use]
    pub fn new(fleet: Arc<Fleet>, clock: Arc<dyn Clock>) -> Self {
        let shape = schema();
        let models = Arc::new(Models::new());
        Self {
            fleet,
            clock,
            arrow: shape.arrow(),
            shape: Arc::new(shape),
            known: Mutex::new(Follower::new(Watches::new(Arc::clone(&models)))),
            models,
            count: AtomicU64::default(),
        }
    }

    /// The models, for whoever has files for them.
    #[must_use]
    pub const fn models(&self) -> &Arc<Models> {
        &self.models
    }

    /// Sees every report soon after it was made, whether or not somebody asks: what was expected goes out from the report before. It never
    /// returns.
    pub async fn follow(&self) {
        let mut failed = false;
        loop {
            tokio::time::sleep(EVERY).await;
            let mut known = self.known.lock().await;
            let seen = self.refresh(&mut known).await;
            drop(known);
            // Once is enough, until it works again.
            if let Err(error) = &seen
                && !failed
            {
                tracing::warn!(%error, "reports of devices cannot be followed");
            }
            failed = seen.is_err();
        }
    }

    async fn refresh(&self, known: &mut Follower<Watches>) -> Result<(), String> {
        if known.kept.renew() {
            known.begin_again();
        }
        known.refresh(&self.fleet, self.clock.now()).await
    }
}

#[async_trait]
impl Present for Residuals {
    fn schema(&self) -> Arc<TableSchema> {
        Arc::clone(&self.shape)
    }

    async fn rows(&self) -> Result<Vec<RecordBatch>, String> {
        let mut known = self.known.lock().await;
        self.refresh(&mut known).await?;
        let batches = known.kept.batches(&self.arrow);
        let batches = batches.map_err(|error| error.to_string())?;
        let count: usize = batches.iter().map(RecordBatch::num_rows).sum();
        self.count.store(count as u64, Ordering::Relaxed);
        Ok(batches)
    }

    fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }
}

/// The shape of the table.
pub(crate) fn schema() -> TableSchema {
    let column = |name: &str, kind, comment: &str| Column::new(name, kind, comment);
    TableSchema {
        name: "residuals".into(),
        event_type: None,
        columns: vec![
            column("thing", ColumnType::String, "The device."),
            column(
                "kind",
                ColumnType::String,
                "What kind of thing the device is; it has a behaviour model.",
            ),
            column("field", ColumnType::String, "The part of the report."),
            column(
                "reported",
                ColumnType::Float,
                "What the device said; 1 and 0 for true and false, and the place in the model, from 0, for a state.",
            ),
            column(
                "expected",
                ColumnType::Float,
                "What the model would have said, going out from the report before.",
            ),
            column(
                "residual",
                ColumnType::Float,
                "How much more was reported than expected.",
            ),
            column(
                "since",
                ColumnType::Timestamp,
                "When the report before was made, to the second.",
            ),
            column(
                "changed",
                ColumnType::Timestamp,
                "When this report was made, to the second.",
            ),
        ],
        cluster_by: Vec::new(),
    }
}
