//! A Delta table as the lake holds it: load, commit, change.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::TimeDelta;
use deltalake::kernel::transaction::{CommitBuilder, CommitProperties};
use deltalake::kernel::{Action, EagerSnapshot, MetadataExt, Transaction};
use deltalake::logstore::LogStoreRef;
use deltalake::protocol::{DeltaOperation, SaveMode};
use deltalake::{DeltaTable, DeltaTableError};
use futures::TryStreamExt;
use object_store::path::Path;
use tokio::sync::Mutex;
use trunkline_log::Offset;
use trunkline_model::Timestamp;

use super::shape::{RETENTION_DAYS, SINCE, properties, table_schema};
use super::statistics::planner_statistics;
use super::{ColdFile, NewFile, delta_field, delta_fields};
use crate::schema::{Column, DAY, TableSchema};
use crate::{LakeError, Storage};

/// The application id under which the log's offset stands in each table's commits.
const APPLICATION: &str = "trunkline-lake";

/// One version of a table on storage.
#[derive(Clone, Debug)]
pub(crate) struct Cold {
    /// The Delta version.
    pub(crate) version: u64,
    /// Its shape.
    pub(crate) schema: Arc<TableSchema>,
    /// The first offset whose rows it does not hold.
    pub(crate) committed: Offset,
    /// Its files, oldest day first.
    pub(crate) files: Arc<[ColdFile]>,
    /// Days that rows are kept, where the table says so itself.
    pub(crate) retention_days: Option<u32>,
    /// The offset from which on events of the table's type belong to it; earlier ones lie in `events`.
    pub(crate) since: Offset,
}

/// What a commit changes.
#[derive(Debug)]
pub(crate) enum Change {
    /// New rows from the log, up to an offset.
    Append(Vec<NewFile>, Offset),
    /// The same rows in other files.
    Compact(Vec<ColdFile>, Vec<NewFile>),
    /// Fewer rows.
    Remove(Vec<ColdFile>, Vec<NewFile>, String),
    /// More columns.
    AddColumns(Vec<Column>),
    /// Another retention.
    Retain(Option<u32>),
}

/// A Delta table and the newest version that this process knows.
#[derive(Debug)]
pub(crate) struct DeltaFiles {
    name: String,
    folder: Path,
    log_store: LogStoreRef,
    table: Mutex<DeltaTable>,
}

impl DeltaFiles {
    /// Opens the table called `name`, or makes it with the shape that `otherwise` gives.
    pub(crate) async fn open(
        storage: &Storage,
        name: &str,
        otherwise: Option<(&TableSchema, Offset)>,
    ) -> Result<(Self, Cold), LakeError> {
        let log_store = storage.log_store(name)?;
        let mut table = DeltaTable::new(Arc::clone(&log_store));
        if table.verify_deltatable_existence().await? {
            table.load().await?;
        } else {
            let (schema, since) = otherwise.ok_or_else(|| LakeError::UnknownTable(name.into()))?;
            table = deltalake::operations::create::CreateBuilder::new()
                .with_log_store(Arc::clone(&log_store))
                .with_table_name(name)
                .with_columns(delta_fields(schema))
                .with_partition_columns([DAY])
                .with_raise_if_key_not_exists(false)
                .with_configuration(properties(schema, since))
                .await?;
        }
        let files = Self {
            name: name.into(),
            folder: storage.table_path(name),
            log_store,
            table: Mutex::new(table),
        };
        let table = files.table.lock().await;
        let cold = files.cold(table.snapshot()?.snapshot()).await?;
        drop(table);
        Ok((files, cold))
    }

    /// Commits `change` and returns the version that holds it.
    pub(crate) async fn commit(&self, change: Change, now: Timestamp) -> Result<Cold, LakeError> {
        let mut table = self.table.lock().await;
        let state = table.snapshot()?;
        let millis = now.as_micros() / 1_000;
        let mut properties = CommitProperties::default();
        if let Change::Append(_, offset) = &change {
            let version = i64::try_from(offset.0).unwrap_or(i64::MAX);
            properties =
                properties.with_application_transaction(Transaction::new(APPLICATION, version));
        }
        let (actions, operation) = self.plan(change, state.snapshot(), millis)?;
        let committed = CommitBuilder::from(properties)
            .with_actions(actions)
            .build(Some(state), Arc::clone(&self.log_store), operation)
            .await?;
        table.state = Some(committed.snapshot());
        self.cold(table.snapshot()?.snapshot()).await
    }

    /// Looks for versions that another writer added.
    pub(crate) async fn refresh(&self) -> Result<Cold, LakeError> {
        let mut table = self.table.lock().await;
        table.update_incremental(None).await?;
        self.cold(table.snapshot()?.snapshot()).await
    }

    /// Deletes files that no version of the last `hours` needs, orphans of a crash included.
    pub(crate) async fn vacuum(&self, hours: u64, now: Timestamp) -> Result<u64, LakeError> {
        let table = self.table.lock().await.clone();
        let hours = i64::try_from(hours).unwrap_or(i64::MAX / 3_600_000);
        let (_, metrics) = table
            .vacuum()
            .with_mode(deltalake::operations::vacuum::VacuumMode::Full)
            .with_retention_period(TimeDelta::hours(hours))
            .with_enforce_retention_duration(false)
            .with_clock(Arc::new(Standing(now)))
            .await?;
        Ok(metrics.files_deleted.len() as u64)
    }

