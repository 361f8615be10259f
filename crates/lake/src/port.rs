//! What the lake needs from outside.

use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::record_batch::RecordBatch;
use trunkline_log::Record;

use crate::{RowSink, TableSchema};

/// Turns the records of the log into rows.
///
/// The lake knows no protocol: who writes a kind of record also knows how to read it.
pub trait Decode: Send + Sync + std::fmt::Debug {
    /// Writes the rows of `record` to `sink`.
    ///
    /// It must be a pure function of the record and the sink's tables, since a restart decodes the same records again. It never
    /// fails: a message that it cannot read becomes a row of `dead_letters`.
    fn decode(&self, record: &Record, sink: &mut RowSink);
}

/// A table of how things are now, which another room holds: the tables of the lake say how they came to be so.
#[async_trait]
pub trait Present: Send + Sync + std::fmt::Debug {
    /// Its shape, which never changes. No column of the envelope is in it.
    fn schema(&self) -> Arc<TableSchema>;

    /// Its rows at this moment, in the columns of the shape.
    ///
    /// # Errors
    /// Why they cannot be read now, for people.
    async fn rows(&self) -> Result<Vec<RecordBatch>, String>;

    /// How many rows there were when they were asked for the last time.
    fn count(&self) -> u64;
}
