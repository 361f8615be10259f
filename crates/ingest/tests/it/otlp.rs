//! OTLP over HTTP, in both encodings.

use axum::http::StatusCode;
use opentelemetry_proto::tonic::collector::logs::v1::{
    ExportLogsServiceRequest, ExportLogsServiceResponse,
};
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span};
use prost::Message as _;
use trunkline_model::Scope;

use crate::support::{Bench, Failure, NOW, gzip, post, sender};

const JSON: &str = "application/json";
const PROTOBUF: &str = "application/x-protobuf";

/// Nanoseconds of the tests' clock.
fn now_nanos() -> u64 {
    u64::try_from(NOW.as_micros()).unwrap() * 1_000
}

const LOGS: &str = r#"{"resourceLogs":[{
  "resource":{"attributes":[{"key":"service.name","value":{"stringValue":"cart"}},{"key":"cpus","value":{"intValue":"8"}}],"droppedAttributesCount":0},
  "scopeLogs":[{"scope":{"name":"my.library","version":"1.0.0","attributes":[{"key":"a","value":{"boolValue":true}}]},
    "logRecords":[
      {"timeUnixNano":"1795543100000000001","observedTimeUnixNano":"1795543101000000000","severityNumber":10,"severityText":"Information",
       "traceId":"5B8EFFF798038103D269B633813FC60C","spanId":"EEE19B7EC3C1B174","flags":1,"eventName":"checkout",
       "body":{"stringValue":"Example log record"},
       "attributes":[{"key":"string","value":{"stringValue":"some \"string\""}},{"key":"bool","value":{"boolValue":true}},
         {"key":"int","value":{"intValue":"10"}},{"key":"plain","value":{"intValue":11}},{"key":"double","value":{"doubleValue":637.704}},
         {"key":"nan","value":{"doubleValue":"NaN"}},{"key":"bytes","value":{"bytesValue":"AQI="}},{"key":"empty","value":{}},
         {"key":"array","value":{"arrayValue":{"values":[{"stringValue":"many"},{"intValue":"2"}]}}},
         {"key":"map","value":{"kvlistValue":{"values":[{"key":"some.map.key","value":{"stringValue":"value"}}]}}}],
       "fieldFromTheFuture":{"a":[1]}},
      {"observed_time_unix_nano":1795543102000000000,"severity_text":"WARNING","body":{"kvlistValue":{"values":[{"key":"k","value":{"intValue":"1","unknownKind":2}}]}},"traceId":null}
    ]}],"schemaUrl":""}]}"#;

#[tokio::test]
async fn logs_in_json_become_rows() {
    let bench = Bench::new();
    let answer = bench.send(post("/v1/logs", JSON, LOGS)).await;
    assert_eq!(
        (answer.status, answer.header("content-type"), &*answer.body),
        (StatusCode::OK, JSON, &b"{}"[..]),
        "{answer:?}"
    );
    insta::assert_json_snapshot!("otlp_logs", bench.rows("logs"));
    assert_eq!(bench.ingest.stats().accepted_total["otlp_logs"], 2);
}

const TRACES: &str = r#"{"resourceSpans":[{
  "resource":{"attributes":[{"key":"service.name","value":{"stringValue":"cart"}}]},
  "scopeSpans":[{"scope":{"name":"lib"},"spans":[
    {"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","parentSpanId":"eee19b7ec3c1b173","name":"I'm a server span",
     "startTimeUnixNano":"1795543100000000000","endTimeUnixNano":"1795543100250999999","kind":2,"traceState":"a=b",
     "attributes":[{"key":"http.status_code","value":{"intValue":"500"}}],"droppedAttributesCount":3,
     "events":[{"timeUnixNano":"1795543100100000000","name":"retry","attributes":[{"key":"n","value":{"intValue":"1"}}]}],
     "links":[{"traceId":"5b8efff798038103d269b633813fc60d","spanId":"eee19b7ec3c1b175","attributes":[]}],
     "status":{"code":2,"message":"boom"}},
    {"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b176","parentSpanId":"","name":"root","kind":1,
     "startTimeUnixNano":"1795543100000000000","endTimeUnixNano":"1795543100000000999","status":{}},
    {"traceId":"00000000000000000000000000000000","spanId":"eee19b7ec3c1b176","name":"no trace"}
  ]}]}]}"#;

#[tokio::test]
async fn traces_in_json_become_rows_and_a_span_without_a_trace_is_told() {
    let bench = Bench::new();
    let answer = bench.send(post("/v1/traces", JSON, TRACES)).await;
    assert_eq!(answer.status, StatusCode::OK);
    insta::assert_json_snapshot!("otlp_traces_answer", answer.json());
    insta::assert_json_snapshot!("otlp_traces", bench.rows("spans"));
    assert_eq!(bench.rows("dead_letters")[0]["code"], "TL-INGEST-001");
}

