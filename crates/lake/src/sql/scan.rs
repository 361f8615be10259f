//! The plan that reads files and waiting rows.

use std::cmp::Reverse;
use std::sync::Arc;

use datafusion::arrow::compute::SortOptions;
use datafusion::arrow::datatypes::{Field, Schema, SchemaRef};
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::catalog::Session;
use datafusion::common::{DFSchema, ScalarValue};
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::datasource::physical_plan::parquet::CachedParquetFileReaderFactory;
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::datasource::table_schema::TableSchema;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{Expr, SortExpr};
use datafusion::physical_expr::{LexOrdering, PhysicalExpr, PhysicalSortExpr};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;
use datafusion::physical_plan::sorts::sort_preserving_merge::SortPreservingMergeExec;
use datafusion::physical_plan::union::UnionExec;
use datafusion::prelude::{ident, lit};
use object_store::ObjectMeta;
use trunkline_operators::quick_date_trunc;

use super::catalog::Reach;
use super::prune::prune;
use crate::Storage;
use crate::delta::ColdFile;
use crate::schema::{DAY, OFFSET, TIME, TableSchema as LakeSchema};
use crate::table::fit;

/// Bytes of a file that a thread takes at a time: a few row groups.
const PIECE_BYTES: usize = 4 << 20;

/// What is to be read.
pub(super) struct Scan<'a> {
    /// The columns of the table.
    pub(super) arrow: &'a SchemaRef,
    /// Its files.
    pub(super) files: &'a [ColdFile],
    /// Its rows that no file holds.
    pub(super) rows: Vec<RecordBatch>,
    /// The wanted columns.
    pub(super) projection: Option<&'a Vec<usize>>,
    /// What wanted rows have in common; rows that do not may still come.
    pub(super) filters: &'a [Expr],
    /// How many rows are enough.
    pub(super) limit: Option<usize>,
}

/// Plans the scan: files that cannot hold a wanted row are left out.
pub(super) fn scan(
    session: &dyn Session,
    reach: &Reach,
    wanted: &Scan<'_>,
) -> Result<Arc<dyn ExecutionPlan>> {
    let predicate = match conjunction(wanted.filters.iter().cloned()) {
        Some(filter) => {
            let schema = DFSchema::try_from(Arc::clone(wanted.arrow))?;
            Some(session.create_physical_expr(filter, &schema)?)
        }
        None => None,
    };
    let files = match &predicate {
        Some(predicate) => prune(wanted.arrow, wanted.files, predicate)?,
        None => wanted.files.iter().collect(),
    };
    let mut parts: Vec<Arc<dyn ExecutionPlan>> = Vec::new();
    if !files.is_empty() {
        let groups = group(&files, session.config_options().execution.target_partitions);
        parts.push(scan_files(session, reach, wanted, groups, predicate)?);
    }
    if !wanted.rows.is_empty() {
        parts.push(scan_rows(session, wanted)?);
    }
    match parts.len() {
        0 => {
            let schema = match wanted.projection {
                Some(projection) => Arc::new(wanted.arrow.project(projection)?),
                None => Arc::clone(wanted.arrow),
            };
            Ok(Arc::new(EmptyExec::new(schema)))
        }
        1 => Ok(parts.remove(0)),
        _ => UnionExec::try_new(parts),
    }
}

/// By what the rows of each file are ordered, the last a tie-breaker; nulls come first.
pub(super) fn file_order(schema: &LakeSchema) -> Vec<SortExpr> {
    let hour = schema
        .clusters_by_hour()
        .then(|| quick_date_trunc().call(vec![lit("hour"), ident(TIME)]));
    let columns = schema.cluster_by.iter().map(String::as_str);
    let columns = columns.chain(std::iter::once(OFFSET)).map(ident);
    let order = hour.into_iter().chain(columns);
    order
        .map(|expression| expression.sort(true, true))
        .collect()
}

/// Plans a merge of all rows of `files` in the order that each of them has.
pub(super) fn merge(
    session: &dyn Session,
    reach: &Reach,
    schema: &LakeSchema,
    files: &[ColdFile],
) -> Result<Arc<dyn ExecutionPlan>> {
    let arrow = schema.arrow();
    let wanted = Scan {
        arrow: &arrow,
        files,
        rows: Vec::new(),
        projection: None,
        filters: &[],
        limit: None,
    };
    let one_each = files
        .iter()
        .map(|file| FileGroup::new(vec![partitioned(file)]));
    let input = scan_files(session, reach, &wanted, one_each.collect(), None)?;
    let columns = DFSchema::try_from(Arc::clone(&arrow))?;
    let order = file_order(schema)
        .into_iter()
        .map(|sort| {
            let options = SortOptions::new(!sort.asc, sort.nulls_first);
            let expression = session.create_physical_expr(sort.expr, &columns)?;
            Ok(PhysicalSortExpr::new(expression, options))
        })
        .collect::<Result<Vec<_>>>()?;
    let order = LexOrdering::new(order)
        .ok_or_else(|| DataFusionError::Internal("a file without an order".into()))?;
    Ok(Arc::new(SortPreservingMergeExec::new(order, input)))
}

