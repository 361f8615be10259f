//! The tables of what people and devices agreed on: `certificates`, `group_members`, `jobs`, `executions` and `relations`.
//!
//! Each is read from the control state as a whole, where somebody asks and what was read last is not fresh any more.

mod certificates;
mod executions;
mod jobs;
mod members;
mod relations;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use datafusion::arrow::array::{ArrayRef, RecordBatch};
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::error::ArrowError;
use tokio::sync::Mutex;
use trunkline_fleet::Fleet;
use trunkline_lake::{Column, ColumnType, Present, TableSchema};
use trunkline_model::{Clock, Timestamp};
use trunkline_topology::Topology;

use crate::fresh::{BATCH, FRESH};

/// Rows that are read at a time.
const READ: u32 = 4_096;
/// Rows of one table at the most; a statement on more is refused, since all of them would be in memory.
const MOST: usize = 2_000_000;

/// Where the rows are.
#[derive(Clone, Debug)]
pub struct Sources {
    /// Certificates, groups and jobs.
    pub fleet: Arc<Fleet>,
    /// Relations.
    pub topology: Arc<Topology>,
}

/// One of the tables.
#[derive(Debug)]
pub struct Records {
    table: &'static dyn Table,
    sources: Sources,
    clock: Arc<dyn Clock>,
    shape: Arc<TableSchema>,
    arrow: SchemaRef,
    known: Mutex<Option<(Timestamp, Vec<RecordBatch>)>>,
    count: AtomicU64,
}

/// What tells one table from another.
#[async_trait]
trait Table: Send + Sync + std::fmt::Debug {
    /// Its name, and its columns with what they say.
    fn shape(
        &self,
    ) -> (
        &'static str,
        &'static [(&'static str, ColumnType, &'static str)],
    );

    /// All of its rows.
    async fn read(&self, sources: &Sources, rows: &mut Rows) -> Result<(), String>;
}

/// All of these tables.
#[must_use]
pub fn records(sources: &Sources, clock: &Arc<dyn Clock>) -> Vec<Records> {
    let tables: [&'static dyn Table; 5] = [
        &certificates::Certificates,
        &members::Members,
        &jobs::Jobs,
        &executions::Executions,
        &relations::Relations,
    ];
    let record = |table| Records::new(table, sources.clone(), Arc::clone(clock));
    tables.into_iter().map(record).collect()
}

impl Records {
    fn new(table: &'static dyn Table, sources: Sources, clock: Arc<dyn Clock>) -> Self {
        let (name, columns) = table.shape();
        let column = |&(name, kind, says)| Column::new(name, kind, says);
        let shape = TableSchema {
            name: name.into(),
            event_type: None,
            columns: columns.iter().map(column).collect(),
            cluster_by: Vec::new(),
        };
        Self {
            table,
            sources,
            clock,
            arrow: shape.arrow(),
            shape: Arc::new(shape),
            known: Mutex::default(),
            count: AtomicU64::default(),
        }
    }
}

#[async_trait]
impl Present for Records {
    fn schema(&self) -> Arc<TableSchema> {
        Arc::clone(&self.shape)
    }

    async fn rows(&self) -> Result<Vec<RecordBatch>, String> {
        let mut known = self.known.lock().await;
        let now = self.clock.now();
        if let Some((read, batches)) = &*known
            && (0..FRESH).contains(&now.micros_since(*read))
        {
            return Ok(batches.clone());
        }
        let mut rows = Rows {
            arrow: Arc::clone(&self.arrow),
            batches: Vec::new(),
            count: 0,
        };
        self.table.read(&self.sources, &mut rows).await?;
        self.count.store(rows.count as u64, Ordering::Relaxed);
        *known = Some((now, rows.batches.clone()));
        Ok(rows.batches)
    }

    fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }
}

/// Rows that were read.
struct Rows {
    arrow: SchemaRef,
    batches: Vec<RecordBatch>,
    count: usize,
}

impl Rows {
    /// Takes rows in, as the columns that `columns` makes of them.
    fn take<T>(
        &mut self,
        rows: &[T],
        columns: impl Fn(&[T]) -> Vec<ArrayRef>,
    ) -> Result<(), String> {
        self.count += rows.len();
        if self.count > MOST {
            return Err(format!("there are more than {MOST} rows"));
        }
        let batch = |rows| RecordBatch::try_new(Arc::clone(&self.arrow), columns(rows));
        let batches: Result<Vec<_>, ArrowError> = rows.chunks(BATCH).map(batch).collect();
        self.batches.extend(batches.map_err(said)?);
        Ok(())
    }
}

/// An error for people.
fn said(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// A second as a time.
const fn second(at: i64) -> Timestamp {
    Timestamp::from_micros(at.saturating_mul(1_000_000))
}
