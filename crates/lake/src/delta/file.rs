//! One data file of a table.

use std::sync::Arc;

use datafusion::common::Statistics;
use deltalake::kernel::Add;
use object_store::path::Path;

/// A data file as the newest version of a table lists it.
#[derive(Clone, Debug)]
pub(crate) struct ColdFile {
    /// Its path from the table's folder, as the Delta log has it.
    pub(crate) relative: String,
    /// Its path from the store's root.
    pub(crate) path: Path,
    /// Its length.
    pub(crate) bytes: u64,
    /// How many rows it holds.
    pub(crate) rows: u64,
    /// The UTC day that its rows were taken on, in days since the epoch.
    pub(crate) day: i32,
    /// When it was written, in milliseconds since the epoch.
    pub(crate) modified: i64,
    /// Least and greatest values for each column, in the order of the table's columns.
    pub(crate) statistics: Arc<Statistics>,
    /// The entry of the log that added it.
    pub(crate) add: Add,
}

/// A data file that was written and is not yet part of the table.
#[derive(Clone, Debug)]
pub(crate) struct NewFile {
    /// Its path from the table's folder.
    pub(crate) relative: String,
    /// Its length.
    pub(crate) bytes: u64,
    /// The UTC day of its rows.
    pub(crate) day: i32,
    /// Its statistics in Delta's JSON.
    pub(crate) statistics: String,
}

impl NewFile {
    /// The entry for the log that adds it.
    pub(crate) fn add(&self, modified: i64, data_change: bool) -> Add {
        let day = trunkline_model::Timestamp::from_millis(i64::from(self.day) * 86_400_000);
        Add {
            path: self.relative.clone(),
            partition_values: [(crate::schema::DAY.to_owned(), Some(day.date()))].into(),
            size: i64::try_from(self.bytes).unwrap_or(i64::MAX),
            modification_time: modified,
            data_change,
            stats: Some(self.statistics.clone()),
            tags: None,
            deletion_vector: None,
            base_row_id: None,
            default_row_commit_version: None,
            clustering_provider: None,
        }
    }
}
