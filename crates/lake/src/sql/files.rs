//! Reading chosen files outside of any statement: for compaction and erasure.

use std::sync::Arc;

use datafusion::dataframe::DataFrame;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::physical_plan::execute_stream;

use super::provider::LakeTable;
use super::scan::{file_order, merge};
use crate::delta::ColdFile;
use crate::schema::TableSchema;
use crate::{Lake, LakeError};

fn frame(lake: &Lake, schema: &TableSchema, files: &[ColdFile]) -> Result<DataFrame, LakeError> {
    let engine = lake.engine();
    let table = LakeTable::of_files(schema, files, engine.reach.clone());
    Ok(engine.context().read_table(Arc::new(table))?)
}

fn matching(
    lake: &Lake,
    schema: &TableSchema,
    files: &[ColdFile],
    predicate: &str,
) -> Result<DataFrame, LakeError> {
    let frame = frame(lake, schema, files)?;
    let filter = frame.parse_sql_expr(predicate)?;
    Ok(frame.filter(filter)?)
}

/// All rows of `files`, in the order in which each of them has its own. It holds a few batches of each file.
pub(crate) fn merged_rows(
    lake: &Lake,
    schema: &TableSchema,
    files: &[ColdFile],
) -> Result<SendableRecordBatchStream, LakeError> {
    let engine = lake.engine();
    let plan = merge(&engine.context().state(), &engine.reach, schema, files)?;
    Ok(execute_stream(plan, engine.context().task_ctx())?)
}

/// The rows of `files` for which `predicate` is true, in the order of a file.
pub(crate) async fn matching_rows(
    lake: &Lake,
    schema: &TableSchema,
    files: &[ColdFile],
    predicate: &str,
) -> Result<SendableRecordBatchStream, LakeError> {
    let rows = matching(lake, schema, files, predicate)?.sort(file_order(schema))?;
    Ok(rows.execute_stream().await?)
}

/// How many rows of `files` there are for which `predicate` is true.
pub(crate) async fn count_matches(
    lake: &Lake,
    schema: &TableSchema,
    files: &[ColdFile],
    predicate: &str,
) -> Result<u64, LakeError> {
    Ok(matching(lake, schema, files, predicate)?.count().await? as u64)
}
