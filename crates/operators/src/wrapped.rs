//! Scalar functions of the engine that are run in another way.

use std::fmt::Debug;
use std::hash::Hash;
use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, FieldRef};
use datafusion::error::Result;
use datafusion::logical_expr::sort_properties::{ExprProperties, SortProperties};
use datafusion::logical_expr::{
    ColumnarValue, Documentation, ExpressionPlacement, ReturnFieldArgs, ScalarFunctionArgs,
    ScalarUDF, ScalarUDFImpl, Signature,
};

/// How a function is run instead; it has to give the same answers.
pub(crate) trait Shortcut: Debug + Eq + Hash + Send + Sync + 'static {
    /// Runs `function`, or does what it would.
    fn run(&self, function: &ScalarUDF, args: ScalarFunctionArgs) -> Result<ColumnarValue>;
}

/// A function with a shortcut; in all else it is the function.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct Wrapped<S>(pub(crate) Arc<ScalarUDF>, pub(crate) S);

impl<S: Shortcut> ScalarUDFImpl for Wrapped<S> {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn aliases(&self) -> &[String] {
        self.0.aliases()
    }

    fn signature(&self) -> &Signature {
        self.0.signature()
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        self.0.return_type(types)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        self.0.return_field_from_args(args)
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        self.0.coerce_types(types)
    }

    fn output_ordering(&self, inputs: &[ExprProperties]) -> Result<SortProperties> {
        self.0.inner().output_ordering(inputs)
    }

    fn placement(&self, args: &[ExpressionPlacement]) -> ExpressionPlacement {
        self.0.placement(args)
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.0.documentation()
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        self.1.run(&self.0, args)
    }
}
