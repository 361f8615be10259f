//! Sending pretend traffic over HTTP, as any OpenTelemetry exporter would.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::logs::v1::{ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value;
use opentelemetry_proto::tonic::metrics::v1::{
    AggregationTemporality, Gauge, Metric, NumberDataPoint, ResourceMetrics, ScopeMetrics, Sum,
};
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans};
use prost::Message;
use tokio_util::sync::CancellationToken;
use trunkline_model::{Clock, IdGen};

use super::request::{Request, SERVICES, request, resource};
use crate::Target;
use crate::chance::Chance;

/// How often traffic is sent.
const EVERY: Duration = Duration::from_secs(1);
/// The most requests in one go.
const MOST: u64 = 8;

/// Sends traffic until it is told to stop.
pub async fn run(
    target: Target,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGen>,
    stop: CancellationToken,
) {
    let client = reqwest::Client::new();
    let began = nanos(&*clock);
    let mut totals = [0_u64; SERVICES.len()];
    loop {
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = stop.cancelled() => return,
        }
        let chance = Chance(&*ids);
        let now = nanos(&*clock);
        let requests: Vec<Request> = (0..1 + chance.below(MOST))
            .map(|_| request(chance, now))
            .collect();
        for total in &mut totals {
            *total += requests.len() as u64;
        }
        let bodies = [
            ("/v1/traces", spans(&requests).encode_to_vec()),
            ("/v1/logs", logs(&requests).encode_to_vec()),
            (
                "/v1/metrics",
                metrics(chance, &totals, &requests, began, now).encode_to_vec(),
            ),
        ];
        for (path, body) in bodies {
            if let Err(error) = send(&client, &target, path, body).await {
                tracing::warn!(%error, path, "the sample's traffic was not taken");
            }
        }
    }
}

fn nanos(clock: &dyn Clock) -> u64 {
    u64::try_from(clock.now().as_micros()).unwrap_or_default() * 1_000
}

async fn send(
    client: &reqwest::Client,
    target: &Target,
    path: &str,
    body: Vec<u8>,
) -> anyhow::Result<()> {
    client
        .post(format!("{}{path}", target.base))
        .bearer_auth(&target.token)
        .header("content-type", "application/x-protobuf")
        .body(body)
        .send()
        .await?
        .error_for_status()
        .map(drop)
        .context("an answer that is no success")
}

fn spans(requests: &[Request]) -> ExportTraceServiceRequest {
    let of_service = |place: usize| ResourceSpans {
        resource: Some(resource(place)),
        scope_spans: vec![ScopeSpans {
            spans: requests
                .iter()
                .filter_map(|request| request.spans.get(place).cloned())
                .collect(),
            ..ScopeSpans::default()
        }],
        ..ResourceSpans::default()
    };
    ExportTraceServiceRequest {
        resource_spans: (0..SERVICES.len()).map(of_service).collect(),
    }
}

fn logs(requests: &[Request]) -> ExportLogsServiceRequest {
    let of_service = |place: usize| {
        let records = requests.iter().flat_map(|request| &request.logs);
        ResourceLogs {
            resource: Some(resource(place)),
            scope_logs: vec![ScopeLogs {
                log_records: records
                    .filter(|(of, _)| *of == place)
                    .map(|(_, record)| record.clone())
                    .collect(),
                ..ScopeLogs::default()
            }],
            ..ResourceLogs::default()
        }
    };
    ExportLogsServiceRequest {
        resource_logs: (0..SERVICES.len()).map(of_service).collect(),
    }
}

fn point(value: Value, began: u64, now: u64) -> NumberDataPoint {
    NumberDataPoint {
        start_time_unix_nano: began,
        time_unix_nano: now,
        value: Some(value),
        ..NumberDataPoint::default()
    }
}

fn metrics(
    chance: Chance<'_>,
    totals: &[u64],
    requests: &[Request],
    began: u64,
    now: u64,
) -> ExportMetricsServiceRequest {
    let failed = requests.iter().filter(|request| request.failed).count() as u64;
    let of_service = |(place, total): (usize, &u64)| {
        let count = i64::try_from(*total).unwrap_or(i64::MAX);
        let requests = Metric {
            name: "http.server.requests".into(),
            unit: "{request}".into(),
            data: Some(Data::Sum(Sum {
                data_points: vec![point(Value::AsInt(count), began, now)],
                aggregation_temporality: AggregationTemporality::Cumulative.into(),
                is_monotonic: true,
            })),
            ..Metric::default()
        };
        let gauge = |name: &str, unit: &str, value: Value| Metric {
            name: name.into(),
            unit: unit.into(),
            data: Some(Data::Gauge(Gauge {
                data_points: vec![point(value, 0, now)],
            })),
            ..Metric::default()
        };
        let memory = i64::try_from(180_000_000 + chance.below(20_000_000)).unwrap_or_default();
        let metrics = vec![
            requests,
            gauge("process.memory.usage", "By", Value::AsInt(memory)),
            gauge(
                "checkout.failures",
                "{request}",
                Value::AsInt(i64::try_from(failed).unwrap_or_default()),
            ),
        ];
        ResourceMetrics {
            resource: Some(resource(place)),
            scope_metrics: vec![ScopeMetrics {
                metrics,
                ..ScopeMetrics::default()
            }],
            ..ResourceMetrics::default()
        }
    };
    ExportMetricsServiceRequest {
        resource_metrics: totals.iter().enumerate().map(of_service).collect(),
    }
}
