//! Reading no more of a file than the first rows need: a filter inside the scan.
//!
//! The scan decodes the columns that say which group a row is of and where it stands, asks the filter, and decodes the others, which
//! may be long texts, of the rows that are left alone.

use std::collections::HashSet;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use datafusion::arrow::array::{Array, AsArray, BooleanArray, BooleanBufferBuilder, RecordBatch};
use datafusion::arrow::compute::{filter_record_batch, prep_null_mask_filter};
use datafusion::arrow::datatypes::{DataType, Schema};
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode, TreeNodeRecursion};
use datafusion::datasource::physical_plan::{
    FileScanConfig, FileScanConfigBuilder, FileSource, ParquetSource,
};
use datafusion::datasource::source::DataSourceExec;
use datafusion::error::Result;
use datafusion::logical_expr::ColumnarValue;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::projection::ProjectionExpr;
use datafusion::physical_expr::utils::{collect_columns, conjunction};
use datafusion::physical_expr::{PhysicalExpr, PhysicalSortExpr};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::repartition::RepartitionExec;
use datafusion::physical_plan::union::UnionExec;

use super::groups::{Encoding, Groups, Wanted};
use crate::nodes::{with_children, with_instead};

/// Bytes that the filter may hold; rows of groups that it has no room for pass.
const MOST_BYTES: usize = 16 << 20;
/// Rows after which it is judged whether the filter is worth its while.
const TRIED_ROWS: usize = 1 << 17;

/// The same plan, whose scans of files leave out rows that come after another of their group; nothing where that would gain nothing.
pub(super) fn filtered(
    plan: &Arc<dyn ExecutionPlan>,
    wanted: &Wanted,
) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    // Without an order any row is as good as another, and none comes after another.
    if wanted.order.is_empty() {
        return Ok(None);
    }
    if let Some(projection) = plan.downcast_ref::<ProjectionExec>() {
        let wanted = wanted.below(projection.expr())?;
        return with_instead(plan, |below| filtered(below, &wanted));
    }
    if plan.downcast_ref::<RepartitionExec>().is_some() {
        return with_instead(plan, |below| filtered(below, wanted));
    }
    if plan.downcast_ref::<UnionExec>().is_some() {
        let mut any = false;
        let mut parts = Vec::new();
        for part in plan.children() {
            let below = filtered(part, wanted)?;
            any |= below.is_some();
            parts.push(below.unwrap_or_else(|| Arc::clone(part)));
        }
        return any.then(|| with_children(plan, parts)).transpose();
    }
    match plan.downcast_ref::<DataSourceExec>() {
        Some(source) => scan(source, wanted),
        None => Ok(None),
    }
}

fn scan(source: &DataSourceExec, wanted: &Wanted) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    let Some(config) = source.data_source().downcast_ref::<FileScanConfig>() else {
        return Ok(None);
    };
    let Some(parquet) = config.file_source().downcast_ref::<ParquetSource>() else {
        return Ok(None);
    };
    let Some(projection) = config.file_source().projection() else {
        return Ok(None);
    };
    let wanted = wanted.below(projection.as_ref())?;
    let schema = config.file_source().table_schema().table_schema();
    let needed: HashSet<_> = wanted.expressions().flat_map(collect_columns).collect();
    let read = projection.as_ref().iter();
    let gains = read
        .flat_map(|read| collect_columns(&read.expr))
        .any(|column| !needed.contains(&column) && is_long(schema, &column));
    if !gains || config.limit.is_some() {
        return Ok(None);
    }
    let condition = parquet.filter();
    let first = Arc::new(MayBeFirst::new(schema, condition.clone(), wanted)?);
    let predicate = conjunction(
        condition
            .into_iter()
            .chain([first as Arc<dyn PhysicalExpr>]),
    );
    let config = FileScanConfigBuilder::from(config.clone())
        .with_source(Arc::new(parquet.with_predicate(predicate)))
        .build();
    Ok(Some(DataSourceExec::from_data_source(config)))
}

/// Whether values of `column` may be long: a number is decoded sooner than it is decided whether it is wanted.
fn is_long(schema: &Schema, column: &Column) -> bool {
    let kind = schema.fields().get(column.index());
    kind.is_some_and(|field| !field.data_type().is_primitive())
}

impl Wanted {
    /// The same over the rows that `projection` is made of.
    fn below(&self, projection: &[ProjectionExpr]) -> Result<Self> {
        let below = |expression: &Arc<dyn PhysicalExpr>| {
            let moved = Arc::clone(expression).transform_down(|part| {
                let column = part.downcast_ref::<Column>();
                let source = column.and_then(|column| projection.get(column.index()));
                Ok(match source {
                    // What has taken its place speaks of the rows below already.
                    Some(source) => {
                        Transformed::new(Arc::clone(&source.expr), true, TreeNodeRecursion::Jump)
                    }
                    None => Transformed::no(part),
                })
            });
            moved.data()
        };
        let order = self.order.iter().map(|sort| {
            let expr = below(&sort.expr)?;
            Ok(PhysicalSortExpr::new(expr, sort.options))
        });
        Ok(Self {
            keys: self.keys.iter().map(below).collect::<Result<_>>()?,
            order: order.collect::<Result<_>>()?,
        })
    }
}

