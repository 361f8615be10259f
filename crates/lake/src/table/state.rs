//! A table's present state, swapped as a whole.

use std::sync::{Arc, PoisonError, RwLock};

use datafusion::arrow::datatypes::Schema;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::record_batch::RecordBatch;
use tokio::sync::Mutex;
use trunkline_log::Offset;
use trunkline_model::{Clock, IdGen};

use super::Hot;
use super::write::{Target, write_rows};
use crate::delta::{Change, Cold, DeltaFiles};
use crate::rows::TableRows;
use crate::schema::{Column, DAY};
use crate::{LakeError, Storage, TableSchema};

/// What a statement sees of a table: every offset is either in the files or in memory, never in both.
#[derive(Clone, Debug)]
pub(crate) struct View {
    /// The files.
    pub(crate) cold: Arc<Cold>,
    /// The rows that no file holds yet.
    pub(crate) hot: Hot,
}

/// A table of the lake.
#[derive(Debug)]
pub(crate) struct Table {
    name: String,
    pub(super) files: DeltaFiles,
    view: RwLock<Arc<View>>,
    /// Held while files are written or replaced, so that flush, compaction and erasure take turns.
    pub(super) turn: Mutex<()>,
}

impl Table {
    /// Opens the table called `name`, or makes it with a shape and the offset from which on it takes events of its type.
    pub(crate) async fn open(
        storage: &Storage,
        name: &str,
        otherwise: Option<(&TableSchema, Offset)>,
    ) -> Result<Self, LakeError> {
        let (files, cold) = DeltaFiles::open(storage, name, otherwise).await?;
        Ok(Self {
            name: name.into(),
            files,
            view: RwLock::new(Arc::new(View {
                cold: Arc::new(cold),
                hot: Hot::default(),
            })),
            turn: Mutex::new(()),
        })
    }

    /// Its name in SQL.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Its present state.
    pub(crate) fn view(&self) -> Arc<View> {
        Arc::clone(&self.view.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Its shape.
    pub(crate) fn schema(&self) -> Arc<TableSchema> {
        Arc::clone(&self.view().cold.schema)
    }

    fn swap(&self, change: impl FnOnce(&View) -> View) {
        let mut view = self.view.write().unwrap_or_else(PoisonError::into_inner);
        *view = Arc::new(change(&view));
    }

    /// Takes `cold` for the newest version: the rows that its files hold leave memory in the same step.
    ///
    /// Every version comes through here, since any of them may be the one that holds rows of a commit whose answer was lost.
    fn adopt(&self, cold: Cold) {
        self.swap(|view| View {
            hot: view.hot.after(cold.committed),
            cold: Arc::new(cold),
        });
    }

    /// Looks whether a commit up to `upto` that seemed to fail with `error` is on storage after all.
    async fn find_again(&self, upto: Offset, error: LakeError) -> Result<(), LakeError> {
        let Ok(cold) = self.files.refresh().await else {
            return Err(error);
        };
        let landed = cold.committed >= upto;
        self.adopt(cold);
        if landed { Ok(()) } else { Err(error) }
    }

    /// Shows rows that came from records ending at `next`; those that a file already holds are left out.
    pub(crate) fn show(&self, rows: &TableRows, next: Offset, now: trunkline_model::Timestamp) {
        let committed = self.view().cold.committed;
        let (rows, first) = (after(&rows.rows, committed), rows.first.max(committed));
        if rows.num_rows() > 0 {
            self.swap(|view| View {
                cold: Arc::clone(&view.cold),
                hot: view.hot.with(rows, first, next, now),
            });
        }
    }

    /// Writes the waiting rows to files and commits them; says how many there were.
    pub(crate) async fn flush(
        &self,
        storage: &Storage,
        clock: &dyn Clock,
        ids: &dyn IdGen,
    ) -> Result<usize, LakeError> {
        let _turn = self.turn.lock().await;
        self.swap(|view| View {
            cold: Arc::clone(&view.cold),
            hot: view.hot.sealed(),
        });
        let view = self.view();
        let Some(last) = view.hot.batches().last() else {
            return Ok(0);
        };
        let upto = last.next;
        let batches: Vec<RecordBatch> = view
            .hot
            .batches()
            .iter()
            .map(|batch| batch.rows.clone())
            .collect();
        let target = self.target(storage, clock, ids);
        let files = write_rows(&target, &view.cold.schema, batches).await?;
        let committed = self
            .files
            .commit(Change::Append(files, upto), clock.now())
            .await;
        match committed {
            Ok(cold) => self.adopt(cold),
            Err(error) => self.find_again(upto, error).await?,
        }
        Ok(view.hot.rows())
    }

    /// Where this table's files go.
    pub(super) fn target<'a>(
        &'a self,
        storage: &'a Storage,
        clock: &'a dyn Clock,
        ids: &'a dyn IdGen,
    ) -> Target<'a> {
        Target {
            storage,
            files: &self.files,
            clock,
            ids,
        }
    }

