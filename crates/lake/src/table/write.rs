//! Writing rows as Parquet files: one file a day, clustered, compressed.

use std::sync::Arc;

use datafusion::arrow::array::{AsArray, RecordBatch, UInt32Array};
use datafusion::arrow::compute::{concat_batches, take_record_batch};
use datafusion::arrow::datatypes::Date32Type;
use datafusion::arrow::error::ArrowError;
use datafusion::execution::SendableRecordBatchStream;
use futures::TryStreamExt;
use object_store::ObjectStoreExt;
use trunkline_model::{Clock, IdGen, Timestamp};

use super::encode::{DayFile, EncodedDay};
use super::order;
use super::state::fit;
use crate::delta::{DeltaFiles, NewFile};
use crate::schema::{DAY, TableSchema};
use crate::{LakeError, Storage};

/// Rows that are sorted into place at a time, once their order is known.
const STEP: usize = 65_536;
/// Batches that may wait for the encoder.
const AHEAD: usize = 4;

/// Where files go, and what they are named by.
pub(super) struct Target<'a> {
    pub(super) storage: &'a Storage,
    pub(super) files: &'a DeltaFiles,
    pub(super) clock: &'a dyn Clock,
    pub(super) ids: &'a dyn IdGen,
}

/// Writes `batches`, in any order, as one file for each day; the files are not yet part of the table.
pub(super) async fn write_rows(
    target: &Target<'_>,
    schema: &Arc<TableSchema>,
    batches: Vec<RecordBatch>,
) -> Result<Vec<NewFile>, LakeError> {
    let schema = Arc::clone(schema);
    let encoded = blocking(move || encode_by_day(&schema, &batches)).await?;
    let mut written = Vec::with_capacity(encoded.len());
    for day in encoded {
        written.push(target.put(day).await?);
    }
    Ok(written)
}

/// Writes rows of one day that come in the order of a file, without holding more of them than a row group; no file for no rows.
pub(super) async fn write_ordered(
    target: &Target<'_>,
    schema: &Arc<TableSchema>,
    day: i32,
    mut rows: SendableRecordBatchStream,
) -> Result<Option<NewFile>, LakeError> {
    let (sender, mut receiver) = tokio::sync::mpsc::channel::<RecordBatch>(AHEAD);
    let schema = Arc::clone(schema);
    let encoder = blocking(move || {
        let mut file = DayFile::new(&schema, day)?;
        let mut any = false;
        while let Some(batch) = receiver.blocking_recv() {
            any |= batch.num_rows() > 0;
            file.add(&batch)?;
        }
        any.then(|| file.finish()).transpose()
    });
    let feeder = async move {
        while let Some(batch) = rows.try_next().await? {
            if sender.send(batch).await.is_err() {
                // The encoder has failed and says why.
                break;
            }
        }
        Ok(())
    };
    let (encoded, fed): (_, Result<(), LakeError>) = tokio::join!(encoder, feeder);
    fed?;
    match encoded? {
        Some(day) => target.put(day).await.map(Some),
        None => Ok(None),
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, LakeError> + Send + 'static,
) -> Result<T, LakeError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| LakeError::Internal(error.to_string()))?
}

impl Target<'_> {
    async fn put(&self, day: EncodedDay) -> Result<NewFile, LakeError> {
        let date = Timestamp::from_millis(i64::from(day.day) * 86_400_000).date();
        let folder = format!("{DAY}={date}");
        let name = format!("{}.parquet", self.ids.ulid(self.clock.now()));
        let path = self.files.folder().clone();
        let path = path.join(folder.as_str()).join(name.as_str());
        let bytes = day.bytes.len() as u64;
        self.storage
            .root()
            .put(&path, day.bytes.into())
            .await
            .map_err(LakeError::storage("write a table's file"))?;
        Ok(NewFile {
            relative: format!("{folder}/{name}"),
            bytes,
            day: day.day,
            statistics: day.statistics,
        })
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the shape that `map_err` wants"
)]
fn internal(error: ArrowError) -> LakeError {
    LakeError::Internal(error.to_string())
}

fn encode_by_day(
    schema: &TableSchema,
    batches: &[RecordBatch],
) -> Result<Vec<EncodedDay>, LakeError> {
    let arrow = schema.arrow();
    let fitted = batches
        .iter()
        .map(|batch| fit(batch, &arrow))
        .collect::<Result<Vec<_>, _>>()?;
    let rows = concat_batches(&arrow, &fitted).map_err(internal)?;
    drop(fitted);
    let order = order::clustered(schema, &rows).map_err(internal)?;
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
        let mut file = DayFile::new(schema, day)?;
        let of_day: Vec<u32> = order
            .iter()
            .copied()
            .filter(|row| days.value(*row as usize) == day)
            .collect();
        for picked in of_day.chunks(STEP) {
            let picked = UInt32Array::from(picked.to_vec());
            file.add(&take_record_batch(&rows, &picked).map_err(internal)?)?;
        }
        encoded.push(file.finish()?);
    }
    Ok(encoded)
}
