//! Where rows of equal keys follow one another.

use std::ops::Range;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, StringViewArray};
use datafusion::arrow::compute::partition;
use datafusion::arrow::datatypes::{DataType, Int64Type, TimeUnit, TimestampMicrosecondType};
use datafusion::error::Result;

/// Bytes of a text that a view holds by itself.
const INLINE: u32 = 12;

/// The longest ranges of rows that are equal in all of `columns`, in order. Nulls are equal.
pub(crate) fn ranges(columns: &[ArrayRef]) -> Result<Vec<Range<usize>>> {
    let rows = columns.first().map_or(0, Array::len);
    let mut begins = vec![false; rows];
    for column in columns {
        if !mark(column, &mut begins) {
            return Ok(partition(columns)?.ranges());
        }
    }
    let mut found = Vec::new();
    let mut start = 0;
    for (row, begins) in begins.into_iter().enumerate() {
        if begins {
            found.push(start..row);
            start = row;
        }
    }
    if start < rows {
        found.push(start..rows);
    }
    Ok(found)
}

/// Marks the rows that differ from the one before; says whether it could. The kinds that keys have mostly are compared in a plain loop.
fn mark(column: &ArrayRef, begins: &mut [bool]) -> bool {
    if column.null_count() > 0 {
        return false;
    }
    match column.data_type() {
        DataType::Utf8View => mark_texts(column.as_string_view(), begins),
        DataType::Int64 => mark_values(column.as_primitive::<Int64Type>().values(), begins),
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            mark_values(
                column.as_primitive::<TimestampMicrosecondType>().values(),
                begins,
            );
        }
        _ => return false,
    }
    true
}

fn mark_values(values: &[i64], begins: &mut [bool]) {
    let neighbours = values.iter().zip(values.iter().skip(1));
    for (begins, (before, this)) in begins.iter_mut().skip(1).zip(neighbours) {
        *begins |= before != this;
    }
}

fn mark_texts(texts: &StringViewArray, begins: &mut [bool]) {
    let views: &[u128] = texts.views();
    let neighbours = views.iter().zip(views.iter().skip(1)).enumerate();
    for (begins, (row, (before, this))) in begins.iter_mut().skip(1).zip(neighbours) {
        // Equal views are equal texts. Long texts may be equal at two places, as in two row groups.
        let differ = before != this
            && (*before as u32 != *this as u32
                || *this as u32 <= INLINE
                || texts.value(row) != texts.value(row + 1));
        *begins |= differ;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use datafusion::arrow::array::{Float64Array, Int64Array, TimestampMicrosecondArray};
    use proptest::prelude::*;

    use super::*;

    fn text(which: u8) -> String {
        match which {
            0 => String::new(),
            1 => "short".into(),
            2 => "shore".into(),
            3 => "a text that is too long for a view".into(),
            _ => "a text that is too long for a vieW".into(),
        }
    }

    proptest! {
        #[test]
        fn they_are_those_of_the_library(
            rows in prop::collection::vec((0_u8..5, 0_i64..3, prop::option::weighted(0.9, 0_i64..2)), 0..60),
            which in 1_usize..8,
        ) {
            let texts: StringViewArray = rows.iter().map(|row| Some(text(row.0))).collect();
            let numbers = Int64Array::from_iter_values(rows.iter().map(|row| row.1));
            let times: TimestampMicrosecondArray = rows.iter().map(|row| row.2).collect();
            let floats = Float64Array::from_iter_values(rows.iter().map(|row| row.1 as f64));
            let all: [ArrayRef; 4] = [Arc::new(texts), Arc::new(numbers), Arc::new(times), Arc::new(floats)];
            let columns: Vec<_> = all.iter().enumerate().filter(|(n, _)| which & (1 << n) > 0).map(|(_, column)| Arc::clone(column)).collect();
            prop_assume!(!columns.is_empty());
            prop_assert_eq!(ranges(&columns).unwrap(), partition(&columns).unwrap().ranges());
        }
    }
}
