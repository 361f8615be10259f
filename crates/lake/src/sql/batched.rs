//! `approx_percentile_cont` that takes its values many at a time.
//!
//! DataFusion's digest is put together anew each time that it is given values. Where groups are many a batch brings a few values for
//! each, and most of the time goes into digests. Here a group's values wait until there are enough of them.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, Float64Array};
use datafusion::arrow::datatypes::{DataType, FieldRef, Float64Type};
use datafusion::common::ScalarValue;
use datafusion::error::Result;
use datafusion::functions_aggregate::approx_percentile_cont::approx_percentile_cont_udaf;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, Documentation, Signature,
};

/// Values that wait at the most: as many as several digests are large.
const ENOUGH: usize = 1_024;

/// `approx_percentile_cont` that is quick for many groups.
pub(super) fn quick_percentile() -> AggregateUDF {
    AggregateUDF::from(Batched(approx_percentile_cont_udaf()))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Batched(Arc<AggregateUDF>);

impl AggregateUDFImpl for Batched {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn signature(&self) -> &Signature {
        self.0.signature()
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        self.0.return_type(types)
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        self.0.state_fields(args)
    }

    fn accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(Waiting {
            digest: self.0.accumulator(args)?,
            values: Vec::new(),
        }))
    }

    fn supports_within_group_clause(&self) -> bool {
        self.0.supports_within_group_clause()
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.0.documentation()
    }
}

/// A digest and the values that it is yet to be given.
#[derive(Debug)]
struct Waiting {
    digest: Box<dyn Accumulator>,
    values: Vec<f64>,
}

impl Waiting {
    fn settle(&mut self) -> Result<()> {
        if self.values.is_empty() {
            return Ok(());
        }
        let values = Float64Array::from(std::mem::take(&mut self.values));
        self.digest.update_batch(&[Arc::new(values)])
    }
}

impl Accumulator for Waiting {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let numbers = values.first();
        let numbers = numbers.and_then(|values| values.as_primitive_opt::<Float64Type>());
        let Some(numbers) = numbers.filter(|numbers| numbers.null_count() == 0) else {
            return self.digest.update_batch(values);
        };
        self.values.extend_from_slice(numbers.values());
        if self.values.len() >= ENOUGH {
            self.settle()?;
        }
        Ok(())
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.digest.merge_batch(states)
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        self.settle()?;
        self.digest.state()
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        self.settle()?;
        self.digest.evaluate()
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.digest.size() + self.values.capacity() * size_of::<f64>()
    }
}

#[cfg(test)]
mod tests {
    use datafusion::prelude::SessionContext;

    use super::*;

    /// The percentiles of 5 groups whose values come one after another: so many batches, a few values of a group in each.
    async fn answer(context: &SessionContext) -> Vec<f64> {
        let query = "select approx_percentile_cont(case when value % 7 = 0 then null else value end, 0.9) as p from \
                     (select value % 5 as g, cast(value as double) as value from generate_series(1, 60000) as t(value)) group by g order by g";
        let batches = context.sql(query).await.unwrap().collect().await.unwrap();
        let column = batches[0].column(0).as_primitive::<Float64Type>().clone();
        column.values().to_vec()
    }

    #[tokio::test]
    async fn the_answer_is_as_near_as_that_of_the_engine() {
        let plain = answer(&SessionContext::new()).await;
        let context = SessionContext::new();
        context.register_udaf(quick_percentile());
        let quick = answer(&context).await;
        assert_eq!((plain.len(), quick.len()), (5, 5));
        for (plain, quick) in plain.iter().zip(&quick) {
            assert!((quick - 54_000.0).abs() < 300.0, "{quick}");
            assert!((quick - plain).abs() < 300.0, "{quick} beside {plain}");
        }
    }
}
