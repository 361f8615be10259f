//! `approx_percentile_cont` that takes the values of a group many at a time.
//!
//! DataFusion's digest is put together anew each time that it is given values. Where groups are many a batch brings a few values for
//! each, and most of the time goes into digests. Here a group's values wait until there are enough of them.

use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Float64Array, new_empty_array,
};
use datafusion::arrow::datatypes::{DataType, FieldRef, Float64Type, Schema};
use datafusion::common::ScalarValue;
use datafusion::error::{DataFusionError, Result};
use datafusion::functions_aggregate::approx_percentile_cont::approx_percentile_cont_udaf;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, Documentation, EmitTo, GroupsAccumulator,
    Signature,
};
use datafusion::physical_expr::{PhysicalExpr, PhysicalSortExpr};

/// Values of a group that wait at the most: as many as several digests are large.
const ENOUGH: usize = 1_024;

/// `approx_percentile_cont` that is quick for many groups.
pub(crate) fn quick_percentile() -> AggregateUDF {
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
        self.0.accumulator(args)
    }

    fn groups_accumulator_supported(&self, args: AccumulatorArgs<'_>) -> bool {
        let values = args.expr_fields.first();
        !args.is_distinct && values.is_some_and(|field| *field.data_type() == DataType::Float64)
    }

    fn create_groups_accumulator(
        &self,
        args: AccumulatorArgs<'_>,
    ) -> Result<Box<dyn GroupsAccumulator>> {
        Ok(Box::new(Digests {
            maker: Maker::new(&self.0, &args),
            groups: Vec::new(),
            bytes: 0,
        }))
    }

    fn supports_within_group_clause(&self) -> bool {
        self.0.supports_within_group_clause()
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.0.documentation()
    }
}

/// Makes digests: what the engine says of a call, kept.
struct Maker {
    function: Arc<AggregateUDF>,
    return_field: FieldRef,
    schema: Schema,
    ignore_nulls: bool,
    order_bys: Vec<PhysicalSortExpr>,
    is_reversed: bool,
    name: String,
    exprs: Vec<Arc<dyn PhysicalExpr>>,
    expr_fields: Vec<FieldRef>,
}

impl Maker {
    fn new(function: &Arc<AggregateUDF>, args: &AccumulatorArgs<'_>) -> Self {
        Self {
            function: Arc::clone(function),
            return_field: Arc::clone(&args.return_field),
            schema: args.schema.clone(),
            ignore_nulls: args.ignore_nulls,
            order_bys: args.order_bys.to_vec(),
            is_reversed: args.is_reversed,
            name: args.name.to_owned(),
            exprs: args.exprs.to_vec(),
            expr_fields: args.expr_fields.to_vec(),
        }
    }

    fn digest(&self) -> Result<Box<dyn Accumulator>> {
        self.function.accumulator(AccumulatorArgs {
            return_field: Arc::clone(&self.return_field),
            schema: &self.schema,
            ignore_nulls: self.ignore_nulls,
            order_bys: &self.order_bys,
            is_reversed: self.is_reversed,
            name: &self.name,
            is_distinct: false,
            exprs: &self.exprs,
            expr_fields: &self.expr_fields,
        })
    }
}

/// One group: a digest and the values that it is yet to be given.
#[derive(Default)]
struct Group {
    values: Vec<f64>,
    digest: Option<Box<dyn Accumulator>>,
}

impl Group {
    /// Its digest, with all its values in it.
    fn settled(&mut self, maker: &Maker) -> Result<&mut Box<dyn Accumulator>> {
        let digest = match &mut self.digest {
            Some(digest) => digest,
            none => none.insert(maker.digest()?),
        };
        if !self.values.is_empty() {
            let values = Float64Array::from(std::mem::take(&mut self.values));
            digest.update_batch(&[Arc::new(values)])?;
        }
        Ok(digest)
    }
}

/// The digests of all groups.
struct Digests {
    maker: Maker,
    groups: Vec<Group>,
    /// What waiting values and digests take, about.
    bytes: usize,
}

impl Digests {
    fn reach(&mut self, groups: usize) {
        if self.groups.len() < groups {
            self.groups.resize_with(groups, Group::default);
        }
    }

    fn taken(&mut self, emit_to: EmitTo) -> Vec<Group> {
        let all = self.groups.len().max(1);
        let taken = emit_to.take_needed(&mut self.groups);
        self.bytes = self.bytes / all * self.groups.len();
        taken
    }

