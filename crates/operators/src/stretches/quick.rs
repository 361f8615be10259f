//! The functions that people ask for most, over whole stretches at a time.

use std::ops::Range;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, Float64Array, Int64Array, UInt64Array};
use datafusion::arrow::datatypes::{DataType, Float64Type};
use datafusion::functions_aggregate::average::Avg;
use datafusion::functions_aggregate::count::Count;
use datafusion::functions_aggregate::min_max::{Max, Min};
use datafusion::functions_aggregate::sum::Sum;
use datafusion::logical_expr::ColumnarValue;
use datafusion::physical_expr::aggregate::AggregateFunctionExpr;

/// Numbers that are added or compared side by side.
const LANES: usize = 8;

/// A function of which partial results are known without the engine.
#[derive(Clone, Copy, Debug)]
pub(super) enum Quick {
    Count,
    Sum,
    Least,
    Greatest,
    Average,
}

/// Whether partial results of `function` are small and quick to put together, so that several for a group do no harm.
pub(super) fn is_light(function: &AggregateFunctionExpr) -> bool {
    let inner = function.fun().inner();
    inner.is::<Count>()
        || inner.is::<Sum>()
        || inner.is::<Min>()
        || inner.is::<Max>()
        || inner.is::<Avg>()
}

impl Quick {
    /// What `function` is, where it is one of them and keeps its partial results as is expected here.
    pub(super) fn of(function: &AggregateFunctionExpr) -> Option<Self> {
        let inner = function.fun().inner();
        let (this, kept): (_, &[DataType]) = if inner.is::<Count>() {
            (Self::Count, &[DataType::Int64])
        } else if inner.is::<Sum>() {
            (Self::Sum, &[DataType::Float64])
        } else if inner.is::<Min>() {
            (Self::Least, &[DataType::Float64])
        } else if inner.is::<Max>() {
            (Self::Greatest, &[DataType::Float64])
        } else if inner.is::<Avg>() {
            (Self::Average, &[DataType::UInt64, DataType::Float64])
        } else {
            return None;
        };
        let fields = function.state_fields().ok()?;
        let one_argument = function.expressions().len() == 1;
        (one_argument && fields.iter().map(|field| field.data_type()).eq(kept)).then_some(this)
    }

    /// The partial results of each range of `values`, as the engine keeps them; nothing for values that need a closer look.
    pub(super) fn results(
        self,
        values: &ColumnarValue,
        ranges: &[Range<usize>],
    ) -> Option<Vec<ArrayRef>> {
        if let (Self::Count, ColumnarValue::Scalar(constant)) = (self, values) {
            return (!constant.is_null()).then(|| vec![counts(ranges)]);
        }
        let ColumnarValue::Array(values) = values else {
            return None;
        };
        if values.null_count() > 0 {
            return None;
        }
        if let Self::Count = self {
            return Some(vec![counts(ranges)]);
        }
        let values = values.as_primitive_opt::<Float64Type>()?.values();
        let each = |of: fn(&[f64]) -> f64| -> ArrayRef {
            let ranges = ranges.iter();
            let results = ranges.map(|range| of(values.get(range.clone()).unwrap_or_default()));
            Arc::new(Float64Array::from_iter_values(results))
        };
        // What is not a number has no place among numbers; the engine knows what it makes of that.
        let comparable = || values.iter().all(|value| !value.is_nan());
        match self {
            Self::Count => None,
            Self::Sum => Some(vec![each(sum)]),
            Self::Least => comparable().then(|| vec![each(least)]),
            Self::Greatest => comparable().then(|| vec![each(greatest)]),
            Self::Average => {
                let counts = ranges.iter().map(|range| range.len() as u64);
                let counts = UInt64Array::from_iter_values(counts);
                Some(vec![Arc::new(counts), each(sum)])
            }
        }
    }
}

fn counts(ranges: &[Range<usize>]) -> ArrayRef {
    let counts = ranges.iter().map(|range| range.len() as i64);
    Arc::new(Int64Array::from_iter_values(counts))
}

fn sum(values: &[f64]) -> f64 {
    folded(values, 0.0, |sum, value| sum + value)
}

fn least(values: &[f64]) -> f64 {
    folded(
        values,
        f64::MAX,
        |least, value| if value < least { value } else { least },
    )
}

fn greatest(values: &[f64]) -> f64 {
    folded(values, f64::MIN, |greatest, value| {
        if value > greatest { value } else { greatest }
    })
}

/// Puts values together in lanes, which the processor does side by side.
fn folded(values: &[f64], start: f64, together: impl Fn(f64, f64) -> f64) -> f64 {
    let mut lanes = [start; LANES];
    let (chunks, rest) = values.as_chunks::<LANES>();
    for chunk in chunks {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane = together(*lane, *value);
        }
    }
    lanes
        .iter()
        .chain(rest)
        .fold(start, |so_far, value| together(so_far, *value))
}
