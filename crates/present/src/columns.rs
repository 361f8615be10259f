//! Rows as columns.

use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, BooleanBuilder, Float64Builder, Int64Builder, StringViewBuilder,
    TimestampMicrosecondBuilder,
};
use trunkline_model::Timestamp;

/// Texts, where nothing is null.
pub(crate) fn texts<'a>(values: impl Iterator<Item = Option<&'a str>>) -> ArrayRef {
    let mut column = StringViewBuilder::new();
    for value in values {
        column.append_option(value);
    }
    Arc::new(column.finish())
}

pub(crate) fn integers(values: impl Iterator<Item = i64>) -> ArrayRef {
    let mut column = Int64Builder::new();
    values.for_each(|value| column.append_value(value));
    Arc::new(column.finish())
}

pub(crate) fn reals(values: impl Iterator<Item = f64>) -> ArrayRef {
    let mut column = Float64Builder::new();
    values.for_each(|value| column.append_value(value));
    Arc::new(column.finish())
}

pub(crate) fn times(values: impl Iterator<Item = Timestamp>) -> ArrayRef {
    maybe_times(values.map(Some))
}

/// Times, where nothing is null.
pub(crate) fn maybe_times(values: impl Iterator<Item = Option<Timestamp>>) -> ArrayRef {
    let mut column = TimestampMicrosecondBuilder::new().with_timezone("UTC");
    values.for_each(|value| column.append_option(value.map(Timestamp::as_micros)));
    Arc::new(column.finish())
}

pub(crate) fn booleans(values: impl Iterator<Item = bool>) -> ArrayRef {
    let mut column = BooleanBuilder::new();
    values.for_each(|value| column.append_value(value));
    Arc::new(column.finish())
}
