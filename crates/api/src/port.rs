//! What the outside needs from the running platform.

use std::collections::BTreeMap;

use async_trait::async_trait;
use serde::Serialize;
use trunkline_log::{CursorState, Offset};
use trunkline_model::Event;
use trunkline_web::Problem;
use utoipa::ToSchema;

/// The running platform, as the binary composed it.
#[async_trait]
pub trait Platform: Send + Sync + std::fmt::Debug {
    /// Writes an event of the platform to the log; returns the offset after it once it is durable.
    async fn publish(&self, event: &Event) -> Result<Offset, Problem>;

    /// Levels and counters of everything that has them.
    fn vitals(&self) -> Vitals;

    /// The page of an error code, in Markdown.
    fn error_page(&self, code: &str) -> Option<&'static str>;
}

/// Levels and counters that only the binary can see all of.
#[derive(Clone, Debug)]
pub struct Vitals {
    /// The log's counters.
    pub log: LogTotals,
    /// What came in and what was refused.
    pub ingest: IngestTotals,
    /// The process.
    pub process: Process,
    /// The disk under the data directory.
    pub disk: Disk,
    /// What listens where.
    pub listeners: Vec<Listener>,
    /// The version, and the commit that it was built from.
    pub version: &'static str,
    /// The commit that it was built from.
    pub commit: &'static str,
    /// Whether everything is started.
    pub ready: bool,
}

/// Counters of the log since the start.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct LogTotals {
    /// Batches.
    pub appends: u64,
    /// Messages.
    pub messages: u64,
    /// Messages that it had already.
    pub duplicates: u64,
    /// Times that it made the disk write.
    pub fsyncs: u64,
    /// Bytes that it wrote.
    pub bytes: u64,
    /// Appends that it refused.
    pub refused: u64,
}

/// Counters of what came in since the start.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct IngestTotals {
    /// Events by protocol.
    pub accepted_total: BTreeMap<String, u64>,
    /// Refusals by code.
    pub refused_total: BTreeMap<String, u64>,
}

/// The process.
#[derive(Clone, Copy, Debug, Default, Serialize, ToSchema)]
pub struct Process {
    /// Memory that is resident, in bytes.
    pub resident_bytes: u64,
    /// Processor time since the start, in seconds.
    pub cpu_seconds: f64,
    /// Threads.
    pub threads: u64,
}

/// The disk under the data directory.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct Disk {
    /// Its size.
    pub total_bytes: u64,
    /// What is free of it.
    pub free_bytes: u64,
    /// The data directory.
    pub path: String,
}

/// An address that the platform answers on.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Listener {
    /// What answers there.
    pub name: String,
    /// Address and port.
    pub address: String,
}

/// How far a consumer of the log has come, with its distance from the end.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Cursor {
    /// The consumer.
    pub(crate) name: String,
    /// The first offset that it has not finished.
    pub(crate) offset: u64,
    /// Messages that it has not finished.
    pub(crate) lag: u64,
    /// Whether retention waits for it.
    pub(crate) archiving: bool,
}

impl Cursor {
    pub(crate) fn new(state: CursorState, end: Offset) -> Self {
        Self {
            offset: state.offset.0,
            lag: end.0.saturating_sub(state.offset.0),
            archiving: state.archiving,
            name: state.name,
        }
    }
}
