//! Keeping the first row of each group while batches come by.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, RecordBatch, UInt32Array, make_comparator,
};
use datafusion::arrow::compute::{
    SortColumn, interleave_record_batch, partition, take, take_record_batch,
};
use datafusion::arrow::datatypes::{DataType, SchemaRef, TimestampMicrosecondType};
use datafusion::arrow::row::{RowConverter, SortField};
use datafusion::error::Result;
use datafusion::physical_expr::{PhysicalExpr, PhysicalSortExpr};

/// Rows after which it is judged whether the reduction is worth its while.
const TRIED_ROWS: usize = 1 << 17;
/// Superseded rows that are kept before the others are put together.
const SLACK_ROWS: usize = 1 << 14;

/// The first row of each group so far.
pub(super) struct Reduction {
    schema: SchemaRef,
    keys: Vec<Arc<dyn PhysicalExpr>>,
    order: Vec<PhysicalSortExpr>,
    key_bytes: RowConverter,
    order_bytes: RowConverter,
    groups: HashMap<Box<[u8]>, First>,
    /// Rows that were first when they came, some of them superseded since.
    kept: Vec<RecordBatch>,
    kept_rows: usize,
    kept_bytes: usize,
    group_bytes: usize,
    rows_in: usize,
    stretches: usize,
}

/// The first row of a group.
struct First {
    /// Its place in the order, as bytes that compare like it.
    order: Box<[u8]>,
    batch: usize,
    row: usize,
}

impl Reduction {
    pub(super) fn new(
        schema: SchemaRef,
        keys: &[Arc<dyn PhysicalExpr>],
        order: &[PhysicalSortExpr],
    ) -> Result<Self> {
        let key_fields = keys
            .iter()
            .map(|key| Ok(SortField::new(key.data_type(&schema)?)))
            .collect::<Result<Vec<_>>>()?;
        let order_fields = order
            .iter()
            .map(|sort| {
                let kind = sort.expr.data_type(&schema)?;
                Ok(SortField::new_with_options(kind, sort.options))
            })
            .collect::<Result<Vec<_>>>()?;
        Ok(Self {
            key_bytes: RowConverter::new(key_fields)?,
            order_bytes: RowConverter::new(order_fields)?,
            schema,
            keys: keys.to_vec(),
            order: order.to_vec(),
            groups: HashMap::new(),
            kept: Vec::new(),
            kept_rows: 0,
            kept_bytes: 0,
            group_bytes: 0,
            rows_in: 0,
            stretches: 0,
        })
    }

    /// Bytes that it holds.
    pub(super) const fn bytes(&self) -> usize {
        self.kept_bytes + self.group_bytes
    }

    /// Whether it has turned out to be not worth its while: nearly every row is a group of its own, or there is no order, so that
    /// what reads its rows does the same, and equal rows do not stand together.
    pub(super) fn is_vain(&self) -> bool {
        let many = if self.order.is_empty() {
            self.stretches
        } else {
            self.groups.len()
        };
        self.rows_in >= TRIED_ROWS && many > self.rows_in / 2
    }

