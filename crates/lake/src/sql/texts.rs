//! The values of a column as texts.

use datafusion::arrow::array::{Array as _, ArrayRef, AsArray as _};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::DataFusionError;

use crate::LakeError;

/// The values of `column` as SQL shows them; a null is an empty text.
///
/// # Errors
/// [`LakeError`] where the column's type has no text.
pub fn texts(column: &ArrayRef) -> Result<Vec<String>, LakeError> {
    let cast = cast(column, &DataType::Utf8).map_err(DataFusionError::from)?;
    let values = cast.as_string::<i32>();
    Ok((0..values.len())
        .map(|row| {
            if values.is_null(row) {
                String::new()
            } else {
                values.value(row).to_owned()
            }
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use datafusion::arrow::array::{BooleanArray, Int64Array, StringViewArray};
    use std::sync::Arc;

    #[test]
    fn each_value_has_a_text() {
        let columns: [(ArrayRef, [&str; 2]); 3] = [
            (
                Arc::new(BooleanArray::from(vec![Some(true), None])),
                ["true", ""],
            ),
            (Arc::new(Int64Array::from(vec![7, -1])), ["7", "-1"]),
            (Arc::new(StringViewArray::from(vec!["a", ""])), ["a", ""]),
        ];
        for (column, wanted) in columns {
            assert_eq!(texts(&column).unwrap(), wanted);
        }
    }
}
