//! Prometheus remote write, versions 1.0 and 2.0.

use axum::http::StatusCode;
use prost::Message;

use crate::support::{Answer, Bench, Failure, NOW, post};

#[derive(Clone, PartialEq, Message)]
pub(crate) struct WriteRequest {
    #[prost(message, repeated, tag = "1")]
    pub(crate) timeseries: Vec<TimeSeries>,
    #[prost(message, repeated, tag = "3")]
    pub(crate) metadata: Vec<MetricMetadata>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct MetricMetadata {
    #[prost(int32, tag = "1")]
    pub(crate) kind: i32,
    #[prost(string, tag = "2")]
    pub(crate) family: String,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct TimeSeries {
    #[prost(message, repeated, tag = "1")]
    pub(crate) labels: Vec<Label>,
    #[prost(message, repeated, tag = "2")]
    pub(crate) samples: Vec<Sample>,
    #[prost(message, repeated, tag = "3")]
    pub(crate) exemplars: Vec<Exemplar>,
    #[prost(message, repeated, tag = "4")]
    pub(crate) histograms: Vec<Histogram>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Label {
    #[prost(string, tag = "1")]
    pub(crate) name: String,
    #[prost(string, tag = "2")]
    pub(crate) value: String,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Sample {
    #[prost(double, tag = "1")]
    pub(crate) value: f64,
    #[prost(int64, tag = "2")]
    pub(crate) timestamp: i64,
    #[prost(int64, tag = "3")]
    pub(crate) start_timestamp: i64,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Exemplar {
    #[prost(message, repeated, tag = "1")]
    pub(crate) labels: Vec<Label>,
    #[prost(double, tag = "2")]
    pub(crate) value: f64,
    #[prost(int64, tag = "3")]
    pub(crate) timestamp: i64,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Histogram {
    #[prost(uint64, tag = "1")]
    pub(crate) count_int: u64,
    #[prost(double, tag = "3")]
    pub(crate) sum: f64,
    #[prost(sint32, tag = "4")]
    pub(crate) schema: i32,
    #[prost(double, tag = "5")]
    pub(crate) zero_threshold: f64,
    #[prost(uint64, tag = "6")]
    pub(crate) zero_count_int: u64,
    #[prost(message, repeated, tag = "11")]
    pub(crate) positive_spans: Vec<BucketSpan>,
    #[prost(sint64, repeated, tag = "12")]
    pub(crate) positive_deltas: Vec<i64>,
    #[prost(int32, tag = "14")]
    pub(crate) reset_hint: i32,
    #[prost(int64, tag = "15")]
    pub(crate) timestamp: i64,
    #[prost(double, repeated, tag = "16")]
    pub(crate) custom_values: Vec<f64>,
    #[prost(int64, tag = "17")]
    pub(crate) start_timestamp: i64,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct BucketSpan {
    #[prost(sint32, tag = "1")]
    pub(crate) offset: i32,
    #[prost(uint32, tag = "2")]
    pub(crate) length: u32,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Request2 {
    #[prost(string, repeated, tag = "4")]
    pub(crate) symbols: Vec<String>,
    #[prost(message, repeated, tag = "5")]
    pub(crate) timeseries: Vec<TimeSeries2>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct TimeSeries2 {
    #[prost(uint32, repeated, tag = "1")]
    pub(crate) labels_refs: Vec<u32>,
    #[prost(message, repeated, tag = "2")]
    pub(crate) samples: Vec<Sample>,
    #[prost(message, repeated, tag = "3")]
    pub(crate) histograms: Vec<Histogram>,
    #[prost(message, repeated, tag = "4")]
    pub(crate) exemplars: Vec<Exemplar2>,
    #[prost(message, optional, tag = "5")]
    pub(crate) metadata: Option<Metadata2>,
    #[prost(int64, tag = "6")]
    pub(crate) created_timestamp: i64,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Exemplar2 {
    #[prost(uint32, repeated, tag = "1")]
    pub(crate) labels_refs: Vec<u32>,
    #[prost(double, tag = "2")]
    pub(crate) value: f64,
    #[prost(int64, tag = "3")]
    pub(crate) timestamp: i64,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Metadata2 {
    #[prost(int32, tag = "1")]
    pub(crate) kind: i32,
    #[prost(uint32, tag = "3")]
    pub(crate) help_ref: u32,
    #[prost(uint32, tag = "4")]
    pub(crate) unit_ref: u32,
}

const VERSION_2: &str = "application/x-protobuf;proto=io.prometheus.write.v2.Request";

fn now() -> i64 {
    NOW.as_micros() / 1_000
}

fn labels(pairs: &[(&str, &str)]) -> Vec<Label> {
    pairs
        .iter()
        .map(|(name, value)| Label {
            name: (*name).into(),
            value: (*value).into(),
        })
        .collect()
}

fn sample(value: f64, timestamp: i64) -> Sample {
    Sample {
        value,
        timestamp,
        start_timestamp: 0,
    }
}

fn up(samples: Vec<Sample>) -> TimeSeries {
    let labels = labels(&[
        ("__name__", "up"),
        ("instance", "a\"b:9100"),
        ("job", "node"),
    ]);
    TimeSeries {
        labels,
        samples,
        ..TimeSeries::default()
    }
}

async fn send(bench: &Bench, content_type: &str, message: &impl Message) -> Answer {
    let packed = snap::raw::Encoder::new()
        .compress_vec(&message.encode_to_vec())
        .unwrap();
    let mut request = post("/api/v1/write", content_type, packed);
    request
        .headers_mut()
        .insert("content-encoding", "snappy".parse().unwrap());
    bench.send(request).await
}

fn histogram() -> Histogram {
    Histogram {
        count_int: 6,
        sum: 18.4,
        schema: 0,
        zero_threshold: 0.001,
        zero_count_int: 2,
        positive_spans: vec![
            BucketSpan {
                offset: -1,
                length: 2,
            },
            BucketSpan {
                offset: 1,
                length: 1,
            },
        ],
        positive_deltas: vec![1, 1, -1],
        reset_hint: 2,
        timestamp: now(),
        ..Histogram::default()
    }
}

#[tokio::test]
async fn version_1_becomes_rows() {
    let bench = Bench::new();
    let stale = f64::from_bits(0x7ff0_0000_0000_0002);
    let exemplar = Exemplar {
        labels: labels(&[("trace_id", "abc")]),
        value: 0.5,
        timestamp: now() - 5,
    };
    let request = WriteRequest {
        timeseries: vec![
            up(vec![
                sample(1.0, now() - 2),
                sample(stale, now() - 1),
                sample(f64::NAN, now()),
            ]),
            TimeSeries {
                histograms: vec![histogram()],
                ..up(Vec::new())
            },
            TimeSeries {
                exemplars: vec![exemplar],
                ..up(Vec::new())
            },
        ],
        metadata: vec![MetricMetadata {
            kind: 2,
            family: "up".into(),
        }],
    };
    let answer = send(&bench, "application/x-protobuf", &request).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT, "{answer:?}");
    assert_eq!(
        answer.header("x-prometheus-remote-write-samples-written"),
        ""
    );
    insta::assert_json_snapshot!("remote_write_1", bench.rows("metrics"));
    assert_eq!(bench.ingest.stats().accepted_total["prometheus"], 5);
}

fn version_2(created: i64, start: i64) -> Request2 {
    let symbols = [
        "",
        "__name__",
        "http_requests_total",
        "job",
        "api",
        "requests",
        "Help.",
        "trace_id",
        "abc",
    ];
    let series = TimeSeries2 {
        labels_refs: vec![1, 2, 3, 4],
        samples: vec![Sample {
            value: 5.0,
            timestamp: now(),
            start_timestamp: start,
        }],
        histograms: vec![Histogram {
            start_timestamp: start,
            custom_values: vec![0.1, 1.0],
            schema: -53,
            ..histogram()
        }],
        exemplars: vec![Exemplar2 {
            labels_refs: vec![7, 8],
            value: 1.0,
            timestamp: 0,
        }],
        metadata: Some(Metadata2 {
            kind: 1,
            help_ref: 6,
            unit_ref: 5,
        }),
        created_timestamp: created,
    };
    Request2 {
        symbols: symbols.map(Into::into).into(),
        timeseries: vec![series],
    }
}

#[tokio::test]
async fn version_2_becomes_rows_and_counts_what_was_written() {
    let bench = Bench::new();
    let answer = send(&bench, VERSION_2, &version_2(0, now() - 60_000)).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT, "{answer:?}");
    for kind in ["samples", "histograms", "exemplars"] {
        assert_eq!(
            answer.header(&format!("x-prometheus-remote-write-{kind}-written")),
            "1"
        );
    }
    insta::assert_json_snapshot!("remote_write_2", bench.rows("metrics"));
}

#[tokio::test]
async fn the_start_of_a_series_is_read_from_where_each_release_has_it() {
    for (created, start) in [(now() - 60_000, 0), (0, now() - 60_000)] {
        let bench = Bench::new();
        send(&bench, VERSION_2, &version_2(created, start)).await;
        assert_eq!(
            bench.rows("metrics")[0]["start_time"],
            "2026-11-24T17:59:00Z"
        );
    }
}

#[tokio::test]
async fn a_retry_is_the_same_request() {
    let bench = Bench::new();
    let request = WriteRequest {
        timeseries: vec![up(vec![sample(1.0, now())])],
        metadata: Vec::new(),
    };
    for _ in 0..3 {
        assert_eq!(
            send(&bench, "application/x-protobuf", &request)
                .await
                .status,
            StatusCode::NO_CONTENT
        );
    }
    assert_eq!(bench.rows("metrics").len(), 1);
    assert_eq!(bench.ingest.stats().duplicates_total, 2);
}

#[tokio::test]
async fn a_series_from_the_future_is_left_out_and_told() {
    let bench = Bench::new();
    let mut request = version_2(0, 0);
    let mut late = request.timeseries[0].clone();
    late.samples[0].timestamp = now() + 601_000;
    request.timeseries.insert(0, late.clone());
    request.timeseries.push(late);
    let answer = send(&bench, VERSION_2, &request).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(answer.json()["code"], "TL-INGEST-005");
    assert_eq!(
        answer.header("x-prometheus-remote-write-samples-written"),
        "1"
    );
    assert_eq!(
        bench.rows("metrics").len(),
        3,
        "sample, histogram and exemplar of the good series"
    );
    assert_eq!(
        bench.rows("dead_letters").len(),
        1,
        "both refused series are the same"
    );
}

#[tokio::test]
async fn what_is_no_remote_write_is_refused() {
    let bench = Bench::new();
    let request = WriteRequest {
        timeseries: vec![up(vec![sample(1.0, now())])],
        metadata: Vec::new(),
    };
    for (content_type, status, code) in [
        (
            "application/x-protobuf;proto=io.prometheus.write.v3.Request",
            415,
            "TL-INGEST-007",
        ),
        ("application/json", 415, "TL-INGEST-007"),
        (VERSION_2, 400, "TL-INGEST-009"),
    ] {
        let answer = send(&bench, content_type, &request).await;
        assert_eq!(
            (answer.status.as_u16(), answer.json()["code"].as_str()),
            (status, Some(code))
        );
    }
    let mut outside = version_2(0, 0);
    outside.symbols.truncate(3);
    assert_eq!(
        send(&bench, VERSION_2, &outside).await.json()["code"],
        "TL-INGEST-001"
    );
    let answer = bench
        .send(post(
            "/api/v1/write",
            "application/x-protobuf",
            "not snappy",
        ))
        .await;
    assert_eq!(answer.json()["code"], "TL-INGEST-001");
    // A snappy block that says that it becomes 4 GiB.
    let answer = bench
        .send(post(
            "/api/v1/write",
            "application/x-protobuf",
            vec![0xff, 0xff, 0xff, 0xff, 0x0f],
        ))
        .await;
    assert_eq!(answer.json()["code"], "TL-INGEST-003");
    assert!(bench.rows("metrics").is_empty());
}

#[tokio::test]
async fn a_full_log_is_a_server_error_which_prometheus_retries() {
    let bench = Bench::new();
    bench.log.fail(Failure::Full);
    let request = WriteRequest {
        timeseries: vec![up(vec![sample(1.0, now())])],
        metadata: Vec::new(),
    };
    let answer = send(&bench, "application/x-protobuf", &request).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("retry-after")),
        (507, "10")
    );
}

#[tokio::test]
async fn metadata_alone_is_taken_and_leaves_nothing() {
    let bench = Bench::new();
    let request = WriteRequest {
        timeseries: Vec::new(),
        metadata: vec![MetricMetadata {
            kind: 1,
            family: "up".into(),
        }],
    };
    assert_eq!(
        send(&bench, "application/x-protobuf", &request)
            .await
            .status,
        StatusCode::NO_CONTENT
    );
    assert!(bench.log.records().is_empty());
}
