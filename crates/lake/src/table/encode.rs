//! One day's rows as one Parquet file.

use std::sync::Arc;

use bytes::Bytes;
use datafusion::arrow::array::RecordBatch;
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::arrow::arrow_writer::ArrowWriterOptions;
use datafusion::parquet::basic::{Compression, Encoding, ZstdLevel};
use datafusion::parquet::errors::ParquetError;
use datafusion::parquet::file::properties::{WriterProperties, WriterVersion};
use datafusion::parquet::schema::types::ColumnPath;

use crate::LakeError;
use crate::delta::FileStatistics;
use crate::schema::{ColumnType, DAY, TableSchema};

/// Rows of one row group: large enough to compress well, small enough for two threads to share a file and for pruning to bite.
const ROW_GROUP: usize = 262_144;

/// A file under way. It holds what is encoded so far and one row group.
pub(super) struct DayFile {
    day: i32,
    writer: ArrowWriter<Vec<u8>>,
    statistics: FileStatistics,
}

/// A whole file, not yet on storage.
pub(super) struct EncodedDay {
    /// Days since the epoch.
    pub(super) day: i32,
    pub(super) bytes: Bytes,
    /// Delta's JSON.
    pub(super) statistics: String,
}

impl DayFile {
    /// An empty file for rows that the log took on `day`.
    pub(super) fn new(schema: &TableSchema, day: i32) -> Result<Self, LakeError> {
        let mut in_file = schema.arrow().fields().to_vec();
        // Delta keeps the partition's value in the log and in the path, not in the file.
        in_file.retain(|field| field.name() != DAY);
        let in_file = Arc::new(datafusion::arrow::datatypes::Schema::new(in_file));
        let options = ArrowWriterOptions::new()
            .with_properties(properties(schema)?)
            .with_skip_arrow_metadata(true);
        Ok(Self {
            day,
            writer: ArrowWriter::try_new_with_options(Vec::new(), in_file, options)
                .map_err(internal)?,
            statistics: FileStatistics::new(schema),
        })
    }

    /// Adds rows of that day, which have all columns of the table and come in the order of the file.
    pub(super) fn add(&mut self, rows: &RecordBatch) -> Result<(), LakeError> {
        let mut rows = rows.clone();
        if let Some((place, _)) = rows.schema().column_with_name(DAY) {
            rows.remove_column(place);
        }
        self.statistics.add(&rows);
        self.writer.write(&rows).map_err(internal)
    }

    /// Ends the file.
    pub(super) fn finish(self) -> Result<EncodedDay, LakeError> {
        Ok(EncodedDay {
            day: self.day,
            bytes: self.writer.into_inner().map_err(internal)?.into(),
            statistics: self.statistics.json(),
        })
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the shape that `map_err` wants"
)]
fn internal(error: ParquetError) -> LakeError {
    LakeError::Internal(error.to_string())
}

fn properties(schema: &TableSchema) -> Result<WriterProperties, LakeError> {
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
    Ok(properties.build())
}
