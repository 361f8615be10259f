//! The room itself: what was read goes to the log, and what was refused is counted and kept.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message as _;
use trunkline_log::{Appended, Batch, EventLog, LogError, RecordKind};
use trunkline_model::{Clock, Coded as _, Event, IdGen, Principal, Timestamp, catalogue};
use trunkline_web::{Rate, RateLimiter};

use crate::body::Memory;
use crate::dead_letter::{DeadLetters, letters};
use crate::envelope::dedupe_key;
use crate::error::{IngestError, Refusal};
use crate::kind::DataHeader;
use crate::limits::{Limits, TimeWindow};
use crate::receive::Rejections;
use crate::stats::{IngestSnapshot, IngestStats, Protocol};
use crate::{IngestConfig, kind};

/// How many senders' rates are remembered.
const SENDERS: usize = 10_000;

/// The room in which events come in. A clone is the same room.
#[derive(Clone, Debug)]
pub struct Ingest(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    log: Arc<dyn EventLog>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGen>,
    limits: Limits,
    memory: Memory,
    per_second: u64,
    rate: Option<RateLimiter<String>>,
    dead_letters: DeadLetters,
    stats: IngestStats,
}

impl Ingest {
    /// A room that writes to `log` and keeps to `config`.
    #[must_use]
    pub fn new(
        log: Arc<dyn EventLog>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdGen>,
        config: &IngestConfig,
    ) -> Self {
        let per_second = config.max_events_per_second;
        let rate = Rate {
            per_second: per_second as f64,
            burst: u32::try_from(per_second.saturating_mul(2)).unwrap_or(u32::MAX),
        };
        Self(Arc::new(Inner {
            log,
            clock,
            ids,
            limits: config.limits(),
            memory: Memory::new(config.max_bytes_in_flight.max(config.max_request_bytes)),
            per_second,
            rate: (per_second > 0).then(|| RateLimiter::new(rate, SENDERS)),
            dead_letters: DeadLetters::new(config),
            stats: IngestStats::default(),
        }))
    }

    /// What was taken and refused since the start.
    #[must_use]
    pub fn stats(&self) -> IngestSnapshot {
        self.0.stats.snapshot()
    }

    /// Appends events of the platform itself, such as those of an outbox. An event that the log already has is dropped.
    ///
    /// # Errors
    /// [`IngestError::Log`] when nothing was kept, [`IngestError::Unwritable`] when an event cannot be written as JSON.
    pub async fn append_events(&self, events: &[Event]) -> Result<Appended, IngestError> {
        let mut body = Vec::with_capacity(events.len() * 512);
        let mut scratch = Vec::new();
        let mut batch = Batch {
            kind: kind::CLOUD_EVENT,
            header: Bytes::new(),
            body: Bytes::new(),
            ends: Vec::with_capacity(events.len()),
            keys: Vec::with_capacity(events.len()),
        };
        for event in events {
            serde_json::to_writer(&mut body, event)?;
            batch
                .ends
                .push(u32::try_from(body.len()).unwrap_or(u32::MAX));
            batch
                .keys
                .push(dedupe_key(&event.source, &event.id, &mut scratch));
        }
        batch.body = Bytes::from(body);
        self.append_own(batch, events.len() as u64).await
    }

    /// Appends many events of the platform itself that share a type and a room: each piece of `body` up to one of `ends` is the
    /// data of one event. For what happens too often to be written one by one, such as requests and decisions.
    ///
    /// # Errors
    /// [`IngestError::Log`] when nothing was kept.
    pub async fn append_data(
        &self,
        room: &str,
        event_type: &str,
        body: Bytes,
        ends: Vec<u32>,
    ) -> Result<Appended, IngestError> {
        let header = DataHeader {
            kind: event_type.into(),
            source: format!("/trunkline/{room}"),
            id: None,
            subject: None,
        };
        let events = ends.len() as u64;
        let batch = Batch {
            kind: kind::DATA,
            header: Bytes::from(serde_json::to_vec(&header)?),
            body,
            ends,
            keys: Vec::new(),
        };
        self.append_own(batch, events).await
    }

    /// Appends log records of the platform itself. Writes nothing to the platform's log of its own doing, which would never end.
    ///
    /// # Errors
    /// [`IngestError::Log`] when nothing was kept.
    pub async fn append_logs(
        &self,
        request: &ExportLogsServiceRequest,
    ) -> Result<Appended, IngestError> {
        let scopes = request
            .resource_logs
            .iter()
            .flat_map(|resource| &resource.scope_logs);
        let records = scopes.map(|scope| scope.log_records.len() as u64).sum();
        self.append_own(
            Batch::single(kind::OTLP_LOGS, request.encode_to_vec().into()),
            records,
        )
        .await
    }

    /// Appends spans of the platform itself, as quietly as [`Self::append_logs`].
    ///
    /// # Errors
    /// [`IngestError::Log`] when nothing was kept.
    pub async fn append_spans(
        &self,
        request: &ExportTraceServiceRequest,
    ) -> Result<Appended, IngestError> {
        let scopes = request
            .resource_spans
            .iter()
            .flat_map(|resource| &resource.scope_spans);
        let spans = scopes.map(|scope| scope.spans.len() as u64).sum();
        self.append_own(
            Batch::single(kind::OTLP_TRACES, request.encode_to_vec().into()),
            spans,
        )
        .await
    }

