//! OTLP over gRPC, by the generated clients.

use std::sync::Arc;

use async_trait::async_trait;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::logs::v1::logs_service_client::LogsServiceClient;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::metrics_service_client::MetricsServiceClient;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_client::TraceServiceClient;
use opentelemetry_proto::tonic::common::v1::{AnyValue, any_value};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use tonic::codec::CompressionEncoding;
use tonic::{Code, Request};
use trunkline_ingest::IngestConfig;
use trunkline_model::{Principal, Scope};
use trunkline_web::{
    AuthError, Authenticate, ClientAddress, Credential, Gate, Origins, ScopesAlone,
};

use crate::support::{Bench, Failure, NOW, sender};

/// Knows two tokens.
#[derive(Debug)]
struct Tokens;

#[async_trait]
impl Authenticate for Tokens {
    async fn authenticate(
        &self,
        credential: Credential<'_>,
        _client: ClientAddress,
    ) -> Result<Principal, AuthError> {
        match credential {
            Credential::Token("tl_write") => Ok(sender(&[Scope::Write])),
            Credential::Token("tl_read") => Ok(sender(&[Scope::Read])),
            _ => Err(AuthError::Invalid),
        }
    }
}

fn with_token<T>(message: T, token: &str) -> Request<T> {
    let mut request = Request::new(message);
    if !token.is_empty() {
        request
            .metadata_mut()
            .insert("authorization", format!("Bearer {token}").parse().unwrap());
    }
    request
}

fn logs(text: &str, later_nanos: u64) -> ExportLogsServiceRequest {
    let nanos = u64::try_from(NOW.as_micros()).unwrap() * 1_000;
    let body = AnyValue {
        value: Some(any_value::Value::StringValue(text.into())),
    };
    let record = |time_unix_nano| LogRecord {
        time_unix_nano,
        body: Some(body.clone()),
        ..LogRecord::default()
    };
    let scope = ScopeLogs {
        log_records: vec![record(nanos), record(nanos + later_nanos)],
        ..ScopeLogs::default()
    };
    let resource = ResourceLogs {
        scope_logs: vec![scope],
        ..ResourceLogs::default()
    };
    ExportLogsServiceRequest {
        resource_logs: vec![resource],
    }
}

/// The gate with the tokens of these tests.
fn gate() -> Gate {
    Gate::new(Arc::new(Tokens), Arc::new(ScopesAlone), Origins::default())
}

#[tokio::test]
async fn logs_come_in_packed_or_not_and_rejected_ones_are_told() {
    let bench = Bench::new();
    let service = bench.ingest.grpc(gate());
    let mut client = LogsServiceClient::new(service)
        .send_compressed(CompressionEncoding::Gzip)
        .accept_compressed(CompressionEncoding::Gzip);
    let answer = client
        .export(with_token(logs("hello", 1), "tl_write"))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(answer.partial_success, None);
    let answer = client
        .export(with_token(logs("late", u64::MAX >> 2), "tl_write"))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(answer.partial_success.unwrap().rejected_log_records, 1);
    let bodies: Vec<_> = bench
        .rows("logs")
        .iter()
        .map(|row| row["body"].clone())
        .collect();
    assert_eq!(bodies, ["hello", "hello", "late"]);
    assert_eq!(bench.ingest.stats().accepted_total["otlp_logs"], 3);
}

#[tokio::test]
async fn metrics_and_traces_have_their_services() {
    let bench = Bench::new();
    let service = bench.ingest.grpc(gate());
    let mut metrics = MetricsServiceClient::new(service.clone());
    metrics
        .export(with_token(
            ExportMetricsServiceRequest::default(),
            "tl_write",
        ))
        .await
        .unwrap();
    let mut traces = TraceServiceClient::new(service);
    traces
        .export(with_token(ExportTraceServiceRequest::default(), "tl_write"))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_credential_that_may_write_is_needed() {
    let bench = Bench::new();
    let mut client = LogsServiceClient::new(bench.ingest.grpc(gate()));
    for (token, code) in [
        ("", Code::Unauthenticated),
        ("tl_wrong", Code::Unauthenticated),
        ("tl_read", Code::PermissionDenied),
    ] {
        let status = client
            .export(with_token(logs("x", 0), token))
            .await
            .unwrap_err();
        assert_eq!(status.code(), code, "{status:?}");
        assert!(status.message().starts_with("TL-ACCESS-"), "{status:?}");
    }
    assert!(bench.log.records().is_empty());
}

#[tokio::test]
async fn a_busy_log_is_unavailable_and_says_when_to_retry() {
    let bench = Bench::new();
    bench.log.fail(Failure::Busy);
    let mut client = LogsServiceClient::new(bench.ingest.grpc(gate()));
    let status = client
        .export(with_token(logs("x", 0), "tl_write"))
        .await
        .unwrap_err();
    assert_eq!(status.code(), Code::Unavailable);
    assert!(String::from_utf8_lossy(status.details()).contains("google.rpc.RetryInfo"));
}

#[tokio::test]
async fn a_message_that_is_too_large_is_refused() {
    let config = IngestConfig {
        max_request_bytes: 1_000,
        ..IngestConfig::default()
    };
    let bench = Bench::with(&config);
    let mut client = LogsServiceClient::new(bench.ingest.grpc(gate()));
    let status = client
        .export(with_token(logs(&"x".repeat(2_000), 0), "tl_write"))
        .await
        .unwrap_err();
    assert_eq!(status.code(), Code::OutOfRange, "{status:?}");
    assert!(bench.log.records().is_empty());
}

#[tokio::test]
async fn a_packed_message_is_judged_by_what_it_becomes() {
    let bench = Bench::with(&IngestConfig {
        max_request_bytes: 64 << 10,
        ..IngestConfig::default()
    });
    let mut client = LogsServiceClient::new(bench.ingest.grpc(gate()))
        .send_compressed(CompressionEncoding::Gzip);
    let bomb = logs(&"x".repeat(8 << 20), 0);
    let refused = client.export(with_token(bomb, "tl_write")).await;
    assert!(refused.is_err(), "{refused:?}");
    assert!(bench.log.records().is_empty());
}
