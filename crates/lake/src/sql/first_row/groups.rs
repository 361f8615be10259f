//! What is known of each group: the place of its first row in the order, as bytes that compare like it.

use std::cmp::{Ordering, Reverse};
use std::ops::Range;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, UInt32Array, make_comparator};
use datafusion::arrow::compute::{SortColumn, take};
use datafusion::arrow::datatypes::{Schema, TimestampMicrosecondType};
use datafusion::arrow::row::{RowConverter, Rows, SortField};
use datafusion::common::HashMap;
use datafusion::error::Result;
use datafusion::physical_expr::{PhysicalExpr, PhysicalSortExpr};

use crate::sql::ranges::ranges;

/// How keys and places become bytes.
#[derive(Debug)]
pub(super) struct Encoding {
    keys: RowConverter,
    order: RowConverter,
}

/// Rows of a batch that may be the first of their groups.
pub(super) struct Candidates {
    /// Their places in the batch.
    pub(super) rows: UInt32Array,
    keys: Rows,
    /// None where any row is as good as another.
    order: Option<Rows>,
}

/// The first row of each group so far, with what else is kept of it.
#[derive(Debug)]
pub(super) struct Groups<P> {
    firsts: HashMap<Box<[u8]>, First<P>>,
    bytes: usize,
}

#[derive(Debug)]
struct First<P> {
    order: Box<[u8]>,
    payload: P,
}

impl Encoding {
    /// For `keys` and `order` over rows of `schema`.
    pub(super) fn new(
        schema: &Schema,
        keys: &[Arc<dyn PhysicalExpr>],
        order: &[PhysicalSortExpr],
    ) -> Result<Self> {
        let keys = keys
            .iter()
            .map(|key| Ok(SortField::new(key.data_type(schema)?)))
            .collect::<Result<Vec<_>>>()?;
        let order = order
            .iter()
            .map(|sort| {
                let kind = sort.expr.data_type(schema)?;
                Ok(SortField::new_with_options(kind, sort.options))
            })
            .collect::<Result<Vec<_>>>()?;
        Ok(Self {
            keys: RowConverter::new(keys)?,
            order: RowConverter::new(order)?,
        })
    }

    /// The rows that come first in `order` among their neighbours of equal `keys`.
    ///
    /// Files are clustered, so a group's rows often stand together: only the first of each stretch has to be looked up.
    pub(super) fn candidates(&self, keys: &[ArrayRef], order: &[SortColumn]) -> Result<Candidates> {
        let rows = first_of_each(&ranges(keys)?, order)?;
        let keys = self.keys.convert_columns(&picked(keys.iter(), &rows)?)?;
        let values = order.iter().map(|column| &column.values);
        let order = match order.is_empty() {
            true => None,
            false => Some(self.order.convert_columns(&picked(values, &rows)?)?),
        };
        Ok(Candidates { rows, keys, order })
    }
}

impl Candidates {
    /// The place in the batch, the key and the place in the order of each.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, &[u8], &[u8])> {
        let rows = self.rows.values().iter().enumerate();
        rows.map(|(place, row)| {
            let order = self.order.as_ref();
            let order = order.map_or(&[][..], |order| order.row(place).data());
            (*row, self.keys.row(place).data(), order)
        })
    }
}

impl<P> Groups<P> {
    pub(super) fn len(&self) -> usize {
        self.firsts.len()
    }

    /// Bytes that they take.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Compares a row with the first of its group, whose place it takes if it comes before it: then `payload` is asked for.
    pub(super) fn offer(
        &mut self,
        key: &[u8],
        order: &[u8],
        payload: impl FnOnce() -> P,
    ) -> Ordering {
        if let Some(known) = self.firsts.get_mut(key) {
            let compared = order.cmp(&*known.order);
            if compared.is_lt() {
                *known = First {
                    order: order.into(),
                    payload: payload(),
                };
            }
            return compared;
        }
        self.bytes += key.len() + order.len() + size_of::<First<P>>() + 32;
        let first = First {
            order: order.into(),
            payload: payload(),
        };
        self.firsts.insert(key.into(), first);
        Ordering::Less
    }

    /// What is kept of each.
    pub(super) fn payloads(&mut self) -> impl Iterator<Item = &mut P> {
        self.firsts.values_mut().map(|first| &mut first.payload)
    }

    pub(super) fn clear(&mut self) {
        self.firsts = HashMap::new();
        self.bytes = 0;
    }
}

impl<P> Default for Groups<P> {
    fn default() -> Self {
        Self {
            firsts: HashMap::new(),
            bytes: 0,
        }
    }
}

/// The rows that come first in `order`, one of each range; any where there is no order.
fn first_of_each(ranges: &[Range<usize>], order: &[SortColumn]) -> Result<UInt32Array> {
    let place = |row: usize| u32::try_from(row).unwrap_or(u32::MAX);
    if order.is_empty() {
        return Ok(ranges.iter().map(|range| place(range.start)).collect());
    }
    if let [column] = order
        && let Some(times) = column.values.as_primitive_opt::<TimestampMicrosecondType>()
        && times.null_count() == 0
    {
        let latest = column.options.unwrap_or_default().descending;
        let first = ranges.iter().map(|range| {
            let times = times.values().get(range.clone()).unwrap_or_default();
            let times = times.iter().enumerate();
            let first = if latest {
                times.max_by_key(|(row, time)| (**time, Reverse(*row)))
            } else {
                times.min_by_key(|(row, time)| (**time, *row))
            };
            place(range.start + first.map_or(0, |(row, _)| row))
        });
        return Ok(first.collect());
    }
    let comparators = order
        .iter()
        .map(|column| {
            let options = column.options.unwrap_or_default();
            make_comparator(&column.values, &column.values, options)
        })
        .collect::<Result<Vec<_>, _>>()?;
    let compare = |a: &usize, b: &usize| {
        let mut each = comparators.iter().map(|compare| compare(*a, *b));
        each.find(|found| found.is_ne()).unwrap_or(Ordering::Equal)
    };
    let first = ranges.iter().map(|range| {
        let row = range.clone().min_by(compare).unwrap_or(range.start);
        place(row)
    });
    Ok(first.collect())
}

fn picked<'a>(
    columns: impl Iterator<Item = &'a ArrayRef>,
    rows: &UInt32Array,
) -> Result<Vec<ArrayRef>> {
    let picked = columns.map(|column| take(column, rows, None));
    Ok(picked.collect::<Result<_, _>>()?)
}