    /// Appends metrics of the platform itself, as quietly as [`Self::append_logs`].
    ///
    /// # Errors
    /// [`IngestError::Log`] when nothing was kept.
    pub async fn append_metrics(
        &self,
        request: &ExportMetricsServiceRequest,
    ) -> Result<Appended, IngestError> {
        let scopes = request
            .resource_metrics
            .iter()
            .flat_map(|resource| &resource.scope_metrics);
        let metrics = scopes.map(|scope| scope.metrics.len() as u64).sum();
        self.append_own(
            Batch::single(kind::OTLP_METRICS, request.encode_to_vec().into()),
            metrics,
        )
        .await
    }

    async fn append_own(&self, batch: Batch, records: u64) -> Result<Appended, IngestError> {
        let appended = self.0.log.append(batch).await?;
        self.count(Protocol::Platform, records, &appended, kind::CLOUD_EVENT);
        Ok(appended)
    }

    pub(crate) fn limits(&self) -> Limits {
        self.0.limits
    }

    pub(crate) fn memory(&self) -> &Memory {
        &self.0.memory
    }

    pub(crate) fn window(&self) -> TimeWindow {
        self.0.limits.window(self.now())
    }

    fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// Takes what was read: `records` is how many events, records, spans or points `batch` holds.
    ///
    /// # Errors
    /// [`IngestError`] when nothing was kept, neither the batch nor a dead letter.
    pub(crate) async fn keep(
        &self,
        sender: &Principal,
        protocol: Protocol,
        batch: Option<Batch>,
        records: u64,
        rejections: &Rejections,
    ) -> Result<Appended, IngestError> {
        self.charge(sender, records + rejections.total())?;
        let next = || self.0.log.bounds().next;
        let appended = match batch {
            Some(batch) if !batch.is_empty() => {
                let kind = batch.kind;
                let appended = self.0.log.append(batch).await?;
                self.count(protocol, records, &appended, kind);
                appended
            }
            _ => Appended {
                first: next(),
                next: next(),
                duplicates: 0,
            },
        };
        if !rejections.is_empty() {
            for (code, count) in &rejections.by_code {
                self.0.stats.refuse(code, *count);
            }
            self.bury(sender, protocol, letters(&rejections.told)).await;
        }
        Ok(appended)
    }

    /// Counts an error by which a whole request failed, and keeps the request as a dead letter where the request is at fault.
    pub(crate) async fn fail(
        &self,
        sender: &Principal,
        protocol: Protocol,
        error: &IngestError,
        payload: &[u8],
    ) {
        self.0.stats.refuse(error.code().code, 1);
        if let IngestError::Refused(refusal) = error {
            self.bury(sender, protocol, std::iter::once((refusal, payload)))
                .await;
        }
    }

    /// Counts a request that was refused before anything of it was read.
    pub(crate) fn count_refused(&self, code: &'static str) {
        self.0.stats.refuse(code, 1);
    }

    fn charge(&self, sender: &Principal, events: u64) -> Result<(), IngestError> {
        let Some(rate) = &self.0.rate else {
            return Ok(());
        };
        rate.take(&sender.id, events, Instant::now())
            .map_err(|retry_after| IngestError::Rate {
                sender: sender.to_string(),
                per_second: self.0.per_second,
                retry_after,
            })
    }

    fn count(&self, protocol: Protocol, records: u64, appended: &Appended, kind: RecordKind) {
        // A message of a batch protocol holds many records, and comes again as a whole or not at all.
        let duplicates = match kind {
            kind::CLOUD_EVENT | kind::DATA => u64::from(appended.duplicates),
            _ if appended.duplicates > 0 => records,
            _ => 0,
        };
        self.0
            .stats
            .accept(protocol, records.saturating_sub(duplicates));
        self.0.stats.duplicate(duplicates);
    }

    /// Keeps dead letters, as many as there may be just now, and an event that says so. A log that takes none is no reason to fail:
    /// the sender has its answer, and the refusals are counted.
    async fn bury<'a>(
        &self,
        sender: &Principal,
        protocol: Protocol,
        refused: impl ExactSizeIterator<Item = (&'a Refusal, &'a [u8])> + Clone,
    ) {
        let now = self.now();
        let Some(batch) =
            self.0
                .dead_letters
                .batch(protocol, &sender.to_string(), refused.clone(), now)
        else {
            return;
        };
        let count = batch.len() as u64;
        let letters = self.0.log.append(batch);
        let told = self.tell(sender, protocol, refused, now);
        let (kept, told) = futures::join!(letters, told);
        match (kept, told) {
            (Ok(_), Ok(())) => self.0.stats.keep_dead_letters(count),
            (Err(error), _) | (_, Err(error)) => {
                tracing::debug!(%error, "a dead letter was not kept");
            }
        }
    }

    async fn tell<'a>(
        &self,
        sender: &Principal,
        protocol: Protocol,
        mut refused: impl Iterator<Item = (&'a Refusal, &'a [u8])>,
        now: Timestamp,
    ) -> Result<(), LogError> {
        let Some((refusal, _)) = refused.next() else {
            return Ok(());
        };
        let data = serde_json::json!({
            "protocol": protocol.family(),
            "code": refusal.code.code,
            "detail": refusal.detail,
        });
        let event = Event::platform(
            "ingest",
            catalogue::INGEST_REFUSED,
            &sender.id,
            now,
            &*self.0.ids,
            &data,
        );
        let Some(body) = event.ok().and_then(|event| serde_json::to_vec(&event).ok()) else {
            return Ok(());
        };
        self.0
            .log
            .append(Batch::single(kind::CLOUD_EVENT, body.into()))
            .await
            .map(|_| ())
    }
}
