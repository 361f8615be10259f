//! The operator: rows in, one partial result for each stretch of equal keys out.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, RecordBatch, UInt32Array};
use datafusion::arrow::compute::concat;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::error::Result;
use datafusion::execution::TaskContext;
use datafusion::logical_expr::{EmitTo, GroupsAccumulator};
use datafusion::physical_expr::aggregate::AggregateFunctionExpr;
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::aggregates::AggregateExec;
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType};
use datafusion::physical_plan::metrics::{BaselineMetrics, ExecutionPlanMetricsSet, MetricsSet};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties, Partitioning,
    PlanProperties, SendableRecordBatchStream, apply_expression_roots,
};
use futures::{StreamExt, stream};

use super::quick::Quick;
use super::rest::rest_of;
use crate::columns::{evaluated, picked, unshared};
use crate::nodes::with_child;
use crate::ranges::ranges;

/// Rows after which it is judged anew whether stretches are long enough.
const JUDGED_ROWS: usize = 1 << 16;
/// Rows that a stretch must have on average.
const LONG_ENOUGH: usize = 8;

/// Bytes of partial results after which they are given, however few they are.
const MOST_BYTES: usize = 1 << 20;

/// Gives partial results of an aggregate, several for a group, as its first step would.
#[derive(Debug)]
pub(super) struct StretchExec {
    /// The engine's first step, for rows that do not stand together.
    partial: Arc<dyn ExecutionPlan>,
    input: Arc<dyn ExecutionPlan>,
    keys: Vec<Arc<dyn PhysicalExpr>>,
    functions: Vec<Arc<AggregateFunctionExpr>>,
    properties: Arc<PlanProperties>,
    metrics: ExecutionPlanMetricsSet,
}

impl StretchExec {
    /// In the place of `partial`.
    pub(super) fn new(partial: &AggregateExec) -> Self {
        let partitions = partial.input().output_partitioning().partition_count();
        let properties = PlanProperties::new(
            EquivalenceProperties::new(partial.schema()),
            Partitioning::UnknownPartitioning(partitions),
            EmissionType::Incremental,
            Boundedness::Bounded,
        );
        Self {
            input: Arc::clone(partial.input()),
            keys: partial.group_expr().input_exprs(),
            functions: partial.aggr_expr().to_vec(),
            partial: Arc::new(partial.clone()),
            properties: Arc::new(properties),
            metrics: ExecutionPlanMetricsSet::new(),
        }
    }
}

impl DisplayAs for StretchExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys: Vec<_> = self.keys.iter().map(ToString::to_string).collect();
        let functions: Vec<_> = self
            .functions
            .iter()
            .map(|function| function.name())
            .collect();
        write!(
            f,
            "StretchExec: keys=[{}], functions=[{}]",
            keys.join(", "),
            functions.join(", ")
        )
    }
}

impl ExecutionPlan for StretchExec {
    fn name(&self) -> &'static str {
        "StretchExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn apply_expressions(
        &self,
        f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        apply_expression_roots(self.keys.iter(), f)
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let Some(input) = children.into_iter().next() else {
            return Ok(self);
        };
        let partial = with_child(&self.partial, input)?;
        match partial.downcast_ref::<AggregateExec>() {
            Some(partial) => Ok(Arc::new(Self::new(partial))),
            None => Ok(partial),
        }
    }

    fn metrics(&self) -> Option<MetricsSet> {
        Some(self.metrics.clone_inner())
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let schema = self.partial.schema();
        let reduction = Reduction::new(Arc::clone(&schema), &self.keys, &self.functions)?;
        let running = Running {
            input: Some(self.input.execute(partition, Arc::clone(&context))?),
            reduction,
            partial: Arc::clone(&self.partial),
            rest: None,
            enough: context.session_config().batch_size().max(1),
            context,
            metrics: BaselineMetrics::new(&self.metrics, partition),
        };
        let rows = stream::unfold(running, Running::next);
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, rows)))
    }
}

