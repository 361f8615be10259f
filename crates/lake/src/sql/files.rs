//! Reading chosen files outside of any statement: for compaction and erasure.

use std::sync::Arc;

use datafusion::arrow::record_batch::RecordBatch;
use datafusion::dataframe::DataFrame;

use super::provider::LakeTable;
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

/// All rows of `files`.
pub(crate) async fn read_files(
    lake: &Lake,
    schema: &TableSchema,
    files: &[ColdFile],
) -> Result<Vec<RecordBatch>, LakeError> {
    Ok(frame(lake, schema, files)?.collect().await?)
}

/// The rows of `files` for which `predicate` is true.
pub(crate) async fn read_matching(
    lake: &Lake,
    schema: &TableSchema,
    files: &[ColdFile],
    predicate: &str,
) -> Result<Vec<RecordBatch>, LakeError> {
    Ok(matching(lake, schema, files, predicate)?.collect().await?)
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
