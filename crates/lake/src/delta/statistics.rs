//! Least and greatest values: from rows to Delta's JSON, and from there to what the planner prunes by.

use std::collections::HashMap;

use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::compute;
use datafusion::arrow::datatypes::{Float64Type, Int64Type, TimestampMicrosecondType};
use datafusion::common::stats::Precision;
use datafusion::common::{ColumnStatistics, ScalarValue, Statistics};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use trunkline_model::Timestamp;

use crate::schema::{ColumnType, DAY, TableSchema};

/// Delta's statistics of one file.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct DeltaStatistics {
    num_records: u64,
    min_values: HashMap<String, Value>,
    max_values: HashMap<String, Value>,
    null_count: HashMap<String, u64>,
}

/// Longer texts get no bounds: a cut greatest value would have to be rounded up, and long texts prune badly anyway.
const LONGEST_TEXT: usize = 64;

/// The statistics of a file with these rows, as Delta's JSON.
pub(crate) fn file_statistics(schema: &TableSchema, rows: &RecordBatch) -> String {
    let mut statistics = DeltaStatistics {
        num_records: rows.num_rows() as u64,
        ..Default::default()
    };
    for column in schema.columns.iter().filter(|column| column.name != DAY) {
        let Some(array) = rows.column_by_name(&column.name) else {
            continue;
        };
        statistics
            .null_count
            .insert(column.name.clone(), array.null_count() as u64);
        if let Some((least, greatest)) = bounds(column.kind, array) {
            statistics.min_values.insert(column.name.clone(), least);
            statistics.max_values.insert(column.name.clone(), greatest);
        }
    }
    serde_json::to_string(&statistics).unwrap_or_default()
}

fn bounds(kind: ColumnType, array: &dyn Array) -> Option<(Value, Value)> {
    match kind {
        ColumnType::Integer => {
            let array = array.as_primitive_opt::<Int64Type>()?;
            Some((compute::min(array)?.into(), compute::max(array)?.into()))
        }
        ColumnType::Timestamp => {
            let array = array.as_primitive_opt::<TimestampMicrosecondType>()?;
            let text = |micros| Value::String(Timestamp::from_micros(micros).to_string());
            Some((text(compute::min(array)?), text(compute::max(array)?)))
        }
        ColumnType::Float => {
            let array = array.as_primitive_opt::<Float64Type>()?;
            let finite = |value: f64| serde_json::Number::from_f64(value).map(Value::Number);
            // A NaN is greater than every number and cannot stand in JSON: such a file has no bounds.
            Some((finite(compute::min(array)?)?, finite(compute::max(array)?)?))
        }
        ColumnType::String => {
            let array = array.as_string_view_opt()?;
            let (least, greatest) = (
                compute::min_string_view(array)?,
                compute::max_string_view(array)?,
            );
            let short = least.len() <= LONGEST_TEXT && greatest.len() <= LONGEST_TEXT;
            short.then(|| (least.into(), greatest.into()))
        }
        ColumnType::Json | ColumnType::Boolean | ColumnType::Date => None,
    }
}

/// What the planner may know of a file: the number of its rows, and bounds and nulls for each column.
pub(super) fn planner_statistics(
    schema: &TableSchema,
    json: Option<&str>,
    bytes: u64,
    day: i32,
) -> Statistics {
    let known: DeltaStatistics = json
        .and_then(|json| serde_json::from_str(json).ok())
        .unwrap_or_default();
    let rows = match json {
        Some(_) => Precision::Exact(usize::try_from(known.num_records).unwrap_or(usize::MAX)),
        None => Precision::Absent,
    };
    let columns = schema.columns.iter().map(|column| {
        if column.name == DAY {
            let value = Precision::Exact(ScalarValue::Date32(Some(day)));
            return ColumnStatistics {
                null_count: Precision::Exact(0),
                min_value: value.clone(),
                max_value: value,
                ..ColumnStatistics::new_unknown()
            };
        }
        let bound = |values: &HashMap<String, Value>| {
            values
                .get(&column.name)
                .and_then(|value| scalar(column.kind, value))
                .map_or(Precision::Absent, Precision::Exact)
        };
        let nulls = match known.null_count.get(&column.name) {
            Some(nulls) => Precision::Exact(usize::try_from(*nulls).unwrap_or(usize::MAX)),
            None => Precision::Absent,
        };
        ColumnStatistics {
            null_count: nulls,
            min_value: bound(&known.min_values),
            max_value: bound(&known.max_values),
            ..ColumnStatistics::new_unknown()
        }
    });
    Statistics {
        num_rows: rows,
        total_byte_size: Precision::Inexact(usize::try_from(bytes).unwrap_or(usize::MAX)),
        column_statistics: columns.collect(),
    }
}

fn scalar(kind: ColumnType, value: &Value) -> Option<ScalarValue> {
    match kind {
        ColumnType::Integer => value.as_i64().map(|value| ScalarValue::Int64(Some(value))),
        ColumnType::Float => value
            .as_f64()
            .map(|value| ScalarValue::Float64(Some(value))),
        ColumnType::String => value
            .as_str()
            .map(|value| ScalarValue::Utf8View(Some(value.to_owned()))),
        ColumnType::Timestamp => {
            let time: Timestamp = value.as_str()?.parse().ok()?;
            Some(ScalarValue::TimestampMicrosecond(
                Some(time.as_micros()),
                Some("UTC".into()),
            ))
        }
        ColumnType::Json | ColumnType::Boolean | ColumnType::Date => None,
    }
}
