//! Keeping the first row of each group while batches come by.

use std::sync::Arc;

use datafusion::arrow::array::{RecordBatch, UInt32Array};
use datafusion::arrow::compute::{interleave_record_batch, take_record_batch};
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::error::Result;

use super::groups::{Encoding, Groups, Wanted};
use crate::columns::unshared;

/// Rows after which it is judged whether the reduction is worth its while.
const TRIED_ROWS: usize = 1 << 17;
/// Superseded rows that are kept before the others are put together.
const SLACK_ROWS: usize = 1 << 14;

/// The first row of each group so far.
pub(super) struct Reduction {
    schema: SchemaRef,
    wanted: Wanted,
    encoding: Encoding,
    groups: Groups<Place>,
    /// Rows that were first when they came, some of them superseded since.
    kept: Vec<RecordBatch>,
    kept_rows: usize,
    kept_bytes: usize,
    rows_in: usize,
    stretches: usize,
}

/// Where a row is among those kept.
struct Place {
    batch: usize,
    row: usize,
}

impl Reduction {
    pub(super) fn new(schema: SchemaRef, wanted: &Wanted) -> Result<Self> {
        Ok(Self {
            encoding: Encoding::new(&schema, wanted)?,
            schema,
            wanted: wanted.clone(),
            groups: Groups::default(),
            kept: Vec::new(),
            kept_rows: 0,
            kept_bytes: 0,
            rows_in: 0,
            stretches: 0,
        })
    }

    /// Bytes that it holds.
    pub(super) const fn bytes(&self) -> usize {
        self.kept_bytes + self.groups.bytes()
    }

    /// Whether it has turned out to be not worth its while: nearly every row is a group of its own, or there is no order, so that
    /// what reads its rows does the same, and equal rows do not stand together.
    pub(super) fn is_vain(&self) -> bool {
        let many = if self.wanted.order.is_empty() {
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
        let candidates = self.encoding.candidates(&self.wanted, batch)?;
        self.stretches += candidates.rows.len();
        let batch_place = self.kept.len();
        let mut winners = Vec::new();
        let mut guess = 0;
        for (row, key, order) in candidates.iter() {
            let place = || Place {
                batch: batch_place,
                row: winners.len(),
            };
            if self.groups.offer(key, order, &mut guess, place).is_lt() {
                winners.push(row);
            }
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
        (self.kept_rows, self.kept_bytes) = (0, 0);
        Ok(rows)
    }

    fn keep(&mut self, rows: &RecordBatch) -> Result<()> {
        let columns = rows.columns().iter().map(unshared).collect();
        let rows = RecordBatch::try_new(rows.schema(), columns)?;
        self.kept_rows += rows.num_rows();
        self.kept_bytes += rows.get_array_memory_size();
        self.kept.push(rows);
        Ok(())
    }

    /// The first rows as one batch; nothing is kept any more, and each group points into that batch.
    fn together(&mut self) -> Result<RecordBatch> {
        let mut places = Vec::with_capacity(self.groups.len());
        for place in self.groups.payloads() {
            places.push((place.batch, place.row));
            (place.batch, place.row) = (0, places.len() - 1);
        }
        let kept = std::mem::take(&mut self.kept);
        if kept.is_empty() {
            return Ok(RecordBatch::new_empty(Arc::clone(&self.schema)));
        }
        let kept: Vec<_> = kept.iter().collect();
        Ok(interleave_record_batch(&kept, &places)?)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use datafusion::arrow::array::{
        Array, ArrayRef, AsArray, Int64Array, StringViewArray, TimestampMicrosecondArray,
    };
    use datafusion::arrow::compute::SortOptions;
    use datafusion::arrow::datatypes::{
        DataType, Field, Int64Type, Schema, TimeUnit, TimestampMicrosecondType,
    };
    use datafusion::physical_expr::{PhysicalExpr, PhysicalSortExpr};
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

    fn of_device(order: &[PhysicalSortExpr]) -> Wanted {
        Wanted {
            keys: vec![column("device", 0)],
            order: order.to_vec(),
        }
    }

    /// The time and value of the first row of each device, as `order` says.
    fn reduced(
        batches: &[Vec<Input>],
        order: &[PhysicalSortExpr],
    ) -> BTreeMap<Option<String>, (i64, i64)> {
        let mut reduction = Reduction::new(schema(), &of_device(order)).unwrap();
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
        let mut reduction = Reduction::new(schema(), &of_device(&[sort("time", 1, true)])).unwrap();
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
