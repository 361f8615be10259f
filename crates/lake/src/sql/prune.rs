//! Which files may hold a wanted row.

use std::collections::HashSet;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, BooleanArray, UInt64Array};
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::common::pruning::PruningStatistics;
use datafusion::common::stats::Precision;
use datafusion::common::{Column, ColumnStatistics, ScalarValue};
use datafusion::error::Result;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_optimizer::pruning::PruningPredicateBuilder;

use crate::delta::ColdFile;

/// The files of `files` that `predicate` does not rule out by their least and greatest values.
pub(super) fn prune<'a>(
    arrow: &SchemaRef,
    files: &'a [ColdFile],
    predicate: &Arc<dyn PhysicalExpr>,
) -> Result<Vec<&'a ColdFile>> {
    let pruning = PruningPredicateBuilder::new()
        .with_file_schema(Arc::clone(arrow))
        .try_build(Arc::clone(predicate))?;
    if pruning.always_true() {
        return Ok(files.iter().collect());
    }
    let keep = pruning.prune(&Bounds { arrow, files })?;
    Ok(files
        .iter()
        .zip(keep)
        .filter_map(|(file, keep)| keep.then_some(file))
        .collect())
}

/// What is known of each file. A bound that is not known is a null of the column's type: some files have none where others do.
struct Bounds<'a> {
    arrow: &'a SchemaRef,
    files: &'a [ColdFile],
}

impl Bounds<'_> {
    fn column(&self, column: &Column) -> Option<(usize, ScalarValue)> {
        let index = self.arrow.index_of(column.name()).ok()?;
        let null = ScalarValue::try_from(self.arrow.field(index).data_type()).ok()?;
        Some((index, null))
    }

    fn bounds(
        &self,
        column: &Column,
        bound: impl Fn(&ColumnStatistics) -> &Precision<ScalarValue>,
    ) -> Option<ArrayRef> {
        let (index, null) = self.column(column)?;
        let values = self.files.iter().map(|file| {
            let known = file.statistics.column_statistics.get(index);
            known
                .and_then(|known| bound(known).get_value())
                .unwrap_or(&null)
                .clone()
        });
        ScalarValue::iter_to_array(values).ok()
    }
}

impl PruningStatistics for Bounds<'_> {
    fn min_values(&self, column: &Column) -> Option<ArrayRef> {
        self.bounds(column, |known| &known.min_value)
    }

    fn max_values(&self, column: &Column) -> Option<ArrayRef> {
        self.bounds(column, |known| &known.max_value)
    }

    fn num_containers(&self) -> usize {
        self.files.len()
    }

    fn null_counts(&self, column: &Column) -> Option<ArrayRef> {
        let (index, _) = self.column(column)?;
        let counts = self.files.iter().map(|file| {
            let known = file.statistics.column_statistics.get(index)?;
            known.null_count.get_value().map(|count| *count as u64)
        });
        Some(Arc::new(counts.collect::<UInt64Array>()))
    }

    fn row_counts(&self) -> Option<ArrayRef> {
        let counts = self.files.iter().map(|file| Some(file.rows));
        Some(Arc::new(counts.collect::<UInt64Array>()))
    }

    fn contained(&self, _: &Column, _: &HashSet<ScalarValue>) -> Option<BooleanArray> {
        None
    }
}
