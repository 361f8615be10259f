//! The order in which rows lie in a file.

use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, PrimitiveArray, RecordBatch, StringViewArray,
};
use datafusion::arrow::compute::rank;
use datafusion::arrow::datatypes::{DataType, Int64Type, TimestampMicrosecondType};
use datafusion::arrow::error::ArrowError;
use datafusion::common::HashMap;

use crate::schema::{TIME, TableSchema};

/// Microseconds of an hour.
const HOUR_MICROS: i64 = 3_600_000_000;

/// The numbers of `rows` in the order of a file: by hour, by the table's cluster columns, then as they are. Nulls come first.
///
/// One column after another is sorted, the last one first, each leaving equals as it finds them. Texts are few and come often, so that they
/// are compared once each and not once for every pair of rows; times ascend already, which a sort of numbers sees at once.
///
/// # Errors
/// Where a column's type has no order; none of ours.
pub(super) fn clustered(schema: &TableSchema, rows: &RecordBatch) -> Result<Vec<u32>, ArrowError> {
    let count = u32::try_from(rows.num_rows()).unwrap_or(u32::MAX);
    let mut order: Vec<u32> = (0..count).collect();
    for name in schema.cluster_by.iter().rev() {
        if let Some(column) = rows.column_by_name(name) {
            sort(&mut order, column)?;
        }
    }
    if let Some(hours) = hours(schema, rows) {
        sort(&mut order, &hours)?;
    }
    Ok(order)
}

fn hours(schema: &TableSchema, rows: &RecordBatch) -> Option<ArrayRef> {
    let times = rows.column_by_name(TIME)?;
    let times = times.as_primitive_opt::<TimestampMicrosecondType>()?;
    let hour = |micros: i64| micros.div_euclid(HOUR_MICROS);
    schema
        .clusters_by_hour()
        .then(|| Arc::new(times.unary::<_, Int64Type>(hour)) as ArrayRef)
}

fn sort(order: &mut Vec<u32>, column: &ArrayRef) -> Result<(), ArrowError> {
    if let Some(texts) = column.as_string_view_opt() {
        *order = sorted_by_text(order, texts);
        return Ok(());
    }
    let numbers = match column.data_type() {
        DataType::Int64 => Some(column.as_primitive::<Int64Type>().values()),
        DataType::Timestamp(..) => column
            .as_primitive_opt::<TimestampMicrosecondType>()
            .map(PrimitiveArray::values),
        _ => None,
    };
    match numbers.filter(|_| column.null_count() == 0) {
        Some(numbers) => order.sort_by_key(|row| numbers[*row as usize]),
        None => {
            let ranks = rank(column, None)?;
            order.sort_by_key(|row| ranks[*row as usize]);
        }
    }
    Ok(())
}

