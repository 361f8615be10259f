//! `date_trunc` over times in UTC, which all times of the lake are.
//!
//! DataFusion asks its time-zone database for each row of a column that names a zone. In UTC the answer is that of a column without
//! one, which is plain arithmetic: the zone is taken off before and put back after.

use std::sync::Arc;

use datafusion::arrow::array::{Array, AsArray};
use datafusion::arrow::datatypes::{DataType, TimeUnit, TimestampMicrosecondType};
use datafusion::error::Result;
use datafusion::functions::datetime::date_trunc;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF};

use super::wrapped::{Shortcut, Wrapped};

const UTC: &str = "UTC";

/// `date_trunc` that is quick in UTC.
#[must_use]
pub fn quick_date_trunc() -> ScalarUDF {
    ScalarUDF::from(Wrapped(date_trunc(), InUtc))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct InUtc;

impl Shortcut for InUtc {
    fn run(&self, function: &ScalarUDF, mut args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let mut in_utc = false;
        if let Some(ColumnarValue::Array(times)) = args.args.get_mut(1)
            && let DataType::Timestamp(TimeUnit::Microsecond, Some(zone)) = times.data_type()
            && &**zone == UTC
        {
            let bare = times.as_primitive::<TimestampMicrosecondType>().clone();
            let bare = bare.with_timezone_opt(None::<Arc<str>>);
            let kind = bare.data_type().clone();
            *times = Arc::new(bare);
            args.return_field = Arc::new(args.return_field.as_ref().clone().with_data_type(kind));
            in_utc = true;
        }
        match function.invoke_with_args(args)? {
            ColumnarValue::Array(times) if in_utc => {
                let times = times.as_primitive::<TimestampMicrosecondType>().clone();
                Ok(ColumnarValue::Array(Arc::new(times.with_timezone(UTC))))
            }
            other => Ok(other),
        }
    }
}