    /// Commits a change of files or of the shape, with the turn held by the caller.
    pub(super) async fn replace(&self, change: Change, clock: &dyn Clock) -> Result<(), LakeError> {
        let cold = self.files.commit(change, clock.now()).await?;
        self.adopt(cold);
        Ok(())
    }

    /// Adds columns; rows that wait are given nulls for them.
    pub(crate) async fn add_columns(
        &self,
        columns: Vec<Column>,
        clock: &dyn Clock,
    ) -> Result<(), LakeError> {
        let _turn = self.turn.lock().await;
        self.replace(Change::AddColumns(columns), clock).await
    }

    /// Sets how many days rows are kept; none is the lake's default.
    pub(crate) async fn retain(
        &self,
        days: Option<u32>,
        clock: &dyn Clock,
    ) -> Result<(), LakeError> {
        let _turn = self.turn.lock().await;
        self.replace(Change::Retain(days), clock).await
    }

    /// Drops files whose day lies before `day`; says how many rows went.
    pub(crate) async fn expire(&self, day: i32, clock: &dyn Clock) -> Result<u64, LakeError> {
        let _turn = self.turn.lock().await;
        let old: Vec<_> = self
            .view()
            .cold
            .files
            .iter()
            .filter(|file| file.day < day)
            .cloned()
            .collect();
        if old.is_empty() {
            return Ok(0);
        }
        let rows = old.iter().map(|file| file.rows).sum();
        let predicate = format!("{DAY} before {day} days since 1970-01-01");
        self.replace(Change::Remove(old, Vec::new(), predicate), clock)
            .await?;
        Ok(rows)
    }

    /// Looks for versions that another writer added, and deletes files that no version needs.
    pub(crate) async fn tidy(
        &self,
        vacuum_hours: u64,
        clock: &dyn Clock,
    ) -> Result<u64, LakeError> {
        let _turn = self.turn.lock().await;
        let cold = self.files.refresh().await?;
        self.adopt(cold);
        self.files.vacuum(vacuum_hours, clock.now()).await
    }
}

/// The rows whose offset is not below `offset`.
fn after(rows: &RecordBatch, offset: Offset) -> RecordBatch {
    use datafusion::arrow::array::AsArray;
    use datafusion::arrow::datatypes::Int64Type;
    let below = rows
        .column(0)
        .as_primitive_opt::<Int64Type>()
        .map_or(0, |offsets| {
            let offset = i64::try_from(offset.0).unwrap_or(i64::MAX);
            offsets.values().partition_point(|value| *value < offset)
        });
    rows.slice(below, rows.num_rows() - below)
}

/// `rows` in the columns of `schema`: new columns are null.
pub(crate) fn fit(rows: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, LakeError> {
    if Schema::eq(&rows.schema(), schema) {
        return Ok(rows.clone());
    }
    let columns = schema.fields().iter().map(|field| {
        rows.column_by_name(field.name())
            .cloned()
            .unwrap_or_else(|| {
                datafusion::arrow::array::new_null_array(field.data_type(), rows.num_rows())
            })
    });
    RecordBatch::try_new(Arc::clone(schema), columns.collect())
        .map_err(|error| LakeError::Internal(error.to_string()))
}