    fn plan(
        &self,
        change: Change,
        snapshot: &EagerSnapshot,
        millis: i64,
    ) -> Result<(Vec<Action>, DeltaOperation), LakeError> {
        let write = || DeltaOperation::Write {
            mode: SaveMode::Append,
            partition_by: Some(vec![DAY.into()]),
            predicate: None,
        };
        let adds = |files: Vec<NewFile>, data_change| {
            files
                .into_iter()
                .map(move |file| Action::Add(file.add(millis, data_change)))
        };
        let removes = |files: Vec<ColdFile>, data_change| {
            files
                .into_iter()
                .map(move |file| Action::Remove(remove(&file, millis, data_change)))
        };
        Ok(match change {
            Change::Append(files, _) => (adds(files, true).collect(), write()),
            Change::Compact(old, new) => (
                removes(old, false).chain(adds(new, false)).collect(),
                DeltaOperation::Optimize {
                    predicate: None,
                    target_size: 0,
                },
            ),
            Change::Remove(old, new, predicate) => (
                removes(old, true).chain(adds(new, true)).collect(),
                DeltaOperation::Delete {
                    predicate: Some(predicate),
                },
            ),
            Change::AddColumns(columns) => {
                let fields: Vec<_> = columns.iter().map(delta_field).collect();
                let present = snapshot.schema();
                let all = present.fields().cloned().chain(fields.clone());
                let schema = deltalake::kernel::StructType::try_new(all)
                    .map_err(|error| LakeError::InvalidColumn(error.to_string()))?;
                let metadata = snapshot
                    .metadata()
                    .clone()
                    .with_schema(&schema)
                    .map_err(DeltaTableError::from)?;
                (
                    vec![Action::Metadata(metadata)],
                    DeltaOperation::AddColumn { fields },
                )
            }
            Change::Retain(days) => {
                let days = days.map_or_else(|| "default".to_owned(), |days| days.to_string());
                let properties = HashMap::from([(RETENTION_DAYS.to_owned(), days.clone())]);
                let metadata = snapshot.metadata().clone();
                (
                    vec![Action::Metadata(
                        metadata
                            .add_config_key(RETENTION_DAYS.into(), days)
                            .map_err(DeltaTableError::from)?,
                    )],
                    DeltaOperation::SetTableProperties { properties },
                )
            }
        })
    }

    async fn cold(&self, snapshot: &EagerSnapshot) -> Result<Cold, LakeError> {
        let configuration = snapshot.metadata().configuration();
        let schema = table_schema(&self.name, &snapshot.schema(), configuration);
        let committed = snapshot
            .transaction_version(&*self.log_store, APPLICATION)
            .await?
            .and_then(|version| u64::try_from(version).ok())
            .unwrap_or_default();
        let views: Vec<_> = snapshot
            .file_views(&*self.log_store, None)
            .try_collect()
            .await?;
        let mut files: Vec<ColdFile> = views
            .iter()
            .map(|view| self.cold_file(&schema, add_action(view)))
            .collect();
        files.sort_by_key(|file| (file.day, file.modified));
        Ok(Cold {
            version: snapshot.version(),
            committed: Offset(committed),
            files: files.into(),
            retention_days: configuration
                .get(RETENTION_DAYS)
                .and_then(|days| days.parse().ok()),
            since: Offset(
                configuration
                    .get(SINCE)
                    .and_then(|since| since.parse().ok())
                    .unwrap_or_default(),
            ),
            schema: Arc::new(schema),
        })
    }

    fn cold_file(&self, schema: &TableSchema, add: deltalake::kernel::Add) -> ColdFile {
        let bytes = u64::try_from(add.size).unwrap_or_default();
        let day = add
            .partition_values
            .get(DAY)
            .and_then(Option::as_deref)
            .and_then(|day| format!("{day}T00:00:00Z").parse::<Timestamp>().ok())
            .map_or(0, Timestamp::day);
        let statistics = planner_statistics(schema, add.stats.as_deref(), bytes, day);
        let rows = statistics.num_rows.get_value().copied().unwrap_or_default() as u64;
        let relative = add.path.clone();
        let path = relative.split('/').fold(self.folder.clone(), Path::join);
        ColdFile {
            path,
            relative,
            bytes,
            rows,
            day,
            modified: add.modification_time,
            statistics: Arc::new(statistics),
            add,
        }
    }

    /// The folder of the table, from the root of the store.
    pub(crate) const fn folder(&self) -> &Path {
        &self.folder
    }
}

/// The entry of the log that added a file.
#[expect(
    deprecated,
    reason = "the columnar form has no replacement that carries partition values and statistics together"
)]
fn add_action(view: &deltalake::kernel::LogicalFileView) -> deltalake::kernel::Add {
    view.add_action()
}

/// The time at which a clean-up began, for the crate's own clock.
#[derive(Debug)]
struct Standing(Timestamp);

impl deltalake::operations::vacuum::Clock for Standing {
    fn current_timestamp_millis(&self) -> i64 {
        self.0.as_micros() / 1_000
    }
}

fn remove(file: &ColdFile, millis: i64, data_change: bool) -> deltalake::kernel::Remove {
    deltalake::kernel::Remove {
        path: file.relative.clone(),
        data_change,
        deletion_timestamp: Some(millis),
        extended_file_metadata: Some(true),
        partition_values: Some(file.add.partition_values.clone()),
        size: Some(file.add.size),
        tags: None,
        deletion_vector: None,
        base_row_id: None,
        default_row_commit_version: None,
    }
}