    fn states(&self, groups: Vec<Group>) -> Result<Vec<ArrayRef>> {
        if groups.is_empty() {
            // The columns are those of a group, without rows.
            let one = self.states(vec![Group::default()])?;
            return Ok(one.iter().map(|column| column.slice(0, 0)).collect());
        }
        let mut columns: Vec<Vec<ScalarValue>> = Vec::new();
        for mut group in groups {
            let state = group.settled(&self.maker)?.state()?;
            columns.resize_with(state.len(), Vec::new);
            for (column, value) in columns.iter_mut().zip(state) {
                column.push(value);
            }
        }
        columns
            .into_iter()
            .map(ScalarValue::iter_to_array)
            .collect()
    }
}

/// The values that count, with their places.
fn counted<'a>(
    values: &'a [ArrayRef],
    filter: Option<&'a BooleanArray>,
) -> Result<impl Iterator<Item = (usize, f64)> + 'a> {
    let values = values.first();
    let values = values.and_then(|values| values.as_primitive_opt::<Float64Type>());
    let values = values.ok_or_else(|| DataFusionError::Internal("not a Float64".into()))?;
    let wanted = move |row: usize| {
        values.is_valid(row)
            && filter.is_none_or(|filter| filter.is_valid(row) && filter.value(row))
    };
    let values = values.values().iter().copied().enumerate();
    Ok(values.filter(move |(row, _)| wanted(*row)))
}

impl GroupsAccumulator for Digests {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        opt_filter: Option<&BooleanArray>,
        total_num_groups: usize,
    ) -> Result<()> {
        self.reach(total_num_groups);
        for (row, value) in counted(values, opt_filter)? {
            let group = group_indices.get(row);
            let Some(group) = group.and_then(|group| self.groups.get_mut(*group)) else {
                continue;
            };
            group.values.push(value);
            self.bytes += size_of::<f64>();
            if group.values.len() >= ENOUGH {
                self.bytes -= group.values.len() * size_of::<f64>();
                let before = group.digest.as_ref().map_or(0, |digest| digest.size());
                self.bytes += group.settled(&self.maker)?.size().saturating_sub(before);
            }
        }
        Ok(())
    }

    fn merge_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        total_num_groups: usize,
    ) -> Result<()> {
        self.reach(total_num_groups);
        for (row, group) in group_indices.iter().enumerate() {
            let Some(group) = self.groups.get_mut(*group) else {
                continue;
            };
            let state: Vec<_> = values.iter().map(|column| column.slice(row, 1)).collect();
            let before = group.digest.as_ref().map_or(0, |digest| digest.size());
            let digest = group.settled(&self.maker)?;
            digest.merge_batch(&state)?;
            self.bytes += digest.size().saturating_sub(before);
        }
        Ok(())
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        let groups = self.taken(emit_to);
        self.states(groups)
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let mut answers = Vec::new();
        for mut group in self.taken(emit_to) {
            answers.push(group.settled(&self.maker)?.evaluate()?);
        }
        if answers.is_empty() {
            return Ok(new_empty_array(self.maker.return_field.data_type()));
        }
        ScalarValue::iter_to_array(answers)
    }

    fn convert_to_state(
        &self,
        values: &[ArrayRef],
        opt_filter: Option<&BooleanArray>,
    ) -> Result<Vec<ArrayRef>> {
        let rows = values.first().map_or(0, Array::len);
        let mut groups: Vec<Group> = Vec::new();
        groups.resize_with(rows, Group::default);
        for (row, value) in counted(values, opt_filter)? {
            if let Some(group) = groups.get_mut(row) {
                group.values.push(value);
            }
        }
        self.states(groups)
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.groups.capacity() * size_of::<Group>() + self.bytes
    }
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::datatypes::Int64Type;
    use datafusion::prelude::SessionContext;

    use super::*;

    /// The percentiles of 5 groups whose values come one after another: so many batches, a few values of a group in each.
    async fn answer(context: &SessionContext) -> Vec<f64> {
        let query = "select approx_percentile_cont(case when value % 7 = 0 then null else value end, 0.9) filter (where value % 11 > 0) as p from \
                     (select value % 5 as g, cast(value as double) as value from generate_series(1, 60000) as t(value)) group by g order by g";
        let batches = context.sql(query).await.unwrap().collect().await.unwrap();
        let column = batches[0].column(0).as_primitive::<Float64Type>().clone();
        column.values().to_vec()
    }

    #[tokio::test]
    async fn a_group_for_each_value_has_that_value() {
        let context = SessionContext::new();
        context.register_udaf(quick_percentile());
        let query = "select count(*) from (select value, approx_percentile_cont(cast(value as double), 0.5) as p \
                     from generate_series(1, 300000) as t(value) group by value) where p = value";
        let batches = context.sql(query).await.unwrap().collect().await.unwrap();
        let column = batches[0].column(0).as_primitive::<Int64Type>().clone();
        assert_eq!(column.value(0), 300_000);
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