    /// Takes a batch.
    pub(super) fn push(&mut self, batch: &RecordBatch) -> Result<()> {
        self.rows_in += batch.num_rows();
        if batch.num_rows() == 0 {
            return Ok(());
        }
        let keys = self
            .keys
            .iter()
            .map(|key| key.evaluate(batch)?.into_array(batch.num_rows()))
            .collect::<Result<Vec<_>>>()?;
        let order = self
            .order
            .iter()
            .map(|sort| sort.evaluate_to_sort_column(batch))
            .collect::<Result<Vec<_>>>()?;
        // Files are clustered, so a group's rows often stand together: only the first of each stretch has to be looked up.
        let candidates = first_of_each(&partition(&keys)?.ranges(), &order)?;
        let key_rows = self
            .key_bytes
            .convert_columns(&picked(&keys, &candidates)?)?;
        let values: Vec<_> = order.into_iter().map(|column| column.values).collect();
        self.stretches += candidates.len();
        let order_rows = match values.is_empty() {
            true => None,
            false => Some(
                self.order_bytes
                    .convert_columns(&picked(&values, &candidates)?)?,
            ),
        };
        let mut winners = Vec::new();
        for (place, candidate) in candidates.values().iter().enumerate() {
            let key = key_rows.row(place);
            let order = order_rows
                .as_ref()
                .map_or(&[][..], |rows| rows.row(place).data());
            let first = |row| First {
                order: order.into(),
                batch: self.kept.len(),
                row,
            };
            match self.groups.get_mut(key.data()) {
                Some(known) if *known.order <= *order => continue,
                Some(known) => *known = first(winners.len()),
                None => {
                    let key: Box<[u8]> = key.data().into();
                    self.group_bytes += key.len() + order.len() + size_of::<First>() + 32;
                    self.groups.insert(key, first(winners.len()));
                }
            }
            winners.push(*candidate);
        }
        if winners.is_empty() {
            return Ok(());
        }
        self.keep(&take_record_batch(batch, &UInt32Array::from(winners))?)?;
        if self.kept_rows > 2 * self.groups.len() + SLACK_ROWS {
            let rows = self.together()?;
            (self.kept_rows, self.kept_bytes) = (0, 0);
            self.keep(&rows)?;
        }
        Ok(())
    }

    /// Gives all first rows, in no order, and begins anew.
    pub(super) fn drain(&mut self) -> Result<RecordBatch> {
        let rows = self.together()?;
        self.groups.clear();
        (self.kept_rows, self.kept_bytes, self.group_bytes) = (0, 0, 0);
        Ok(rows)
    }

    fn keep(&mut self, rows: &RecordBatch) -> Result<()> {
        let rows = unshared(rows)?;
        self.kept_rows += rows.num_rows();
        self.kept_bytes += rows.get_array_memory_size();
        self.kept.push(rows);
        Ok(())
    }