fn scan_files(
    session: &dyn Session,
    reach: &Reach,
    wanted: &Scan<'_>,
    groups: Vec<FileGroup>,
    predicate: Option<Arc<dyn PhysicalExpr>>,
) -> Result<Arc<dyn ExecutionPlan>> {
    let in_file: Vec<_> = wanted
        .arrow
        .fields()
        .iter()
        .filter(|field| field.name() != DAY)
        .cloned()
        .collect();
    let day = Arc::new(Field::new(
        DAY,
        datafusion::arrow::datatypes::DataType::Date32,
        false,
    ));
    let table = TableSchema::builder(Arc::new(Schema::new(in_file)))
        .with_table_partition_cols(vec![day])
        .build();
    let factory = CachedParquetFileReaderFactory::new(
        Arc::clone(reach.storage.root()),
        Arc::clone(&reach.footers),
    );
    let mut source = ParquetSource::new(table)
        .with_table_parquet_options(session.table_options().parquet.clone())
        .with_parquet_file_reader_factory(Arc::new(factory));
    if let Some(predicate) = predicate {
        source = source.with_predicate(predicate);
    }
    let url =
        Storage::statement_url().map_err(|error| DataFusionError::External(Box::new(error)))?;
    let config = FileScanConfigBuilder::new(url, Arc::new(source))
        .with_file_groups(groups)
        .with_projection_indices(wanted.projection.cloned())?
        .with_limit(wanted.limit)
        .build();
    Ok(DataSourceExec::from_data_source(config))
}

/// Deals files in pieces to `count` groups that are about as large as one another.
///
/// The newest come first: a file's rows are ordered by hour, and what wants the latest rows can then leave out the others. A thread
/// that is done with its pieces takes another's, so pieces that are no work, because nothing in them is wanted, do no harm.
fn group(files: &[&ColdFile], count: usize) -> Vec<FileGroup> {
    let mut pieces: Vec<_> = files
        .iter()
        .flat_map(|file| {
            let starts = (0..file.bytes).step_by(PIECE_BYTES);
            starts.map(|start| (*file, start, (start + PIECE_BYTES as u64).min(file.bytes)))
        })
        .collect();
    pieces.sort_by_key(|(file, start, _)| Reverse((file.day, *start)));
    let bytes: u64 = files.iter().map(|file| file.bytes).sum();
    let share = bytes.div_ceil(count.max(1) as u64);
    let mut groups = vec![Vec::new()];
    let mut dealt = 0;
    for (file, start, end) in pieces {
        if dealt >= share * groups.len() as u64 {
            groups.push(Vec::new());
        }
        dealt += end - start;
        let whole = end - start == file.bytes;
        let piece = match whole {
            true => partitioned(file),
            false => partitioned(file).with_range(start.cast_signed(), end.cast_signed()),
        };
        if let Some(group) = groups.last_mut() {
            group.push(piece);
        }
    }
    groups.into_iter().map(FileGroup::new).collect()
}

fn partitioned(file: &ColdFile) -> PartitionedFile {
    let modified = chrono::DateTime::from_timestamp_millis(file.modified).unwrap_or_default();
    let meta = ObjectMeta {
        location: file.path.clone(),
        last_modified: modified,
        size: file.bytes,
        e_tag: None,
        version: None,
    };
    PartitionedFile::new_from_meta(meta)
        .with_partition_values(vec![ScalarValue::Date32(Some(file.day))])
        .with_statistics(Arc::clone(&file.statistics))
}

fn scan_rows(session: &dyn Session, wanted: &Scan<'_>) -> Result<Arc<dyn ExecutionPlan>> {
    let mut partitions = vec![
        Vec::new();
        session
            .config_options()
            .execution
            .target_partitions
            .clamp(1, wanted.rows.len())
    ];
    let count = partitions.len();
    for (index, rows) in wanted.rows.iter().enumerate() {
        let rows =
            fit(rows, wanted.arrow).map_err(|error| DataFusionError::External(Box::new(error)))?;
        if let Some(partition) = partitions.get_mut(index % count) {
            partition.push(rows);
        }
    }
    let source = MemorySourceConfig::try_new(
        &partitions,
        Arc::clone(wanted.arrow),
        wanted.projection.cloned(),
    )?
    .with_limit(wanted.limit);
    Ok(DataSourceExec::from_data_source(source))
}