/// One partition under way.
struct Running {
    /// Gone once it is over or the engine has it.
    input: Option<SendableRecordBatchStream>,
    reduction: Reduction,
    partial: Arc<dyn ExecutionPlan>,
    /// What the engine makes of the rows that it was left.
    rest: Option<SendableRecordBatchStream>,
    context: Arc<TaskContext>,
    /// Partial results that are given at a time.
    enough: usize,
    metrics: BaselineMetrics,
}

impl Running {
    async fn next(mut self) -> Option<(Result<RecordBatch>, Self)> {
        while let Some(input) = &mut self.input {
            let given = match input.next().await {
                Some(Ok(batch)) => self.take(&batch),
                Some(Err(error)) => Err(error),
                None => {
                    self.input = None;
                    self.reduction.drain()
                }
            };
            match given {
                Ok(None) => {}
                Ok(Some(rows)) => {
                    self.metrics.output_rows().add(rows.num_rows());
                    return Some((Ok(rows), self));
                }
                Err(error) => {
                    self.input = None;
                    return Some((Err(error), self));
                }
            }
        }
        let rows = self.rest.as_mut()?.next().await?;
        Some((rows, self))
    }

    fn take(&mut self, batch: &RecordBatch) -> Result<Option<RecordBatch>> {
        let timer = self.metrics.elapsed_compute().timer();
        self.reduction.push(batch)?;
        timer.done();
        if self.reduction.is_vain()
            && let Some(input) = self.input.take()
        {
            let partial = with_child(&self.partial, Arc::new(rest_of(input)?))?;
            self.rest = Some(partial.execute(0, Arc::clone(&self.context))?);
            return self.reduction.drain();
        }
        if self.reduction.stretches < self.enough && self.reduction.bytes() < MOST_BYTES {
            return Ok(None);
        }
        self.reduction.drain()
    }
}

/// Partial results that are not given yet.
struct Reduction {
    schema: SchemaRef,
    keys: Vec<Arc<dyn PhysicalExpr>>,
    functions: Vec<Function>,
    /// The keys of the stretches, in pieces.
    kept: Vec<Vec<ArrayRef>>,
    kept_bytes: usize,
    stretches: usize,
    judged: Judged,
}

struct Function {
    arguments: Vec<Arc<dyn PhysicalExpr>>,
    quick: Option<Quick>,
    results: Box<dyn GroupsAccumulator>,
}

impl Function {
    /// Adds the rows of `batch`, whose `ranges` are the stretches of `places`.
    fn add(
        &mut self,
        batch: &RecordBatch,
        ranges: &[Range<usize>],
        places: Range<usize>,
    ) -> Result<()> {
        let total = places.end;
        let arguments = self.arguments.iter();
        let arguments = arguments
            .map(|argument| argument.evaluate(batch))
            .collect::<Result<Vec<_>>>()?;
        if let (Some(quick), [values]) = (self.quick, &*arguments)
            && let Some(results) = quick.results(values, ranges)
        {
            let places: Vec<usize> = places.collect();
            return self.results.merge_batch(&results, &places, total);
        }
        let arguments = arguments.into_iter();
        let arguments = arguments
            .map(|values| values.into_array(batch.num_rows()))
            .collect::<Result<Vec<_>>>()?;
        let mut of_rows = Vec::with_capacity(batch.num_rows());
        for (place, range) in places.zip(ranges) {
            of_rows.resize(range.end, place);
        }
        self.results.update_batch(&arguments, &of_rows, None, total)
    }
}

/// What was seen since it was last judged.
#[derive(Default)]
struct Judged {
    rows: usize,
    stretches: usize,
}

impl Reduction {
    fn new(
        schema: SchemaRef,
        keys: &[Arc<dyn PhysicalExpr>],
        functions: &[Arc<AggregateFunctionExpr>],
    ) -> Result<Self> {
        let functions = functions.iter().map(|function| {
            Ok(Function {
                arguments: function.expressions(),
                quick: Quick::of(function),
                results: function.create_groups_accumulator()?,
            })
        });
        Ok(Self {
            schema,
            keys: keys.to_vec(),
            functions: functions.collect::<Result<_>>()?,
            kept: Vec::new(),
            kept_bytes: 0,
            stretches: 0,
            judged: Judged::default(),
        })
    }

