//! The way from the layer into the log, a batch at a time.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use trunkline_ingest::Ingest;

/// Items that may wait; more are dropped, since what the platform says must never slow it down.
const WAITING: usize = 4_096;
/// Items that go into the log together.
const BATCH: usize = 512;
/// How long an item may wait for others.
const LINGER: Duration = Duration::from_millis(500);

/// One thing that the platform said, with the part of the program that said it.
#[derive(Debug)]
pub(super) enum Item {
    Log(String, Box<LogRecord>),
    Span(String, Box<Span>),
}

/// What the layer filled and nobody has taken yet.
#[derive(Clone, Debug)]
pub struct Telemetry {
    items: Arc<Mutex<Option<mpsc::Receiver<Item>>>>,
    dropped: Arc<AtomicU64>,
}

pub(super) fn channel() -> (mpsc::Sender<Item>, Arc<AtomicU64>, Telemetry) {
    let (send, items) = mpsc::channel(WAITING);
    let dropped = Arc::new(AtomicU64::new(0));
    let telemetry = Telemetry {
        items: Arc::new(Mutex::new(Some(items))),
        dropped: Arc::clone(&dropped),
    };
    (send, dropped, telemetry)
}

/// Takes items to the log until the platform stops.
pub async fn deliver(telemetry: Telemetry, ingest: Ingest, stop: CancellationToken) {
    let taken = telemetry
        .items
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take();
    let Some(mut items) = taken else { return };
    let mut batch = Vec::with_capacity(BATCH);
    loop {
        let stopping = tokio::select! {
            received = items.recv_many(&mut batch, BATCH) => received == 0,
            () = stop.cancelled() => {
                items.close();
                while let Ok(item) = items.try_recv() {
                    batch.push(item);
                }
                true
            }
        };
        if !stopping && batch.len() < BATCH {
            tokio::time::sleep(LINGER).await;
            while batch.len() < BATCH
                && let Ok(item) = items.try_recv()
            {
                batch.push(item);
            }
        }
        let dropped = telemetry.dropped.swap(0, Ordering::Relaxed);
        let lost = send(&ingest, std::mem::take(&mut batch), dropped).await;
        telemetry.dropped.fetch_add(lost, Ordering::Relaxed);
        if stopping {
            return;
        }
    }
}

/// Sends items, and with the log lines how many were `dropped` before them. How many are still to be told as dropped: those, where no log
/// line told it, and the items that were not taken.
async fn send(ingest: &Ingest, items: Vec<Item>, dropped: u64) -> u64 {
    let mut logs: BTreeMap<String, Vec<LogRecord>> = BTreeMap::new();
    let mut spans: BTreeMap<String, Vec<Span>> = BTreeMap::new();
    for item in items {
        match item {
            Item::Log(scope, record) => logs.entry(scope).or_default().push(*record),
            Item::Span(scope, span) => spans.entry(scope).or_default().push(*span),
        }
    }
    // A log that is full or closing takes nothing; saying so into itself would not help.
    let count = |lines: usize| lines as u64;
    let (lines, parts) = (
        count(logs.values().map(Vec::len).sum()),
        count(spans.values().map(Vec::len).sum()),
    );
    let mut lost = dropped;
    if !logs.is_empty() {
        let taken = ingest.append_logs(&log_request(logs, dropped)).await;
        lost = taken.map_or(dropped + lines, |_| 0);
    }
    if !spans.is_empty() && ingest.append_spans(&span_request(spans)).await.is_err() {
        lost += parts;
    }
    lost
}

fn text(key: &str, value: impl Into<String>) -> KeyValue {
    KeyValue {
        key: key.into(),
        value: Some(AnyValue {
            value: Some(Value::StringValue(value.into())),
        }),
        ..KeyValue::default()
    }
}

fn resource(dropped: u64) -> Resource {
    let mut attributes = vec![
        text("service.name", "trunkline"),
        text("service.version", env!("CARGO_PKG_VERSION")),
    ];
    if dropped > 0 {
        attributes.push(text("trunkline.dropped", dropped.to_string()));
    }
    Resource {
        attributes,
        ..Resource::default()
    }
}

fn scope(name: String) -> InstrumentationScope {
    InstrumentationScope {
        name,
        ..InstrumentationScope::default()
    }
}

fn log_request(
    by_scope: BTreeMap<String, Vec<LogRecord>>,
    dropped: u64,
) -> ExportLogsServiceRequest {
    let scope_logs = by_scope.into_iter().map(|(name, log_records)| ScopeLogs {
        scope: Some(scope(name)),
        log_records,
        ..ScopeLogs::default()
    });
    ExportLogsServiceRequest {
        resource_logs: vec![ResourceLogs {
            resource: Some(resource(dropped)),
            scope_logs: scope_logs.collect(),
            ..ResourceLogs::default()
        }],
    }
}

fn span_request(by_scope: BTreeMap<String, Vec<Span>>) -> ExportTraceServiceRequest {
    let scope_spans = by_scope.into_iter().map(|(name, spans)| ScopeSpans {
        scope: Some(scope(name)),
        spans,
        ..ScopeSpans::default()
    });
    ExportTraceServiceRequest {
        resource_spans: vec![ResourceSpans {
            resource: Some(resource(0)),
            scope_spans: scope_spans.collect(),
            ..ResourceSpans::default()
        }],
    }
}
