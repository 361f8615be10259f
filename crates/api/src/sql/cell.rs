//! One value of an answer as JSON.

use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::datatypes::{
    DataType, Date32Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    TimeUnit, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use serde_json::{Map, Number, Value};
use trunkline_model::Timestamp;

/// Integers beyond this are written as text: a browser would round them.
const SAFE: u64 = 1 << 53;

/// The name of a column's type in an answer.
pub(crate) fn column_type(kind: &DataType) -> &'static str {
    match kind {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "string",
        DataType::Boolean => "boolean",
        DataType::Timestamp(..) => "timestamp",
        DataType::Date32 | DataType::Date64 => "date",
        DataType::Dictionary(_, value) => column_type(value),
        kind if kind.is_integer() => "integer",
        kind if kind.is_floating() || kind.is_decimal() => "float",
        _ => "other",
    }
}

/// The value at `row` of `array`: times in RFC 3339, numbers that JSON cannot hold as text, nested values as text.
pub(crate) fn cell(array: &dyn Array, row: usize) -> Value {
    if array.is_null(row) {
        return Value::Null;
    }
    match array.data_type() {
        DataType::Utf8 => array.as_string::<i32>().value(row).into(),
        DataType::LargeUtf8 => array.as_string::<i64>().value(row).into(),
        DataType::Utf8View => array.as_string_view().value(row).into(),
        DataType::Boolean => array.as_boolean().value(row).into(),
        DataType::Int8 => array.as_primitive::<Int8Type>().value(row).into(),
        DataType::Int16 => array.as_primitive::<Int16Type>().value(row).into(),
        DataType::Int32 => array.as_primitive::<Int32Type>().value(row).into(),
        DataType::Int64 => signed(array.as_primitive::<Int64Type>().value(row)),
        DataType::UInt8 => array.as_primitive::<UInt8Type>().value(row).into(),
        DataType::UInt16 => array.as_primitive::<UInt16Type>().value(row).into(),
        DataType::UInt32 => array.as_primitive::<UInt32Type>().value(row).into(),
        DataType::UInt64 => unsigned(array.as_primitive::<UInt64Type>().value(row)),
        DataType::Float32 => float(array.as_primitive::<Float32Type>().value(row).into()),
        DataType::Float64 => float(array.as_primitive::<Float64Type>().value(row)),
        DataType::Timestamp(unit, _) => timestamp(array, *unit, row).to_string().into(),
        DataType::Date32 => {
            let days = i64::from(array.as_primitive::<Date32Type>().value(row));
            Timestamp::from_millis(days * 86_400_000).date().into()
        }
        _ => text(array, row).into(),
    }
}

/// A row as an object; columns without a value are left out.
pub(crate) fn row_object(batch: &RecordBatch, row: usize) -> Map<String, Value> {
    let schema = batch.schema_ref();
    let columns = schema.fields().iter().zip(batch.columns());
    columns
        .filter(|(_, array)| !array.is_null(row))
        .map(|(field, array)| (field.name().clone(), cell(array, row)))
        .collect()
}

fn signed(value: i64) -> Value {
    if value.unsigned_abs() <= SAFE {
        value.into()
    } else {
        value.to_string().into()
    }
}

fn unsigned(value: u64) -> Value {
    if value <= SAFE {
        value.into()
    } else {
        value.to_string().into()
    }
}

fn float(value: f64) -> Value {
    Number::from_f64(value).map_or_else(|| value.to_string().into(), Value::Number)
}

fn timestamp(array: &dyn Array, unit: TimeUnit, row: usize) -> Timestamp {
    let micros = match unit {
        TimeUnit::Second => array
            .as_primitive::<TimestampSecondType>()
            .value(row)
            .saturating_mul(1_000_000),
        TimeUnit::Millisecond => array
            .as_primitive::<TimestampMillisecondType>()
            .value(row)
            .saturating_mul(1_000),
        TimeUnit::Microsecond => array.as_primitive::<TimestampMicrosecondType>().value(row),
        TimeUnit::Nanosecond => array
            .as_primitive::<TimestampNanosecondType>()
            .value(row)
            .div_euclid(1_000),
    };
    Timestamp::from_micros(micros)
}

fn text(array: &dyn Array, row: usize) -> String {
    let options = FormatOptions::default();
    ArrayFormatter::try_new(array, &options)
        .and_then(|formatter| formatter.value(row).try_to_string())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::array::{
        Date32Array, Float64Array, Int64Array, TimestampMicrosecondArray,
    };

    use super::*;

    #[test]
    fn numbers_that_json_cannot_hold_are_text() {
        let integers = Int64Array::from(vec![Some(7), Some(i64::MAX), None]);
        assert_eq!(cell(&integers, 0), 7);
        assert_eq!(cell(&integers, 1), "9223372036854775807");
        assert_eq!(cell(&integers, 2), Value::Null);
        let floats = Float64Array::from(vec![1.5, f64::NAN, f64::NEG_INFINITY]);
        assert_eq!(cell(&floats, 0), 1.5);
        assert_eq!(cell(&floats, 1), "NaN");
        assert_eq!(cell(&floats, 2), "-inf");
    }

    #[test]
    fn times_and_dates_are_written_for_people() {
        let times = TimestampMicrosecondArray::from(vec![1_795_543_200_123_456]);
        assert_eq!(cell(&times, 0), "2026-11-24T18:00:00.123456Z");
        assert_eq!(cell(&Date32Array::from(vec![20_781]), 0), "2026-11-24");
    }
}
