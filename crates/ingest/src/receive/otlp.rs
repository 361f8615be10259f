//! OTLP requests: what they hold is checked record by record.

use bytes::Bytes;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use prost::Message;
use trunkline_log::{Batch, RecordKind};
use trunkline_model::{Timestamp, code};
use xxhash_rust::xxh3::xxh3_128_with_seed;

use super::Rejections;
use super::otlp_schema::{self, MessageType};
use crate::error::Refusal;
use crate::kind;
use crate::limits::{Limits, TimeWindow};
use crate::stats::Protocol;

/// A request of one of the three signals.
pub(crate) trait Signal: Message + Default + 'static {
    /// How its records lie in the log.
    const KIND: RecordKind;
    /// How it is counted.
    const PROTOCOL: Protocol;
    /// Its shape in JSON.
    const SCHEMA: &'static MessageType;
    /// The name of the rejected count in its response's JSON.
    const REJECTED: &'static str;

    /// Removes what is not taken and says how many records, spans or points are left.
    fn sift(&mut self, sieve: &mut Sieve) -> u64;
}

/// Judges the records of a request.
#[derive(Debug)]
pub(crate) struct Sieve {
    window: TimeWindow,
    seen: usize,
    rejections: Rejections,
    /// Whether every record says its time, so that the same bytes again are the same request again.
    timed: bool,
}

impl Sieve {
    fn judge(&mut self, verdict: Result<(), Refusal>, record: &impl Message) -> bool {
        let index = self.seen;
        self.seen += 1;
        match verdict {
            Ok(()) => true,
            Err(refusal) => {
                self.rejections
                    .push(index, refusal, Bytes::from(record.encode_to_vec()));
                false
            }
        }
    }

    fn time(&mut self, nanos: u64) -> Result<(), Refusal> {
        if nanos == 0 {
            self.timed = false;
            return Ok(());
        }
        self.window.check(Timestamp::from_nanos(nanos))
    }

    fn kept(&self) -> u64 {
        (self.seen as u64).saturating_sub(self.rejections.total())
    }
}

impl Signal for ExportLogsServiceRequest {
    const KIND: RecordKind = kind::OTLP_LOGS;
    const PROTOCOL: Protocol = Protocol::OtlpLogs;
    const SCHEMA: &'static MessageType = &otlp_schema::LOGS_REQUEST;
    const REJECTED: &'static str = "rejectedLogRecords";

    fn sift(&mut self, sieve: &mut Sieve) -> u64 {
        for scope in self
            .resource_logs
            .iter_mut()
            .flat_map(|resource| &mut resource.scope_logs)
        {
            scope.log_records.retain(|record| {
                let nanos = match record.time_unix_nano {
                    0 => record.observed_time_unix_nano,
                    nanos => nanos,
                };
                let verdict = sieve.time(nanos);
                sieve.judge(verdict, record)
            });
        }
        sieve.kept()
    }
}

impl Signal for ExportTraceServiceRequest {
    const KIND: RecordKind = kind::OTLP_TRACES;
    const PROTOCOL: Protocol = Protocol::OtlpTraces;
    const SCHEMA: &'static MessageType = &otlp_schema::TRACES_REQUEST;
    const REJECTED: &'static str = "rejectedSpans";

    fn sift(&mut self, sieve: &mut Sieve) -> u64 {
        for scope in self
            .resource_spans
            .iter_mut()
            .flat_map(|resource| &mut resource.scope_spans)
        {
            scope.spans.retain(|span| {
                let verdict = identity(&span.trace_id, 16, "trace_id")
                    .and_then(|()| identity(&span.span_id, 8, "span_id"))
                    .and_then(|()| sieve.time(span.start_time_unix_nano));
                sieve.judge(verdict, span)
            });
        }
        sieve.kept()
    }
}

fn identity(id: &[u8], length: usize, name: &str) -> Result<(), Refusal> {
    if id.len() == length && id.iter().any(|byte| *byte != 0) {
        return Ok(());
    }
    let detail = format!("the {name} of a span must be {length} bytes that are not all zero");
    Err(Refusal::new(&code::INGEST_MALFORMED, detail))
}

