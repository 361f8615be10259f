//! The operator: rows in, the first of each group out.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

use datafusion::arrow::record_batch::RecordBatch;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::error::Result;
use datafusion::execution::TaskContext;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryReservation};
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType};
use datafusion::physical_plan::metrics::{BaselineMetrics, ExecutionPlanMetricsSet, MetricsSet};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties, PlanProperties,
    SendableRecordBatchStream, apply_expression_roots,
};
use futures::{StreamExt, stream};

use super::groups::Wanted;
use super::late::filtered;
use super::reduce::Reduction;

/// Lets the first row of each group of each partition through, in no order.
///
/// It may let more through: when memory is short, or when nearly every row is a group of its own. What reads it has the last word.
#[derive(Debug)]
pub(super) struct FirstRowExec {
    input: Arc<dyn ExecutionPlan>,
    wanted: Wanted,
    properties: Arc<PlanProperties>,
    metrics: ExecutionPlanMetricsSet,
}

impl FirstRowExec {
    /// The first row in `order` of each group of equal `keys`, of an input that leaves out what it can.
    pub(super) fn over(input: &Arc<dyn ExecutionPlan>, wanted: Wanted) -> Result<Self> {
        let input = match filtered(input, &wanted)? {
            Some(filtered) => filtered,
            None => Arc::clone(input),
        };
        Ok(Self::new(input, wanted))
    }

    fn new(input: Arc<dyn ExecutionPlan>, wanted: Wanted) -> Self {
        let properties = PlanProperties::new(
            EquivalenceProperties::new(input.schema()),
            input.output_partitioning().clone(),
            EmissionType::Final,
            Boundedness::Bounded,
        );
        Self {
            input,
            wanted,
            properties: Arc::new(properties),
            metrics: ExecutionPlanMetricsSet::new(),
        }
    }
}

impl DisplayAs for FirstRowExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FirstRowExec: {}", self.wanted)
    }
}

impl ExecutionPlan for FirstRowExec {
    fn name(&self) -> &'static str {
        "FirstRowExec"
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
        apply_expression_roots(self.wanted.expressions(), f)
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let input = children.into_iter().next();
        let input = input.unwrap_or_else(|| Arc::clone(&self.input));
        Ok(Arc::new(Self::new(input, self.wanted.clone())))
    }

    fn metrics(&self) -> Option<MetricsSet> {
        Some(self.metrics.clone_inner())
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let reduction = Reduction::new(self.input.schema(), &self.wanted)?;
        let consumer = MemoryConsumer::new(format!("FirstRowExec[{partition}]"));
        let running = Running {
            input: self.input.execute(partition, Arc::clone(&context))?,
            reduction: Some(reduction),
            memory: consumer.register(context.memory_pool()),
            metrics: BaselineMetrics::new(&self.metrics, partition),
            ready: VecDeque::new(),
            batch_rows: context.session_config().batch_size(),
        };
        let rows = stream::unfold(running, Running::next);
        let schema = self.input.schema();
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, rows)))
    }
}

/// One partition under way.
struct Running {
    input: SendableRecordBatchStream,
    /// Gone once it has proved not worth its while, or the input is over.
    reduction: Option<Reduction>,
    memory: MemoryReservation,
    metrics: BaselineMetrics,
    ready: VecDeque<RecordBatch>,
    batch_rows: usize,
}

impl Running {
    async fn next(mut self) -> Option<(Result<RecordBatch>, Self)> {
        loop {
            if let Some(batch) = self.ready.pop_front() {
                self.metrics.output_rows().add(batch.num_rows());
                return Some((Ok(batch), self));
            }
            let taken = match self.input.next().await {
                Some(Ok(batch)) => self.take(batch),
                Some(Err(error)) => Err(error),
                None if self.reduction.is_none() => return None,
                None => self.release(false),
            };
            if let Err(error) = taken {
                // Whatever was kept is worthless now.
                self.reduction = None;
                return Some((Err(error), self));
            }
        }
    }

    fn take(&mut self, batch: RecordBatch) -> Result<()> {
        let Some(reduction) = &mut self.reduction else {
            self.ready.push_back(batch);
            return Ok(());
        };
        let timer = self.metrics.elapsed_compute().timer();
        reduction.push(&batch)?;
        timer.done();
        if reduction.is_vain() {
            return self.release(false);
        }
        if self.memory.try_resize(reduction.bytes()).is_err() {
            // What reads this reduces further, so what is there can go on as it is.
            return self.release(true);
        }
        Ok(())
    }

    /// Lets go of what was kept, and begins anew or is a mere passage from here on.
    fn release(&mut self, again: bool) -> Result<()> {
        let Some(mut reduction) = self.reduction.take() else {
            return Ok(());
        };
        let rows = reduction.drain()?;
        let step = self.batch_rows.max(1);
        for start in (0..rows.num_rows()).step_by(step) {
            let length = step.min(rows.num_rows() - start);
            self.ready.push_back(rows.slice(start, length));
        }
        self.memory.free();
        self.reduction = again.then_some(reduction);
        Ok(())
    }
}
