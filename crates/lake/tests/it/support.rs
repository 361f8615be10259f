//! A lake in a temporary folder, fed with readings.

use std::path::Path;
use std::sync::Arc;

use datafusion::arrow::record_batch::RecordBatch;
use futures::TryStreamExt;
use tempfile::TempDir;
use trunkline_lake::{
    AllVisible, ColumnType, Decode, Lake, LakeConfig, LakeError, Parts, Query, RowSink, Statement,
    Storage, TableBuilder, tables,
};
use trunkline_log::{Batch, DiskLog, EventLog, LogConfig, Offset, Record, RecordKind};
use trunkline_model::{Clock, ManualClock, SeededIds, Timestamp};

/// Reads messages of the form `device,value` as telemetry, and `type:key=value;key=value` as an event of a registered type.
#[derive(Debug)]
pub(crate) struct Lines;

impl Decode for Lines {
    fn decode(&self, record: &Record, sink: &mut RowSink) {
        for (offset, message) in record.messages() {
            let text = String::from_utf8_lossy(message);
            assert!(text != "panic", "a decoder with a fault");
            if let Some((event_type, data)) = text.split_once(':') {
                if let Some(table) = sink.table_of_type(event_type) {
                    table.begin(offset, record.appended_at);
                    for field in data.split(';') {
                        put(table, field.split_once('=').unwrap());
                    }
                    table.end();
                } else {
                    let table = sink.table("events").unwrap();
                    table.begin(offset, record.appended_at);
                    table.text(tables::events::TYPE, event_type);
                    table.end();
                }
            } else {
                let (device, value) = text.split_once(',').unwrap();
                let table = sink.table("telemetry").unwrap();
                table.begin(offset, record.appended_at);
                table.text(tables::telemetry::DEVICE_ID, device);
                table.text(tables::telemetry::METRIC, "temperature");
                table.float(tables::telemetry::VALUE, value.parse().unwrap());
                table.text(
                    tables::telemetry::ATTRIBUTES,
                    &format!("{{\"site\":{{\"name\":\"{device}\"}}}}"),
                );
                table.end();
            }
        }
    }
}

/// Writes a field to its column, and what has none to `extra`.
fn put(table: &mut TableBuilder, (key, value): (&str, &str)) {
    let schema = table.schema();
    let extra = schema.index_of("extra").unwrap();
    let column = schema.index_of(key);
    let kind = column.map(|column| schema.columns[column].kind);
    match (column, kind) {
        (Some(column), Some(ColumnType::Integer)) => table.integer(column, value.parse().unwrap()),
        (Some(column), Some(ColumnType::Boolean)) => table.boolean(column, value.parse().unwrap()),
        (Some(column), _) => table.text(column, value),
        (None, _) => table.text(extra, &format!("{{\"{key}\":\"{value}\"}}")),
    }
}

pub(crate) struct Bench {
    pub(crate) log: Arc<DiskLog>,
    pub(crate) lake: Arc<Lake>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) folder: TempDir,
}

pub(crate) fn quiet() -> LakeConfig {
    LakeConfig {
        // Nothing happens by itself: a test flushes and tidies when it means to.
        flush_seconds: 1_000_000,
        maintenance_seconds: 1_000_000,
        vacuum_hours: 0,
        query_threads: 2,
        ..LakeConfig::default()
    }
}

pub(crate) fn noon() -> Timestamp {
    "2026-11-24T12:00:00Z".parse().unwrap()
}

impl Bench {
    pub(crate) async fn new() -> Self {
        Self::with(quiet()).await
    }

    pub(crate) async fn with(config: LakeConfig) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::new(noon()));
        let (log, lake) = open(folder.path(), config, &clock, 1, None).await.unwrap();
        Self {
            log,
            lake,
            clock,
            folder,
        }
    }

    /// Drops everything without closing it, as a crash does, and opens it again.
    pub(crate) async fn crash_and_reopen(self, seed: u64) -> Self {
        let Self {
            log,
            lake,
            clock,
            folder,
        } = self;
        lake.abandon();
        log.close().await;
        drop((lake, log));
        let (log, lake) = open(folder.path(), quiet(), &clock, seed, None)
            .await
            .unwrap();
        Self {
            log,
            lake,
            clock,
            folder,
        }
    }

    pub(crate) async fn send(&self, messages: &[String]) -> Offset {
        let next = append(&*self.log, messages).await;
        self.lake.wait_visible(next).await;
        next
    }

    pub(crate) async fn readings(&self, count: usize) -> Offset {
        let messages: Vec<_> = (0..count)
            .map(|n| format!("device-{},{}.5", n % 10, n))
            .collect();
        self.send(&messages).await
    }

    pub(crate) async fn sql(&self, query: &str) -> String {
        table(&self.lake, query).await.unwrap()
    }
}

pub(crate) async fn open(
    folder: &Path,
    config: LakeConfig,
    clock: &Arc<ManualClock>,
    seed: u64,
    storage: Option<Storage>,
) -> Result<(Arc<DiskLog>, Arc<Lake>), LakeError> {
    let clock: Arc<dyn Clock> = Arc::clone(clock) as _;
    let (log, _) = DiskLog::open(
        &folder.join("log"),
        LogConfig::default(),
        Arc::clone(&clock),
    )
    .unwrap();
    let parts = Parts {
        log: Arc::clone(&log) as _,
        decode: Arc::new(Lines),
        storage: match storage {
            Some(storage) => storage,
            None => Storage::open(&config, folder)?,
        },
        clock,
        ids: Arc::new(SeededIds::new(seed)),
    };
    let lake = Lake::open(config, parts, folder).await?;
    Ok((log, lake))
}

pub(crate) async fn append(log: &dyn EventLog, messages: &[String]) -> Offset {
    let body: String = messages.concat();
    let mut end = 0;
    let ends = messages
        .iter()
        .map(|message| {
            end += u32::try_from(message.len()).unwrap();
            end
        })
        .collect();
    let batch = Batch {
        kind: RecordKind(1),
        header: Default::default(),
        body: body.into(),
        ends,
        keys: Vec::new(),
    };
    log.append(batch).await.unwrap().next
}

pub(crate) fn statement(query: &str) -> Statement {
    Statement {
        query: Query::Text(query.into()),
        text: query.into(),
        id: query.into(),
        principal: "test".into(),
        visible: Arc::new(AllVisible),
        limit: None,
        timeout: None,
    }
}

/// The answer as lines of comma-separated values.
pub(crate) async fn table(lake: &Lake, query: &str) -> Result<String, LakeError> {
    let rows = lake.query(statement(query)).await?;
    Ok(rows_of(&rows.try_collect::<Vec<_>>().await?))
}

/// `batches` as lines of comma-separated values, with a space between two.
pub(crate) fn rows_of(batches: &[RecordBatch]) -> String {
    let mut writer = datafusion::arrow::csv::WriterBuilder::new()
        .with_header(false)
        .build(Vec::new());
    for batch in batches {
        writer.write(batch).unwrap();
    }
    String::from_utf8(writer.into_inner())
        .unwrap()
        .trim_end()
        .replace('\n', " ")
}