impl Signal for ExportMetricsServiceRequest {
    const KIND: RecordKind = kind::OTLP_METRICS;
    const PROTOCOL: Protocol = Protocol::OtlpMetrics;
    const SCHEMA: &'static MessageType = &otlp_schema::METRICS_REQUEST;
    const REJECTED: &'static str = "rejectedDataPoints";

    fn sift(&mut self, sieve: &mut Sieve) -> u64 {
        let scopes = self
            .resource_metrics
            .iter_mut()
            .flat_map(|resource| &mut resource.scope_metrics);
        for metric in scopes.flat_map(|scope| &mut scope.metrics) {
            let named = !metric.name.is_empty();
            match &mut metric.data {
                Some(Data::Gauge(gauge)) => gauge
                    .data_points
                    .retain(|point| sieve.point(named, point.time_unix_nano, point)),
                Some(Data::Sum(sum)) => sum
                    .data_points
                    .retain(|point| sieve.point(named, point.time_unix_nano, point)),
                Some(Data::Histogram(histogram)) => {
                    histogram
                        .data_points
                        .retain(|point| sieve.point(named, point.time_unix_nano, point));
                }
                Some(Data::ExponentialHistogram(histogram)) => {
                    histogram
                        .data_points
                        .retain(|point| sieve.point(named, point.time_unix_nano, point));
                }
                Some(Data::Summary(summary)) => {
                    summary
                        .data_points
                        .retain(|point| sieve.point(named, point.time_unix_nano, point));
                }
                None => {}
            }
        }
        sieve.kept()
    }
}

impl Sieve {
    fn point(&mut self, named: bool, nanos: u64, point: &impl Message) -> bool {
        let verdict = if named {
            self.time(nanos)
        } else {
            Err(Refusal::new(
                &code::INGEST_MALFORMED,
                "a metric has no name",
            ))
        };
        self.judge(verdict, point)
    }
}

/// A request that was read.
#[derive(Debug)]
pub(crate) struct OtlpRead {
    /// What goes to the log; none where nothing is left.
    pub(crate) batch: Option<Batch>,
    /// Records, spans or points in it.
    pub(crate) accepted: u64,
    /// What was not taken.
    pub(crate) rejections: Rejections,
}

/// Reads a request in protobuf.
///
/// # Errors
/// A refusal of the whole request.
pub(crate) fn read_bytes<S: Signal>(
    body: Bytes,
    limits: Limits,
    window: TimeWindow,
) -> Result<OtlpRead, Refusal> {
    let request = S::decode(body.clone())
        .map_err(|error| Refusal::new(&code::INGEST_MALFORMED, error.to_string()))?;
    read(request, Some(body), limits, window)
}

/// Reads a request; `body` is its protobuf form where there is one already.
///
/// # Errors
/// A refusal of the whole request.
pub(crate) fn read<S: Signal>(
    mut request: S,
    body: Option<Bytes>,
    limits: Limits,
    window: TimeWindow,
) -> Result<OtlpRead, Refusal> {
    let mut sieve = Sieve {
        window,
        seen: 0,
        rejections: Rejections::default(),
        timed: true,
    };
    let accepted = request.sift(&mut sieve);
    limits.check_events(sieve.seen)?;
    if accepted == 0 {
        return Ok(OtlpRead {
            batch: None,
            accepted,
            rejections: sieve.rejections,
        });
    }
    let body = match body {
        Some(body) if sieve.rejections.is_empty() => body,
        _ => Bytes::from(request.encode_to_vec()),
    };
    let mut batch = Batch::single(S::KIND, body);
    if sieve.timed {
        batch.keys = vec![content_key(S::KIND, &batch.body)];
    }
    Ok(OtlpRead {
        batch: Some(batch),
        accepted,
        rejections: sieve.rejections,
    })
}

/// The key of a request whose protocol has no ids. A client that had no answer sends the same bytes again; with times in them they
/// are the same records.
pub(crate) fn content_key(kind: RecordKind, body: &[u8]) -> u128 {
    xxh3_128_with_seed(body, u64::from(kind.0))
}