    /// The first rows as one batch; nothing is kept any more, and each group points into that batch.
    fn together(&mut self) -> Result<RecordBatch> {
        let mut places = Vec::with_capacity(self.groups.len());
        for first in self.groups.values_mut() {
            places.push((first.batch, first.row));
            (first.batch, first.row) = (0, places.len() - 1);
        }
        let kept = std::mem::take(&mut self.kept);
        if kept.is_empty() {
            return Ok(RecordBatch::new_empty(Arc::clone(&self.schema)));
        }
        let kept: Vec<_> = kept.iter().collect();
        Ok(interleave_record_batch(&kept, &places)?)
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
                times.max_by_key(|(row, time)| (**time, std::cmp::Reverse(*row)))
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

fn picked(columns: &[ArrayRef], rows: &UInt32Array) -> Result<Vec<ArrayRef>> {
    let picked = columns.iter().map(|column| take(column, rows, None));
    Ok(picked.collect::<Result<_, _>>()?)
}

/// The same rows without the buffers of the batch that they came from, which a few rows would keep alive.
fn unshared(rows: &RecordBatch) -> Result<RecordBatch> {
    let columns = rows
        .columns()
        .iter()
        .map(|column| match column.data_type() {
            DataType::Utf8View => Arc::new(column.as_string_view().gc()) as ArrayRef,
            DataType::BinaryView => Arc::new(column.as_binary_view().gc()) as ArrayRef,
            _ => Arc::clone(column),
        });
    Ok(RecordBatch::try_new(rows.schema(), columns.collect())?)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use datafusion::arrow::array::{Int64Array, StringViewArray, TimestampMicrosecondArray};
    use datafusion::arrow::compute::SortOptions;
    use datafusion::arrow::datatypes::{Field, Int64Type, Schema, TimeUnit};
    use datafusion::physical_plan::expressions::Column;
    use proptest::prelude::*;

    use super::*;

    type Input = (Option<u8>, i64, i64);

    fn schema() -> SchemaRef {
        let time = DataType::Timestamp(TimeUnit::Microsecond, None);
        Arc::new(Schema::new(vec![
            Field::new("device", DataType::Utf8View, true),
            Field::new("time", time, false),
            Field::new("value", DataType::Int64, false),
        ]))
    }

    fn batch(rows: &[Input]) -> RecordBatch {
        let device: StringViewArray = rows
            .iter()
            .map(|(device, _, _)| {
                device.map(|device| format!("a device with a long name {device}"))
            })
            .collect();
        let time = rows.iter().map(|(_, time, _)| *time);
        let value = rows.iter().map(|(_, _, value)| *value);
        let columns: Vec<ArrayRef> = vec![
            Arc::new(device),
            Arc::new(TimestampMicrosecondArray::from_iter_values(time)),
            Arc::new(Int64Array::from_iter_values(value)),
        ];
        RecordBatch::try_new(schema(), columns).unwrap()
    }

    fn column(name: &str, place: usize) -> Arc<dyn PhysicalExpr> {
        Arc::new(Column::new(name, place))
    }

    fn sort(name: &str, place: usize, descending: bool) -> PhysicalSortExpr {
        let nulls_first = descending;
        PhysicalSortExpr::new(
            column(name, place),
            SortOptions {
                descending,
                nulls_first,
            },
        )
    }

    /// The time and value of the first row of each device, as `order` says.
    fn reduced(
        batches: &[Vec<Input>],
        order: &[PhysicalSortExpr],
    ) -> BTreeMap<Option<String>, (i64, i64)> {
        let mut reduction = Reduction::new(schema(), &[column("device", 0)], order).unwrap();
        for rows in batches {
            reduction.push(&batch(rows)).unwrap();
        }
        let rows = reduction.drain().unwrap();
        assert_eq!(reduction.bytes(), 0);
        let devices = rows.column(0).as_string_view();
        let times = rows.column(1).as_primitive::<TimestampMicrosecondType>();
        let values = rows.column(2).as_primitive::<Int64Type>();
        let first = (0..rows.num_rows()).map(|row| {
            let device = devices.is_valid(row).then(|| devices.value(row).to_owned());
            (device, (times.value(row), values.value(row)))
        });
        let found: BTreeMap<_, _> = first.collect();
        assert_eq!(found.len(), rows.num_rows(), "one row of each device");
        found
    }

    proptest! {
        #[test]
        fn what_is_left_is_the_first_row_of_each_group(
            batches in prop::collection::vec(
                prop::collection::vec((prop::option::of(0_u8..9), -40_i64..40, 0_i64..5), 0..60),
                0..12,
            )
        ) {
            for descending in [true, false] {
                let by_time = [sort("time", 1, descending)];
                // The value breaks ties, so that there is one right answer.
                let by_both = [sort("time", 1, descending), sort("value", 2, false)];
                let mut expected: BTreeMap<Option<String>, (i64, i64)> = BTreeMap::new();
                for (device, time, value) in batches.iter().flatten() {
                    let device = device.map(|device| format!("a device with a long name {device}"));
                    let rank = |(time, value): (i64, i64)| (if descending { -time } else { time }, value);
                    let known = expected.entry(device).or_insert((*time, *value));
                    if rank((*time, *value)) < rank(*known) {
                        *known = (*time, *value);
                    }
                }
                prop_assert_eq!(&reduced(&batches, &by_both), &expected);
                let times = |found: &BTreeMap<Option<String>, (i64, i64)>| {
                    found.iter().map(|(device, (time, _))| (device.clone(), *time)).collect::<Vec<_>>()
                };
                prop_assert_eq!(times(&reduced(&batches, &by_time)), times(&expected));
            }
        }
    }

    #[test]
    fn superseded_rows_do_not_pile_up() {
        let mut reduction =
            Reduction::new(schema(), &[column("device", 0)], &[sort("time", 1, true)]).unwrap();
        for time in 0..100_000 {
            reduction.push(&batch(&[(Some(1), time, time)])).unwrap();
        }
        assert!(
            reduction.kept_rows <= SLACK_ROWS + 2,
            "{}",
            reduction.kept_rows
        );
        let rows = reduction.drain().unwrap();
        assert_eq!(
            rows.column(2).as_primitive::<Int64Type>().values(),
            &[99_999]
        );
    }
}