/// `order` sorted by counting how often each text comes.
fn sorted_by_text(order: &[u32], column: &StringViewArray) -> Vec<u32> {
    let mut numbers = HashMap::new();
    let mut texts = Vec::new();
    // Each row's text as a number; 0 is none.
    let numbered: Vec<u32> = column
        .iter()
        .map(|text| {
            let Some(text) = text else { return 0 };
            *numbers.entry(text).or_insert_with(|| {
                texts.push(text);
                texts.len() as u32
            })
        })
        .collect();
    let mut ascending: Vec<usize> = (0..texts.len()).collect();
    ascending.sort_unstable_by_key(|text| texts[*text]);
    let mut places = vec![0; texts.len() + 1];
    for (place, text) in ascending.into_iter().enumerate() {
        places[text + 1] = place + 1;
    }
    let place = |row: u32| places[numbered[row as usize] as usize];
    // Where the next row of each place goes.
    let mut next = vec![0; places.len() + 1];
    for row in order {
        next[place(*row) + 1] += 1;
    }
    for place in 1..next.len() {
        next[place] += next[place - 1];
    }
    let mut sorted = vec![0; order.len()];
    for row in order {
        let next = &mut next[place(*row)];
        sorted[*next] = *row;
        *next += 1;
    }
    sorted
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::array::{
        BooleanArray, Date32Array, Float64Array, Int64Array, StringViewArray,
        TimestampMicrosecondArray,
    };
    use datafusion::arrow::row::{RowConverter, SortField};
    use proptest::prelude::*;

    use super::*;
    use crate::schema::{Column, ColumnType};

    type Row = (
        Option<String>,
        Option<i64>,
        (Option<f64>, Option<bool>, Option<i32>),
        Option<i64>,
    );

    fn rows(rows: &[Row]) -> RecordBatch {
        let texts: StringViewArray = rows.iter().map(|row| row.0.as_deref()).collect();
        let integers: Int64Array = rows.iter().map(|row| row.1).collect();
        let floats: Float64Array = rows.iter().map(|row| row.2.0).collect();
        let booleans: BooleanArray = rows.iter().map(|row| row.2.1).collect();
        let dates: Date32Array = rows.iter().map(|row| row.2.2).collect();
        let times: TimestampMicrosecondArray = rows.iter().map(|row| row.3).collect();
        let columns: [(_, ArrayRef); 6] = [
            ("text", Arc::new(texts)),
            ("integer", Arc::new(integers)),
            ("float", Arc::new(floats)),
            ("boolean", Arc::new(booleans)),
            ("date", Arc::new(dates)),
            (TIME, Arc::new(times.with_timezone("UTC"))),
        ];
        RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true)))
            .unwrap()
    }

    fn table(cluster_by: &[&str]) -> TableSchema {
        TableSchema {
            name: "t".into(),
            event_type: None,
            columns: vec![Column {
                name: TIME.into(),
                kind: ColumnType::Timestamp,
                comment: String::new(),
            }],
            cluster_by: cluster_by.iter().map(|name| (*name).to_owned()).collect(),
        }
    }

    /// The same by comparing whole rows.
    fn compared(schema: &TableSchema, rows: &RecordBatch) -> Vec<u32> {
        let columns = schema.cluster_by.iter().map(|name| {
            let column = rows.column_by_name(name).unwrap();
            Arc::clone(column)
        });
        let keys: Vec<_> = hours(schema, rows).into_iter().chain(columns).collect();
        let fields = keys
            .iter()
            .map(|key| SortField::new(key.data_type().clone()));
        let converter = RowConverter::new(fields.collect()).unwrap();
        let converted = converter.convert_columns(&keys).unwrap();
        let mut order: Vec<u32> = (0..rows.num_rows() as u32).collect();
        order.sort_by(|a, b| {
            let (a, b) = (converted.row(*a as usize), converted.row(*b as usize));
            a.cmp(&b)
        });
        order
    }

    fn row() -> impl Strategy<Value = Row> {
        let float = prop_oneof![Just(-0.0), Just(0.0), Just(f64::NAN), -2.0..2.0];
        (
            prop::option::of("[a-c]{0,2}|dt/bench-1[0-9]/reading"),
            prop::option::of(-3_i64..3),
            (
                prop::option::of(float),
                prop::option::of(any::<bool>()),
                prop::option::of(-3..3),
            ),
            prop::option::weighted(0.9, -2 * HOUR_MICROS..2 * HOUR_MICROS),
        )
    }

    proptest! {
        #[test]
        fn it_is_the_order_of_whole_rows(
            many in prop::collection::vec(row(), 0..60),
            names in prop::sample::subsequence(vec!["text", "integer", "float", "boolean", "date", TIME], 1..6),
        ) {
            let rows = rows(&many);
            for cluster_by in [names.clone(), names.iter().rev().copied().collect()] {
                let schema = table(&cluster_by);
                prop_assert_eq!(clustered(&schema, &rows).unwrap(), compared(&schema, &rows));
            }
        }
    }

    #[test]
    fn rows_of_a_table_without_an_order_stay_as_they_are() {
        let none = (None, None, (None, None, None), None);
        let rows = rows(&[none.clone(), none]);
        assert_eq!(clustered(&table(&[]), &rows).unwrap(), [0, 1]);
    }
}
