//! JSON functions that parse a text once, however many rows share it.
//!
//! What devices and services say of themselves repeats: Parquet keeps each distinct text once, and the rows of a batch point to it.
//! Asking such a column for a path costs a parse for each distinct text instead of one for each row.

use std::sync::Arc;

use datafusion::arrow::array::{Array, AsArray, StringViewArray, UInt32Array};
use datafusion::arrow::compute::take;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::Transformed;
use datafusion::common::{DFSchema, Result};
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::expr_rewriter::FunctionRewrite;
use datafusion::logical_expr::{ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF};

use super::wrapped::{Shortcut, Wrapped};

/// How all functions over JSON are called.
const PREFIX: &str = "json_";
/// Fewer rows are not worth the looking.
const FEWEST_ROWS: usize = 128;
/// Places of the table of texts seen; two texts that fall on one place are parsed more than once, and that is all.
const PLACES: usize = 4_096;

/// Puts the functions in place of the ones that they wrap.
#[derive(Debug)]
pub(crate) struct OncePerTextRewrite;

impl FunctionRewrite for OncePerTextRewrite {
    fn name(&self) -> &'static str {
        "once_per_text"
    }

    fn rewrite(&self, expr: Expr, _: &DFSchema, _: &ConfigOptions) -> Result<Transformed<Expr>> {
        match expr {
            Expr::ScalarFunction(ScalarFunction { func, args })
                if func.name().starts_with(PREFIX)
                    && !func.inner().is::<Wrapped<OncePerText>>() =>
            {
                let func = Arc::new(ScalarUDF::from(Wrapped(func, OncePerText)));
                let function = ScalarFunction { func, args };
                Ok(Transformed::yes(Expr::ScalarFunction(function)))
            }
            other => Ok(Transformed::no(other)),
        }
    }
}

/// For functions of a text and constants.
#[derive(Debug, PartialEq, Eq, Hash)]
struct OncePerText;

impl Shortcut for OncePerText {
    fn run(&self, function: &ScalarUDF, mut args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let Some(distinct) = distinct(&args) else {
            return function.invoke_with_args(args);
        };
        if let Some(ColumnarValue::Array(texts)) = args.args.first_mut() {
            *texts = take(texts, &distinct.rows, None)?;
        }
        args.number_rows = distinct.rows.len();
        match function.invoke_with_args(args)? {
            ColumnarValue::Array(answers) => {
                let answers = take(&answers, &distinct.of_row, None)?;
                Ok(ColumnarValue::Array(answers))
            }
            scalar @ ColumnarValue::Scalar(_) => Ok(scalar),
        }
    }
}

/// The texts of a column, each once.
struct Distinct {
    /// A row of each text.
    rows: UInt32Array,
    /// For each row of the column, the place of its text in `rows`.
    of_row: UInt32Array,
}

/// The distinct texts of the first argument, where there are few and the others are constants.
fn distinct(args: &ScalarFunctionArgs) -> Option<Distinct> {
    let (first, others) = args.args.split_first()?;
    let constant = |value: &ColumnarValue| matches!(value, ColumnarValue::Scalar(_));
    let ColumnarValue::Array(texts) = first else {
        return None;
    };
    let texts = texts.as_string_view_opt()?;
    if texts.len() < FEWEST_ROWS || !others.iter().all(constant) {
        return None;
    }
    distinct_texts(texts)
}

/// `None` as soon as more than half of the rows turn out to have a text of their own.
fn distinct_texts(texts: &StringViewArray) -> Option<Distinct> {
    let mut seen = vec![(0_u128, u32::MAX); PLACES];
    let mut rows: Vec<u32> = Vec::new();
    let mut of_row = Vec::with_capacity(texts.len());
    let mut absent = None;
    for (row, view) in texts.views().iter().enumerate() {
        let this = u32::try_from(row).ok()?;
        let next = u32::try_from(rows.len()).ok()?;
        let mut new = || {
            rows.push(this);
            next
        };
        if texts.is_null(row) {
            of_row.push(*absent.get_or_insert_with(new));
            continue;
        }
        // Equal views are equal texts: short ones stand in the view itself, long ones at the same place of the same buffer.
        let known = seen.get_mut(place(*view))?;
        if known.1 == u32::MAX || known.0 != *view {
            *known = (*view, new());
        }
        of_row.push(known.1);
        if row == FEWEST_ROWS && rows.len() > FEWEST_ROWS / 2 {
            return None;
        }
    }
    Some(Distinct {
        rows: rows.into(),
        of_row: of_row.into(),
    })
}