/// A condition that is false only of rows that come after another one of their group.
///
/// It remembers the first row of each group among all that it was asked about, so its answers depend on what came before. A row as good
/// as the first is let through, which makes it harmless to be asked twice. It is asked only about rows that meet `condition`: another
/// row could go later, and must not have taken a group's first place.
#[derive(Debug)]
struct MayBeFirst {
    condition: Option<Arc<dyn PhysicalExpr>>,
    wanted: Wanted,
    shared: Arc<Shared>,
}

/// What all threads of a scan share.
#[derive(Debug)]
struct Shared {
    encoding: Encoding,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    groups: Groups<()>,
    rows: usize,
}

impl Seen {
    fn is_vain(&self) -> bool {
        self.rows >= TRIED_ROWS && self.groups.len() > self.rows / 2
    }
}

impl MayBeFirst {
    fn new(
        schema: &Schema,
        condition: Option<Arc<dyn PhysicalExpr>>,
        wanted: Wanted,
    ) -> Result<Self> {
        let encoding = Encoding::new(schema, &wanted)?;
        let seen = Mutex::default();
        Ok(Self {
            condition,
            wanted,
            shared: Arc::new(Shared { encoding, seen }),
        })
    }

    /// The places in `batch` of rows that may be first.
    fn first(&self, batch: &RecordBatch) -> Result<Vec<u32>> {
        let candidates = self.shared.encoding.candidates(&self.wanted, batch)?;
        let mut seen = self.seen();
        seen.rows += batch.num_rows();
        let mut first = Vec::new();
        let mut guess = 0;
        for (row, key, order) in candidates.iter() {
            let room = seen.groups.bytes() < MOST_BYTES;
            if !room || seen.groups.offer(key, order, &mut guess, || ()).is_le() {
                first.push(row);
            }
        }
        Ok(first)
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        let seen = self.shared.seen.lock();
        seen.unwrap_or_else(PoisonError::into_inner)
    }
}

impl PhysicalExpr for MayBeFirst {
    fn data_type(&self, _: &Schema) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn nullable(&self, _: &Schema) -> Result<bool> {
        Ok(false)
    }

    fn evaluate(&self, batch: &RecordBatch) -> Result<ColumnarValue> {
        let rows = batch.num_rows();
        let meets = match &self.condition {
            Some(condition) => {
                let meets = condition.evaluate(batch)?.into_array(rows)?;
                let meets = meets.as_boolean();
                Some(match meets.null_count() {
                    0 => meets.clone(),
                    _ => prep_null_mask_filter(meets),
                })
            }
            None => None,
        };
        if self.seen().is_vain() {
            let all = || BooleanArray::from(vec![true; rows]);
            let meets = meets.unwrap_or_else(all);
            return Ok(ColumnarValue::Array(Arc::new(meets)));
        }
        let mut first = BooleanBufferBuilder::new(rows);
        first.append_n(rows, false);
        match meets {
            Some(meets) if meets.true_count() < rows => {
                let places: Vec<usize> = meets.values().set_indices().collect();
                for row in self.first(&filter_record_batch(batch, &meets)?)? {
                    if let Some(place) = places.get(row as usize) {
                        first.set_bit(*place, true);
                    }
                }
            }
            _ => {
                for row in self.first(batch)? {
                    first.set_bit(row as usize, true);
                }
            }
        }
        let first = BooleanArray::new(first.finish(), None);
        Ok(ColumnarValue::Array(Arc::new(first)))
    }

    fn children(&self) -> Vec<&Arc<dyn PhysicalExpr>> {
        self.condition
            .iter()
            .chain(self.wanted.expressions())
            .collect()
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn PhysicalExpr>>,
    ) -> Result<Arc<dyn PhysicalExpr>> {
        let mut children = children.into_iter();
        let condition = self.condition.as_ref().and_then(|_| children.next());
        let keys = children.by_ref().take(self.wanted.keys.len()).collect();
        let order = children.zip(&self.wanted.order);
        let order = order.map(|(expr, sort)| PhysicalSortExpr::new(expr, sort.options));
        Ok(Arc::new(Self {
            condition,
            wanted: Wanted {
                keys,
                order: order.collect(),
            },
            shared: Arc::clone(&self.shared),
        }))
    }

    fn fmt_sql(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }

    fn is_volatile_node(&self) -> bool {
        true
    }
}

impl fmt::Display for MayBeFirst {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "may_be_first({})", self.wanted)
    }
}

impl PartialEq for MayBeFirst {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared) && self.children() == other.children()
    }
}

impl Eq for MayBeFirst {}