    fn push(&mut self, batch: &RecordBatch) -> Result<()> {
        let rows = batch.num_rows();
        if rows == 0 {
            return Ok(());
        }
        let keys = evaluated(&self.keys, batch)?;
        let ranges = ranges(&keys)?;
        let places = self.stretches..self.stretches + ranges.len();
        self.stretches = places.end;
        for function in &mut self.functions {
            function.add(batch, &ranges, places.clone())?;
        }
        let starts = ranges.iter().map(|range| u32::try_from(range.start));
        let starts: UInt32Array = starts.map(|start| start.unwrap_or(u32::MAX)).collect();
        let keys: Vec<_> = picked(&keys, &starts)?.iter().map(unshared).collect();
        let bytes = keys.iter().map(|key| key.get_array_memory_size());
        self.kept_bytes += bytes.sum::<usize>();
        self.kept.push(keys);
        self.judged.rows += rows;
        self.judged.stretches += ranges.len();
        Ok(())
    }

    /// Bytes that it holds.
    fn bytes(&self) -> usize {
        let results = self.functions.iter();
        self.kept_bytes
            + results
                .map(|function| function.results.size())
                .sum::<usize>()
    }

    /// Whether stretches have proved short.
    fn is_vain(&mut self) -> bool {
        if self.judged.rows < JUDGED_ROWS {
            return false;
        }
        let Judged { rows, stretches } = std::mem::take(&mut self.judged);
        stretches * LONG_ENOUGH > rows
    }

