//! What is known of each group: the place of its first row in the order, as bytes that compare like it.

use std::cmp::Ordering;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use datafusion::arrow::array::{Array, AsArray, RecordBatch, UInt32Array, make_comparator};
use datafusion::arrow::compute::SortColumn;
use datafusion::arrow::datatypes::{Schema, TimestampMicrosecondType};
use datafusion::arrow::row::{RowConverter, Rows, SortField};
use datafusion::common::HashMap;
use datafusion::error::Result;
use datafusion::physical_expr::{PhysicalExpr, PhysicalSortExpr};

use crate::columns::{evaluated, picked};
use crate::ranges::ranges;

/// Which rows are wanted: the first in `order` of each group of equal `keys`.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub(super) keys: Vec<Arc<dyn PhysicalExpr>>,
    pub(super) order: Vec<PhysicalSortExpr>,
}

impl Wanted {
    /// All that it is made of.
    pub(super) fn expressions(&self) -> impl Iterator<Item = &Arc<dyn PhysicalExpr>> {
        let order = self.order.iter().map(|sort| &sort.expr);
        self.keys.iter().chain(order)
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys: Vec<_> = self.keys.iter().map(ToString::to_string).collect();
        let order: Vec<_> = self.order.iter().map(ToString::to_string).collect();
        write!(
            f,
            "keys=[{}], order=[{}]",
            keys.join(", "),
            order.join(", ")
        )
    }
}

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
///
/// Groups lie in the order in which they came first. Files bring them in much the same order again and again, so that the next one asked
/// for is mostly the neighbour of the last, which is found without a look into the table.
#[derive(Debug)]
pub(super) struct Groups<P> {
    places: HashMap<Box<[u8]>, usize>,
    firsts: Vec<First<P>>,
    /// The keys of `firsts`, one after another.
    keys: Vec<u8>,
    bytes: usize,
}

#[derive(Debug)]
struct First<P> {
    /// Where its key is among the keys.
    key: Range<usize>,
    order: Box<[u8]>,
    payload: P,
}

impl Encoding {
    /// For what is `wanted` of rows of `schema`.
    pub(super) fn new(schema: &Schema, wanted: &Wanted) -> Result<Self> {
        let keys = wanted
            .keys
            .iter()
            .map(|key| Ok(SortField::new(key.data_type(schema)?)))
            .collect::<Result<Vec<_>>>()?;
        let order = wanted
            .order
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

    /// The rows of `batch` that come first among their neighbours of equal keys.
    ///
    /// Files are clustered, so a group's rows often stand together: only the first of each stretch has to be looked up.
    pub(super) fn candidates(&self, wanted: &Wanted, batch: &RecordBatch) -> Result<Candidates> {
        let keys = evaluated(&wanted.keys, batch)?;
        let order = wanted.order.iter();
        let order = order
            .map(|sort| sort.evaluate_to_sort_column(batch))
            .collect::<Result<Vec<_>>>()?;
        let rows = first_of_each(&ranges(&keys)?, &order)?;
        let keys = self.keys.convert_columns(&picked(&keys, &rows)?)?;
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
    ///
    /// `guess` is where the group may be; afterwards it is where the next one may be.
    pub(super) fn offer(
        &mut self,
        key: &[u8],
        order: &[u8],
        guess: &mut usize,
        payload: impl FnOnce() -> P,
    ) -> Ordering {
        let place = self.place(key, *guess);
        *guess = place.unwrap_or(self.firsts.len()) + 1;
        if let Some(known) = place.and_then(|place| self.firsts.get_mut(place)) {
            let compared = order.cmp(&*known.order);
            if compared.is_lt() {
                known.payload = payload();
                if known.order.len() == order.len() {
                    known.order.copy_from_slice(order);
                } else {
                    known.order = order.into();
                }
            }
            return compared;
        }
        self.bytes += 2 * key.len() + order.len() + size_of::<First<P>>() + 48;
        self.places.insert(key.into(), self.firsts.len());
        let start = self.keys.len();
        self.keys.extend_from_slice(key);
        self.firsts.push(First {
            key: start..self.keys.len(),
            order: order.into(),
            payload: payload(),
        });
        Ordering::Less
    }

    fn place(&self, key: &[u8], guess: usize) -> Option<usize> {
        let guessed = self.firsts.get(guess);
        let guessed = guessed.and_then(|first| self.keys.get(first.key.clone()));
        if guessed == Some(key) {
            return Some(guess);
        }
        self.places.get(key).copied()
    }

    /// What is kept of each.
    pub(super) fn payloads(&mut self) -> impl Iterator<Item = &mut P> {
        self.firsts.iter_mut().map(|first| &mut first.payload)
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}

impl<P> Default for Groups<P> {
    fn default() -> Self {
        Self {
            places: HashMap::new(),
            firsts: Vec::new(),
            keys: Vec::new(),
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
            let is = |wanted: Option<i64>| move |time: &i64| Some(*time) == wanted;
            // Rows mostly come in the order of time, so the latest is looked for from the end.
            let row = match latest {
                true => times.iter().rposition(is(times.iter().copied().max())),
                false => times.iter().position(is(times.iter().copied().min())),
            };
            place(range.start + row.unwrap_or(0))
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
