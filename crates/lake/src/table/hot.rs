//! Rows that wait in memory until they are written to a file.

use std::sync::Arc;

use datafusion::arrow::compute::concat_batches;
use datafusion::arrow::record_batch::RecordBatch;
use trunkline_log::Offset;
use trunkline_model::Timestamp;

/// Rows below which two neighbours are put together, so that a trickle of events does not become thousands of batches.
const SMALL: usize = 8_192;

/// A run of rows from consecutive records of the log.
#[derive(Clone, Debug)]
pub(crate) struct HotBatch {
    /// The rows.
    pub(crate) rows: RecordBatch,
    /// The offset of the first row.
    pub(crate) first: Offset,
    /// The offset after the last record that the rows came from.
    pub(crate) next: Offset,
    /// When the oldest of them came.
    pub(crate) since: Timestamp,
    /// Roughly how much memory they take.
    pub(crate) bytes: usize,
}

/// The waiting rows of one table, oldest first. A value: changes make a new one that shares the batches.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hot {
    batches: Vec<Arc<HotBatch>>,
    /// Batches that end here or earlier are being written and must not be merged with later ones.
    sealed: Offset,
}

impl Hot {
    /// Adds rows that came at `now` from records that end at `next`.
    #[must_use]
    pub(crate) fn with(
        &self,
        rows: RecordBatch,
        first: Offset,
        next: Offset,
        now: Timestamp,
    ) -> Self {
        let mut hot = self.clone();
        let bytes = rows.get_array_memory_size();
        hot.batches.push(Arc::new(HotBatch {
            rows,
            first,
            next,
            since: now,
            bytes,
        }));
        hot.merge_tail();
        hot
    }

    /// Puts small neighbours together, as a binary counter carries: each row is copied a logarithmic number of times.
    fn merge_tail(&mut self) {
        while let [.., older, newer] = self.batches.as_slice() {
            let (a, b) = (older.rows.num_rows(), newer.rows.num_rows());
            if older.next <= self.sealed || a + b > SMALL || a > 2 * b {
                return;
            }
            let Ok(rows) = concat_batches(&older.rows.schema(), [&older.rows, &newer.rows]) else {
                return;
            };
            let merged = HotBatch {
                bytes: rows.get_array_memory_size(),
                rows,
                first: older.first,
                next: newer.next,
                since: older.since,
            };
            self.batches.truncate(self.batches.len() - 2);
            self.batches.push(Arc::new(merged));
        }
    }

    /// Marks all rows as being written: later ones are kept apart from them.
    #[must_use]
    pub(crate) fn sealed(&self) -> Self {
        Self {
            batches: self.batches.clone(),
            sealed: self.batches.last().map_or(self.sealed, |batch| batch.next),
        }
    }

    /// Leaves out what was committed up to `offset`.
    #[must_use]
    pub(crate) fn after(&self, offset: Offset) -> Self {
        let later = self.batches.iter().filter(|batch| batch.next > offset);
        Self {
            batches: later.cloned().collect(),
            sealed: self.sealed,
        }
    }

    /// The runs of rows, oldest first.
    pub(crate) fn batches(&self) -> &[Arc<HotBatch>] {
        &self.batches
    }

    /// How many rows wait.
    pub(crate) fn rows(&self) -> usize {
        self.batches.iter().map(|batch| batch.rows.num_rows()).sum()
    }

    /// How much memory they take.
    pub(crate) fn bytes(&self) -> usize {
        self.batches.iter().map(|batch| batch.bytes).sum()
    }

    /// The offset of the oldest row.
    pub(crate) fn first(&self) -> Option<Offset> {
        self.batches.first().map(|batch| batch.first)
    }

    /// When the oldest row came.
    pub(crate) fn since(&self) -> Option<Timestamp> {
        self.batches.first().map(|batch| batch.since)
    }
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::array::Int64Array;
    use datafusion::arrow::datatypes::{DataType, Field, Schema};

    use super::*;

    fn row(value: i64) -> RecordBatch {
        let schema = Schema::new(vec![Field::new("n", DataType::Int64, false)]);
        RecordBatch::try_new(
            Arc::new(schema),
            vec![Arc::new(Int64Array::from(vec![value]))],
        )
        .unwrap()
    }

    fn filled(count: u64) -> Hot {
        (0..count).fold(Hot::default(), |hot, n| {
            hot.with(
                row(n as i64),
                Offset(n),
                Offset(n + 1),
                Timestamp::from_millis(n as i64),
            )
        })
    }

    #[test]
    fn a_trickle_becomes_few_batches() {
        let hot = filled(1_000);
        assert_eq!(hot.rows(), 1_000);
        assert!(hot.batches().len() <= 12, "{}", hot.batches().len());
        assert_eq!(hot.first(), Some(Offset(0)));
        assert_eq!(hot.since(), Some(Timestamp::from_millis(0)));
    }

    #[test]
    fn sealed_rows_leave_alone_and_whole() {
        let sealed = filled(10).sealed();
        let grown = sealed.with(row(10), Offset(10), Offset(11), Timestamp::default());
        assert_eq!(grown.rows(), 11);
        let left = grown.after(Offset(10));
        assert_eq!(left.rows(), 1);
        assert_eq!(left.first(), Some(Offset(10)));
    }
}