/// A place for a view: its upper half says where a long text lies, its lower half how it begins.
fn place(view: u128) -> usize {
    let folded = (view as u64) ^ ((view >> 64) as u64).rotate_left(21);
    (folded.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 52) as usize
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::array::ArrayRef;
    use datafusion::arrow::datatypes::{DataType, Field, FieldRef};
    use datafusion::common::ScalarValue;
    use proptest::prelude::*;

    use super::*;

    fn ask(function: &ScalarUDF, texts: &StringViewArray) -> ArrayRef {
        let text: FieldRef = Arc::new(Field::new("t", DataType::Utf8View, true));
        let path = ScalarValue::Utf8(Some("site".into()));
        let key: FieldRef = Arc::new(Field::new("k", DataType::Utf8, false));
        let kind = function
            .return_type(&[DataType::Utf8View, DataType::Utf8])
            .unwrap();
        let args = ScalarFunctionArgs {
            args: vec![
                ColumnarValue::Array(Arc::new(texts.clone())),
                ColumnarValue::Scalar(path),
            ],
            arg_fields: vec![text, key],
            number_rows: texts.len(),
            return_field: Arc::new(Field::new("r", kind, true)),
            config_options: Arc::default(),
        };
        let answer = function.invoke_with_args(args).unwrap();
        answer.into_array(texts.len()).unwrap()
    }

    proptest! {
        #[test]
        fn the_answers_are_those_of_the_function_itself(
            kinds in 1_usize..20,
            rows in prop::collection::vec((any::<bool>(), 0_usize..20), 0..600),
        ) {
            let long = |kind: usize| format!("{{\"site\":\"a hall with a long name {kind}\"}}");
            let short = |kind: usize| format!("{{\"a\":{kind}}}");
            let pool: StringViewArray = (0..kinds)
                .map(|kind| Some(if kind % 3 == 0 { short(kind) } else { long(kind) }))
                .collect();
            let chosen: UInt32Array = rows
                .iter()
                .map(|(there, kind)| there.then_some((kind % kinds) as u32))
                .collect();
            // Rows share the buffers of the pool, as the rows of a file share its dictionary.
            let texts = take(&pool, &chosen, None).unwrap();
            let texts = texts.as_string_view();
            for inner in [
                datafusion_functions_json::udfs::json_as_text_udf(),
                datafusion_functions_json::udfs::json_get_udf(),
                datafusion_functions_json::udfs::json_contains_udf(),
            ] {
                let wrapped = ScalarUDF::from(Wrapped(Arc::clone(&inner), OncePerText));
                prop_assert_eq!(&ask(&wrapped, texts), &ask(&inner, texts));
            }
        }
    }

    #[test]
    fn a_text_is_parsed_once_where_it_repeats_and_not_looked_for_where_it_does_not() {
        let pool: StringViewArray = ["{\"site\":\"a hall with a long name\"}", "{}"]
            .into_iter()
            .map(Some)
            .collect();
        let rows: UInt32Array = (0..1_000).map(|row| row % 2).collect();
        let repeated = take(&pool, &rows, None).unwrap();
        let found = distinct_texts(repeated.as_string_view()).unwrap();
        assert_eq!(found.rows.values(), &[0, 1]);
        assert_eq!(found.of_row.value(999), 1);
        let single: StringViewArray = (0..1_000).map(|row| Some(row.to_string())).collect();
        assert!(distinct_texts(&single).is_none());
    }
}