const METRICS: &str = r#"{"resourceMetrics":[{
  "resource":{"attributes":[{"key":"service.name","value":{"stringValue":"cart"}}]},
  "scopeMetrics":[{"scope":{"name":"lib","version":"2"},"metrics":[
    {"name":"my.counter","unit":"1","description":"I am a counter","sum":{"aggregationTemporality":1,"isMonotonic":true,"dataPoints":[
      {"asDouble":5,"startTimeUnixNano":"1795543000000000000","timeUnixNano":"1795543100000000000","attributes":[{"key":"k","value":{"stringValue":"v"}}],
       "exemplars":[{"asInt":"9","timeUnixNano":"1795543100000000000","traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","filteredAttributes":[{"key":"u","value":{"stringValue":"x"}}]}]}]}},
    {"name":"my.gauge","unit":"Cel","gauge":{"dataPoints":[{"asInt":"-10","timeUnixNano":"1795543100000000000"},{"timeUnixNano":"1795543101000000000","flags":1},{"asDouble":"NaN","timeUnixNano":"1795543102000000000"}]}},
    {"name":"my.histogram","histogram":{"aggregationTemporality":2,"dataPoints":[{"timeUnixNano":"1795543100000000000","count":"3","sum":4.5,"bucketCounts":["1","2"],"explicitBounds":[1],"min":0.5,"max":3}]}},
    {"name":"my.exponential","exponentialHistogram":{"aggregationTemporality":2,"dataPoints":[{"timeUnixNano":"1795543100000000000","count":"4","sum":"Infinity","scale":-1,"zeroCount":"1","zeroThreshold":0.1,"positive":{"offset":-2,"bucketCounts":["1","0","2"]},"negative":{}}]}},
    {"name":"my.summary","summary":{"dataPoints":[{"timeUnixNano":"1795543100000000000","count":"2","sum":3,"quantileValues":[{"quantile":0.5,"value":1.5}]}]}},
    {"name":"","gauge":{"dataPoints":[{"asInt":"1","timeUnixNano":"1795543100000000000"}]}}
  ]}]}]}"#;

#[tokio::test]
async fn metrics_of_all_kinds_become_rows() {
    let bench = Bench::new();
    let answer = bench.send(post("/v1/metrics", JSON, METRICS)).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    insta::assert_json_snapshot!("otlp_metrics_answer", answer.json());
    insta::assert_json_snapshot!("otlp_metrics", bench.rows("metrics"));
}

#[test]
fn json_and_protobuf_say_the_same() {
    // The generated code reads JSON too, where a sender keeps to what it knows; there both must agree.
    let metrics = METRICS
        .replace("\"Infinity\"", "1.5")
        .replace("\"NaN\"", "2.5");
    let expected: ExportMetricsServiceRequest = serde_json::from_str(&metrics).unwrap();
    let bytes = stored(
        "/v1/metrics",
        &metrics.replace("{\"name\":\"\",", "{\"name\":\"n\","),
    );
    let mut read = ExportMetricsServiceRequest::decode(&*bytes).unwrap();
    read.resource_metrics[0].scope_metrics[0].metrics[5]
        .name
        .clear();
    assert_eq!(read, expected);
    let valid = TRACES.replace(
        "00000000000000000000000000000000",
        "5b8efff798038103d269b633813fc60c",
    );
    let expected: ExportTraceServiceRequest = serde_json::from_str(&valid).unwrap();
    assert_eq!(
        ExportTraceServiceRequest::decode(&*stored("/v1/traces", &valid)).unwrap(),
        expected
    );
}

/// What the log holds of a request in JSON.
fn stored(path: &str, body: &str) -> Vec<u8> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let bench = Bench::new();
        let answer = bench.send(post(path, JSON, body.to_owned())).await;
        assert_eq!(&*answer.body, b"{}");
        bench.log.records()[0].body.to_vec()
    })
}