    /// All partial results so far, after which it begins anew; nothing where there are none.
    fn drain(&mut self) -> Result<Option<RecordBatch>> {
        if self.stretches == 0 {
            return Ok(None);
        }
        let mut columns = Vec::with_capacity(self.schema.fields().len());
        for key in 0..self.keys.len() {
            let pieces = self.kept.iter().filter_map(|keys| keys.get(key));
            let pieces: Vec<_> = pieces.map(AsRef::as_ref).collect();
            columns.push(concat(&pieces)?);
        }
        for function in &mut self.functions {
            columns.extend(function.results.state(EmitTo::All)?);
        }
        self.kept.clear();
        (self.kept_bytes, self.stretches) = (0, 0);
        Ok(Some(RecordBatch::try_new(
            Arc::clone(&self.schema),
            columns,
        )?))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use datafusion::arrow::array::{Float64Array, StringViewArray};
    use datafusion::arrow::datatypes::{DataType, Field, Schema};
    use datafusion::arrow::util::pretty::pretty_format_batches;
    use datafusion::datasource::MemTable;
    use datafusion::execution::SessionStateBuilder;
    use datafusion::prelude::{SessionConfig, SessionContext};
    use proptest::prelude::*;

    use super::*;
    use crate::stretches::STRETCHES;

    /// Stretches: a key, how many rows, the value of the first.
    type Input = Vec<(Option<u8>, usize, Option<i32>)>;

    fn table(batches: &[Input]) -> MemTable {
        let schema = Arc::new(Schema::new(vec![
            Field::new("key", DataType::Utf8View, true),
            Field::new("value", DataType::Float64, true),
        ]));
        let batch = |stretches: &Input| {
            let mut keys = Vec::new();
            let mut values = Vec::new();
            for (key, rows, first) in stretches {
                for row in 0..*rows {
                    keys.push(key.map(|key| format!("a key that is rather long {key}")));
                    values.push(first.map(|first| f64::from(first) + row as f64));
                }
            }
            let keys: StringViewArray = keys.into_iter().collect();
            let columns: Vec<ArrayRef> = vec![Arc::new(keys), Arc::new(Float64Array::from(values))];
            RecordBatch::try_new(Arc::clone(&schema), columns).unwrap()
        };
        let (some, others) = batches.split_at(batches.len() / 2);
        let parts = [some, others].map(|part| part.iter().map(batch).collect());
        MemTable::try_new(Arc::clone(&schema), parts.to_vec()).unwrap()
    }

    fn context(batches: &[Input], with_rule: bool) -> SessionContext {
        let config = SessionConfig::new().with_target_partitions(2);
        let mut state = SessionStateBuilder::new()
            .with_config(config)
            .with_default_features();
        if with_rule {
            state = state.with_physical_optimizer_rule(Arc::new(STRETCHES));
        }
        let context = SessionContext::new_with_state(state.build());
        context
            .register_table("t", Arc::new(table(batches)))
            .unwrap();
        context
    }

    async fn answer(context: &SessionContext, query: &str) -> String {
        let batches = context.sql(query).await.unwrap().collect().await.unwrap();
        pretty_format_batches(&batches).unwrap().to_string()
    }

    const QUERIES: [&str; 2] = [
        "select key, count(*), count(value), sum(value), min(value), max(value), avg(value) from t group by key order by key",
        "select key, value > 10 as large, count(*), max(key) from t group by key, large order by key, large",
    ];

    async fn same(batches: &[Input]) {
        let (with, without) = (context(batches, true), context(batches, false));
        for query in QUERIES {
            let plan = answer(&with, &format!("explain {query}")).await;
            assert!(plan.contains("StretchExec: keys=[key@"), "{plan}");
            assert_eq!(answer(&with, query).await, answer(&without, query).await);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn the_answer_is_that_of_the_engine(
            batches in prop::collection::vec(
                prop::collection::vec((prop::option::of(0_u8..4), 0_usize..30, prop::option::of(-50_i32..50)), 0..12),
                1..5,
            )
        ) {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(same(&batches));
        }
    }

    #[tokio::test]
    async fn rows_that_do_not_stand_together_are_left_to_the_engine() {
        // Long stretches, then none, and long ones again.
        let long: Input = (0..4_u8)
            .map(|key| (Some(key % 2), 2_000, Some(1)))
            .collect();
        let short: Input = (0..8_000_u32)
            .map(|row| (Some((row % 5) as u8), 1, Some(2)))
            .collect();
        let batches: Vec<Input> = (0..60)
            .map(|batch| {
                if (20..40).contains(&batch) {
                    short.clone()
                } else {
                    long.clone()
                }
            })
            .collect();
        same(&batches).await;
        let with = context(&batches, true);
        let analyzed = answer(&with, &format!("explain analyze {}", QUERIES[0])).await;
        let line = analyzed
            .lines()
            .find(|line| line.contains("StretchExec"))
            .unwrap();
        assert!(line.contains("output_rows"), "{line}");
    }

    #[tokio::test]
    async fn long_keys_are_given_before_they_pile_up() {
        let key = Field::new("key", DataType::Utf8View, false);
        let schema = Arc::new(Schema::new(vec![key]));
        let part = || {
            let keys = (0..40).map(|key| StringViewArray::from(vec![format!("{key:>60000}")]));
            let batches =
                keys.map(|keys| RecordBatch::try_new(Arc::clone(&schema), vec![Arc::new(keys)]));
            batches.collect::<Result<Vec<_>, _>>().unwrap()
        };
        let table = MemTable::try_new(Arc::clone(&schema), vec![part(), part()]).unwrap();
        let context = context(&[], true);
        context.register_table("long", Arc::new(table)).unwrap();
        let query = "select key, count(*) from long group by key";
        let plan = context.sql(query).await.unwrap();
        let mut plan = plan.create_physical_plan().await.unwrap();
        while !plan.is::<StretchExec>() {
            plan = Arc::clone(plan.children()[0]);
        }
        let given = plan.execute(0, context.task_ctx()).unwrap();
        let given: Vec<_> = given.map(|rows| rows.unwrap().num_rows()).collect().await;
        assert_eq!(given.iter().sum::<usize>(), 40);
        assert!(given.iter().all(|rows| *rows <= 20), "{given:?}");
    }
}
