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

/// A least or greatest value. Those of one column are of one kind.
#[derive(Clone, Debug, PartialEq, PartialOrd)]
enum Bound {
    Integer(i64),
    Time(Timestamp),
    /// Finite: a NaN is greater than every number and cannot stand in JSON.
    Float(f64),
    Text(String),
}

impl Bound {
    fn json(self) -> Value {
        match self {
            Self::Integer(number) => number.into(),
            Self::Time(time) => time.to_string().into(),
            Self::Float(number) => number.into(),
            Self::Text(text) => text.into(),
        }
    }
}

/// What is known of one column of a file under way.
#[derive(Debug)]
struct KnownColumn {
    name: String,
    kind: ColumnType,
    nulls: u64,
    bounds: Option<(Bound, Bound)>,
    /// Whether a value came that no bound can speak for.
    unbounded: bool,
}

impl KnownColumn {
    fn add(&mut self, array: &dyn Array) {
        self.nulls += array.null_count() as u64;
        if self.unbounded || array.null_count() == array.len() {
            return;
        }
        match (bounds(self.kind, array), self.bounds.take()) {
            (Some((low, high)), Some((least, greatest))) => {
                let least = if low < least { low } else { least };
                let greatest = if high > greatest { high } else { greatest };
                self.bounds = Some((least, greatest));
            }
            (Some(first), None) => self.bounds = Some(first),
            (None, _) => self.unbounded = true,
        }
    }
}

/// The statistics of a file, gathered while its rows are written.
#[derive(Debug)]
pub(crate) struct FileStatistics {
    rows: u64,
    columns: Vec<KnownColumn>,
}

impl FileStatistics {
    /// Those of a file without rows.
    pub(crate) fn new(schema: &TableSchema) -> Self {
        let columns = schema.columns.iter().filter(|column| column.name != DAY);
        let known = columns.map(|column| KnownColumn {
            name: column.name.clone(),
            kind: column.kind,
            nulls: 0,
            bounds: None,
            unbounded: false,
        });
        Self {
            rows: 0,
            columns: known.collect(),
        }
    }

    /// Takes rows of the file into account.
    pub(crate) fn add(&mut self, rows: &RecordBatch) {
        self.rows += rows.num_rows() as u64;
        for column in &mut self.columns {
            if let Some(array) = rows.column_by_name(&column.name) {
                column.add(array);
            }
        }
    }

    /// Delta's JSON.
    pub(crate) fn json(self) -> String {
        let mut statistics = DeltaStatistics {
            num_records: self.rows,
            ..Default::default()
        };
        for column in self.columns {
            let KnownColumn { name, nulls, .. } = column;
            statistics.null_count.insert(name.clone(), nulls);
            if let Some((least, greatest)) = column.bounds {
                statistics.min_values.insert(name.clone(), least.json());
                statistics.max_values.insert(name, greatest.json());
            }
        }
        serde_json::to_string(&statistics).unwrap_or_default()
    }
}

fn bounds(kind: ColumnType, array: &dyn Array) -> Option<(Bound, Bound)> {
    match kind {
        ColumnType::Integer => {
            let array = array.as_primitive_opt::<Int64Type>()?;
            let (least, greatest) = (compute::min(array)?, compute::max(array)?);
            Some((Bound::Integer(least), Bound::Integer(greatest)))
        }
        ColumnType::Timestamp => {
            let array = array.as_primitive_opt::<TimestampMicrosecondType>()?;
            let time = |micros| Bound::Time(Timestamp::from_micros(micros));
            Some((time(compute::min(array)?), time(compute::max(array)?)))
        }
        ColumnType::Float => {
            let array = array.as_primitive_opt::<Float64Type>()?;
            let finite = |value: f64| value.is_finite().then_some(Bound::Float(value));
            Some((finite(compute::min(array)?)?, finite(compute::max(array)?)?))
        }
        ColumnType::String => {
            let array = array.as_string_view_opt()?;
            let (least, greatest) = (
                compute::min_string_view(array)?,
                compute::max_string_view(array)?,
            );
            let short = least.len() <= LONGEST_TEXT && greatest.len() <= LONGEST_TEXT;
            short.then(|| (Bound::Text(least.into()), Bound::Text(greatest.into())))
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
