//! Writing rows as Parquet files: one file a day, clustered, compressed.

use std::sync::Arc;

use bytes::Bytes;
use datafusion::arrow::array::{Array, AsArray, RecordBatch, UInt32Array};
use datafusion::arrow::compute::{concat_batches, take_record_batch};
use datafusion::arrow::datatypes::Date32Type;
use datafusion::arrow::row::{RowConverter, SortField};
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::arrow::arrow_writer::ArrowWriterOptions;
use datafusion::parquet::basic::{Compression, Encoding, ZstdLevel};
use datafusion::parquet::file::properties::{WriterProperties, WriterVersion};
use datafusion::parquet::schema::types::ColumnPath;
use object_store::ObjectStoreExt;
use trunkline_model::{Clock, IdGen, Timestamp};

use super::state::fit;
use crate::delta::{DeltaFiles, NewFile, file_statistics};
use crate::schema::{ColumnType, DAY, TableSchema};
use crate::{LakeError, Storage};

/// Rows of one row group: large enough to compress well, small enough for two threads to share a file and for pruning to bite.
const ROW_GROUP: usize = 262_144;

/// Writes `batches` as one file for each day and returns the files, which are not yet part of the table.
pub(super) async fn write_files(
    storage: &Storage,
    files: &DeltaFiles,
    schema: &Arc<TableSchema>,
    batches: Vec<RecordBatch>,
    clock: &dyn Clock,
    ids: &dyn IdGen,
) -> Result<Vec<NewFile>, LakeError> {
    let encoded = {
        let schema = Arc::clone(schema);
        tokio::task::spawn_blocking(move || encode_by_day(&schema, &batches))
            .await
            .map_err(|error| LakeError::Internal(error.to_string()))??
    };
    let mut written = Vec::with_capacity(encoded.len());
    for day in encoded {
        let date = Timestamp::from_millis(i64::from(day.day) * 86_400_000).to_string();
        let date: String = date.chars().take(10).collect();
        let folder = format!("{DAY}={date}");
        let name = format!("{}.parquet", ids.ulid(clock.now()));
        let path = files
            .folder()
            .clone()
            .join(folder.as_str())
            .join(name.as_str());
        let bytes = day.bytes.len() as u64;
        storage
            .root()
            .put(&path, day.bytes.into())
            .await
            .map_err(LakeError::storage("write a table's file"))?;
        written.push(NewFile {
            relative: format!("{folder}/{name}"),
            bytes,
            day: day.day,
            statistics: day.statistics,
        });
    }
    Ok(written)
}

struct EncodedDay {
    day: i32,
    bytes: Bytes,
    statistics: String,
}

fn encode_by_day(
    schema: &TableSchema,
    batches: &[RecordBatch],
) -> Result<Vec<EncodedDay>, LakeError> {
    let internal =
        |error: datafusion::arrow::error::ArrowError| LakeError::Internal(error.to_string());
    let arrow = schema.arrow();
    let fitted = batches
        .iter()
        .map(|batch| fit(batch, &arrow))
        .collect::<Result<Vec<_>, _>>()?;
    let rows = concat_batches(&arrow, &fitted).map_err(internal)?;
    let order = clustered_order(schema, &rows)?;
    let Some(days) = rows
        .column_by_name(DAY)
        .and_then(|days| days.as_primitive_opt::<Date32Type>())
    else {
        return Err(LakeError::Internal(format!(
            "rows of {} have no day",
            schema.name
        )));
    };
    let mut distinct: Vec<i32> = days.iter().flatten().collect();
    distinct.sort_unstable();
    distinct.dedup();
    let mut encoded = Vec::with_capacity(distinct.len());
    for day in distinct {
        let of_day = order
            .iter()
            .copied()
            .filter(|row| days.value(*row as usize) == day);
        let picked = UInt32Array::from_iter_values(of_day);
        let mut rows = take_record_batch(&rows, &picked).map_err(internal)?;
        // Delta keeps the partition's value in the log and in the path, not in the file.
        rows.remove_column(rows.num_columns() - 1);
        encoded.push(EncodedDay {
            day,
            statistics: file_statistics(schema, &rows),
            bytes: encode(schema, &rows)?,
        });
    }
    Ok(encoded)
}

/// The order in which rows lie in a file: by the table's cluster columns, then by offset.
fn clustered_order(schema: &TableSchema, rows: &RecordBatch) -> Result<Vec<u32>, LakeError> {
    let internal =
        |error: datafusion::arrow::error::ArrowError| LakeError::Internal(error.to_string());
    let count = u32::try_from(rows.num_rows()).unwrap_or(u32::MAX);
    let mut order: Vec<u32> = (0..count).collect();
    let keys: Vec<_> = schema
        .cluster_by
        .iter()
        .filter_map(|name| rows.column_by_name(name))
        .cloned()
        .collect();
    if keys.is_empty() {
        return Ok(order);
    }
    let fields = keys
        .iter()
        .map(|key| SortField::new(key.data_type().clone()))
        .collect();
    let converter = RowConverter::new(fields).map_err(internal)?;
    let converted = converter.convert_columns(&keys).map_err(internal)?;
    // A stable sort keeps rows with equal keys in the order of the log.
    order.sort_by(|a, b| converted.row(*a as usize).cmp(&converted.row(*b as usize)));
    Ok(order)
}

fn encode(schema: &TableSchema, rows: &RecordBatch) -> Result<Bytes, LakeError> {
    let internal =
        |error: datafusion::parquet::errors::ParquetError| LakeError::Internal(error.to_string());
    let mut properties = WriterProperties::builder()
        .set_created_by(concat!("trunkline ", env!("CARGO_PKG_VERSION")).into())
        .set_writer_version(WriterVersion::PARQUET_1_0)
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(3).map_err(internal)?))
        .set_max_row_group_row_count(Some(ROW_GROUP))
        .set_statistics_truncate_length(Some(64));
    for column in &schema.columns {
        if matches!(column.kind, ColumnType::Integer | ColumnType::Timestamp) {
            // Offsets and times ascend, so their differences are small; a dictionary of them would be as long as they are.
            let path = ColumnPath::from(column.name.as_str());
            properties = properties
                .set_column_dictionary_enabled(path.clone(), false)
                .set_column_encoding(path, Encoding::DELTA_BINARY_PACKED);
        }
    }
    let options = ArrowWriterOptions::new()
        .with_properties(properties.build())
        .with_skip_arrow_metadata(true);
    let mut writer =
        ArrowWriter::try_new_with_options(Vec::new(), rows.schema(), options).map_err(internal)?;
    writer.write(rows).map_err(internal)?;
    Ok(writer.into_inner().map_err(internal)?.into())
}
