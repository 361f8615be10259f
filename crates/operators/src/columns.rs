//! Columns: of expressions, and of a few rows out of many.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, RecordBatch, UInt32Array};
use datafusion::arrow::compute::take;
use datafusion::arrow::datatypes::DataType;
use datafusion::error::Result;
use datafusion::physical_expr::PhysicalExpr;

/// What each expression makes of the rows of `batch`.
pub(crate) fn evaluated(
    expressions: &[Arc<dyn PhysicalExpr>],
    batch: &RecordBatch,
) -> Result<Vec<ArrayRef>> {
    let columns = expressions.iter().map(|expression| {
        let values = expression.evaluate(batch)?;
        values.into_array(batch.num_rows())
    });
    columns.collect()
}

/// The rows at `places` of each column.
pub(crate) fn picked<'a>(
    columns: impl IntoIterator<Item = &'a ArrayRef>,
    places: &UInt32Array,
) -> Result<Vec<ArrayRef>> {
    let picked = columns.into_iter().map(|column| take(column, places, None));
    Ok(picked.collect::<Result<_, _>>()?)
}

/// The same values without the buffers of the batch that they came from, which a few rows would keep alive.
pub(crate) fn unshared(column: &ArrayRef) -> ArrayRef {
    match column.data_type() {
        DataType::Utf8View => Arc::new(column.as_string_view().gc()),
        DataType::BinaryView => Arc::new(column.as_binary_view().gc()),
        _ => Arc::clone(column),
    }
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::array::StringViewArray;

    use super::*;

    #[test]
    fn a_row_does_not_keep_its_batch_alive() {
        let texts = (0..1_000).map(|row| format!("{row:>1000}"));
        let texts: ArrayRef = Arc::new(StringViewArray::from_iter_values(texts));
        let rows = picked([&texts], &UInt32Array::from(vec![7])).unwrap();
        assert!(rows[0].get_array_memory_size() > 1_000_000);
        let alone = unshared(&rows[0]);
        assert!(alone.get_array_memory_size() < 10_000);
        assert_eq!(alone.as_string_view().value(0).trim_start(), "7");
    }
}