fn logs_at(nanos: &[u64]) -> ExportLogsServiceRequest {
    let record = |nanos: &u64| LogRecord {
        time_unix_nano: *nanos,
        severity_number: 9,
        ..LogRecord::default()
    };
    let scope = ScopeLogs {
        log_records: nanos.iter().map(record).collect(),
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

#[tokio::test]
async fn protobuf_is_kept_as_it_came_and_answered_in_kind() {
    let bench = Bench::new();
    let body = logs_at(&[now_nanos(), now_nanos() + 1]).encode_to_vec();
    let mut request = post("/v1/logs", PROTOBUF, gzip(&body));
    request
        .headers_mut()
        .insert("content-encoding", "gzip".parse().unwrap());
    let answer = bench.send(request).await;
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (StatusCode::OK, PROTOBUF)
    );
    assert_eq!(
        ExportLogsServiceResponse::decode(answer.body).unwrap(),
        ExportLogsServiceResponse::default()
    );
    assert_eq!(bench.log.records()[0].body, body);
}

#[tokio::test]
async fn records_from_the_future_are_left_out_and_told() {
    let bench = Bench::new();
    let body = logs_at(&[now_nanos(), now_nanos() + 601_000_000_000, 0]).encode_to_vec();
    let answer = bench.send(post("/v1/logs", PROTOBUF, body)).await;
    let partial = ExportLogsServiceResponse::decode(answer.body)
        .unwrap()
        .partial_success
        .unwrap();
    assert_eq!(partial.rejected_log_records, 1);
    assert!(
        partial.error_message.contains("TL-INGEST-005"),
        "{}",
        partial.error_message
    );
    let rows = bench.rows("logs");
    assert_eq!(rows.len(), 2);
    assert_eq!(
        rows[1]["time"], "2026-11-24T18:00:00Z",
        "a record without a time gets the time of its taking"
    );
}

#[tokio::test]
async fn the_same_bytes_again_are_the_same_request_when_they_say_their_time() {
    let bench = Bench::new();
    for _ in 0..2 {
        bench
            .send(post(
                "/v1/logs",
                PROTOBUF,
                logs_at(&[now_nanos()]).encode_to_vec(),
            ))
            .await;
        bench
            .send(post("/v1/logs", PROTOBUF, logs_at(&[0]).encode_to_vec()))
            .await;
    }
    assert_eq!(bench.rows("logs").len(), 3, "one with a time, two without");
    assert_eq!(bench.ingest.stats().duplicates_total, 1);
}

/// `google.rpc.Status`, as far as the tests look.
#[derive(Clone, PartialEq, prost::Message)]
struct Status {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    message: String,
}

#[tokio::test]
async fn errors_are_statuses_in_the_encoding_of_the_request() {
    let bench = Bench::new();
    let answer = bench
        .send(post("/v1/metrics", PROTOBUF, "\u{1}no protobuf"))
        .await;
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (StatusCode::BAD_REQUEST, PROTOBUF)
    );
    assert_eq!(Status::decode(answer.body).unwrap().code, 3);
    for body in [
        r#"{"resourceLogs":{}}"#,
        r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"traceId":"xyz"}]}]}]}"#,
        r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"soon"}]}]}]}"#,
        "[]",
    ] {
        let answer = bench.send(post("/v1/logs", JSON, body)).await;
        assert_eq!(
            (answer.status, answer.json()["code"].as_i64()),
            (StatusCode::BAD_REQUEST, Some(3)),
            "{answer:?}"
        );
    }
    let named = bench
        .rows("dead_letters")
        .into_iter()
        .map(|row| row["detail"].clone())
        .collect::<Vec<_>>();
    assert!(
        named
            .iter()
            .any(|detail| detail == "resourceLogs: scopeLogs: logRecords: traceId: not hex"),
        "{named:?}"
    );
    let answer = bench.send(post("/v1/logs", "text/plain", "x")).await;
    assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let answer = bench
        .send_as(sender(&[Scope::Read]), post("/v1/logs", JSON, LOGS))
        .await;
    assert_eq!(
        (answer.status, answer.json()["code"].as_i64()),
        (StatusCode::FORBIDDEN, Some(7))
    );
}

#[tokio::test]
async fn a_full_or_busy_log_asks_the_sender_to_wait() {
    let bench = Bench::new();
    for (failure, wait) in [(Failure::Full, "10"), (Failure::Busy, "1")] {
        bench.log.fail(failure);
        let answer = bench.send(post("/v1/logs", JSON, LOGS)).await;
        assert_eq!(
            (answer.status, answer.header("retry-after")),
            (StatusCode::SERVICE_UNAVAILABLE, wait)
        );
        assert_eq!(answer.json()["code"], 14);
    }
}

#[tokio::test]
async fn a_request_in_which_nothing_is_good_leaves_no_record() {
    let bench = Bench::new();
    let span = Span {
        name: "no ids".into(),
        ..Span::default()
    };
    let scope = ScopeSpans {
        spans: vec![span],
        ..ScopeSpans::default()
    };
    let resource = ResourceSpans {
        scope_spans: vec![scope],
        ..ResourceSpans::default()
    };
    let body = ExportTraceServiceRequest {
        resource_spans: vec![resource],
    }
    .encode_to_vec();
    let answer = bench.send(post("/v1/traces", PROTOBUF, body)).await;
    let partial = ExportTraceServiceResponse::decode(answer.body)
        .unwrap()
        .partial_success
        .unwrap();
    assert_eq!(partial.rejected_spans, 1);
    assert!(bench.rows("spans").is_empty());
    let answer = bench.send(post("/v1/traces", PROTOBUF, "")).await;
    assert_eq!(
        answer.status,
        StatusCode::OK,
        "an empty request is a request"
    );
}
