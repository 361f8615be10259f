//! What is left of a stream, as the input of another operator.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::error::Result;
use datafusion::execution::TaskContext;
use datafusion::physical_plan::SendableRecordBatchStream;
use datafusion::physical_plan::stream::EmptyRecordBatchStream;
use datafusion::physical_plan::streaming::{PartitionStream, StreamingTableExec};

/// A stream that can be read once.
struct Rest {
    schema: SchemaRef,
    rows: Mutex<Option<SendableRecordBatchStream>>,
}

/// A plan of one partition that reads `rows`, once.
pub(super) fn rest_of(rows: SendableRecordBatchStream) -> Result<StreamingTableExec> {
    let schema = rows.schema();
    let rest = Rest {
        schema: Arc::clone(&schema),
        rows: Mutex::new(Some(rows)),
    };
    StreamingTableExec::try_new(schema, vec![Arc::new(rest)], None, [], false, None)
}

impl fmt::Debug for Rest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rest").finish_non_exhaustive()
    }
}

impl PartitionStream for Rest {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        let none = || Box::pin(EmptyRecordBatchStream::new(Arc::clone(&self.schema))) as _;
        rows.take().unwrap_or_else(none)
    }
}