impl Hash for MayBeFirst {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for child in self.children() {
            child.hash(state);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use datafusion::arrow::array::{ArrayRef, Int64Array};
    use datafusion::arrow::compute::SortOptions;
    use datafusion::arrow::datatypes::{Field, Int64Type, SchemaRef};
    use datafusion::common::ScalarValue;
    use datafusion::logical_expr::Operator;
    use datafusion::physical_expr::expressions::{BinaryExpr, Literal};
    use proptest::prelude::*;

    use super::*;

    /// A device, a time and a value.
    type Row = (i64, Option<i64>, i64);

    fn schema() -> SchemaRef {
        Arc::new(Schema::new(vec![
            Field::new("device", DataType::Int64, false),
            Field::new("time", DataType::Int64, true),
            Field::new("value", DataType::Int64, false),
        ]))
    }

    fn batch(rows: &[Row]) -> RecordBatch {
        let device = Int64Array::from_iter_values(rows.iter().map(|row| row.0));
        let time: Int64Array = rows.iter().map(|row| row.1).collect();
        let value = Int64Array::from_iter_values(rows.iter().map(|row| row.2));
        let columns: Vec<ArrayRef> = vec![Arc::new(device), Arc::new(time), Arc::new(value)];
        RecordBatch::try_new(schema(), columns).unwrap()
    }

    fn column(name: &str, place: usize) -> Arc<dyn PhysicalExpr> {
        Arc::new(Column::new(name, place))
    }

    fn latest(condition: Option<Arc<dyn PhysicalExpr>>) -> MayBeFirst {
        let options = SortOptions {
            descending: true,
            nulls_first: false,
        };
        let wanted = Wanted {
            keys: vec![column("device", 0)],
            order: vec![PhysicalSortExpr::new(column("time", 1), options)],
        };
        MayBeFirst::new(&schema(), condition, wanted).unwrap()
    }

    fn passed(filter: &MayBeFirst, rows: &[Row]) -> Vec<Row> {
        let answer = filter.evaluate(&batch(rows)).unwrap();
        let answer = answer.into_array(rows.len()).unwrap();
        let answer = answer.as_boolean().clone();
        let left = filter_record_batch(&batch(rows), &answer).unwrap();
        let column = |place: usize| left.column(place).as_primitive::<Int64Type>();
        (0..left.num_rows())
            .map(|row| {
                let time = column(1);
                let time = (!time.is_null(row)).then(|| time.value(row));
                (column(0).value(row), time, column(2).value(row))
            })
            .collect()
    }

    fn latest_of(rows: impl Iterator<Item = Row>) -> BTreeMap<i64, Option<i64>> {
        let mut latest = BTreeMap::new();
        for (device, time, _) in rows {
            let known = latest.entry(device).or_insert(time);
            *known = (*known).max(time);
        }
        latest
    }

    proptest! {
        #[test]
        fn the_first_of_each_group_is_let_through_however_often_it_is_asked_about(
            batches in prop::collection::vec(
                (prop::collection::vec((0_i64..6, prop::option::of(0_i64..30), 0_i64..10), 0..40), 1..3),
                0..10,
            ),
            conditional in any::<bool>(),
        ) {
            let least: Arc<dyn PhysicalExpr> = Arc::new(Literal::new(ScalarValue::Int64(Some(4))));
            let large = || Arc::new(BinaryExpr::new(column("value", 2), Operator::Gt, Arc::clone(&least)));
            let filter = latest(conditional.then(|| large() as _));
            let meets = |row: &Row| !conditional || row.2 > 4;
            let mut left = Vec::new();
            for (rows, times) in &batches {
                let mut last = Vec::new();
                for _ in 0..*times {
                    last = passed(&filter, rows);
                }
                left.extend(last);
            }
            prop_assert!(left.iter().all(meets));
            let all = batches.iter().flat_map(|(rows, _)| rows.iter().copied());
            prop_assert_eq!(latest_of(left.into_iter()), latest_of(all.filter(meets)));
        }
    }

    #[test]
    fn rows_that_come_after_another_of_their_group_are_left_out() {
        let filter = latest(None);
        let first: Vec<Row> = (0..100).map(|time| (time / 50, Some(time), 0)).collect();
        assert_eq!(
            passed(&filter, &first),
            [(0, Some(49), 0), (1, Some(99), 0)]
        );
        assert_eq!(
            passed(
                &filter,
                &[(0, Some(48), 0), (1, Some(100), 0), (2, None, 0)]
            ),
            [(1, Some(100), 0), (2, None, 0)]
        );
    }

    #[test]
    fn a_filter_that_leaves_nothing_out_gives_up() {
        let filter = latest(None);
        let devices = i64::try_from(TRIED_ROWS).unwrap();
        let rows: Vec<Row> = (0..devices).map(|device| (device, Some(9), 0)).collect();
        assert_eq!(passed(&filter, &rows).len(), rows.len());
        assert_eq!(passed(&filter, &[(0, Some(1), 0)]).len(), 1);
    }
}
