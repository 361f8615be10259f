//! Requests that mean harm, or come from a broken sender.

use axum::body::Body;
use axum::http::Request;
use bytes::Bytes;
use futures::stream;
use trunkline_ingest::IngestConfig;
use trunkline_lake::tables::TELEMETRY_TYPE;

use crate::support::{Bench, gzip, post};

const LINES: &str = "application/x-ndjson";

fn telemetry() -> String {
    format!("/v1/events?type={TELEMETRY_TYPE}&source=/d")
}

#[tokio::test]
async fn hostile_json_is_refused_line_by_line() {
    let bench = Bench::new();
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let mut body = Vec::new();
    for line in [
        deep.as_bytes(),
        b"{\"a\":\"\xff\xfe\"}",
        br#"{"a":"\ud800"}"#,
        b"{\"a\":\"\x00\"}",
        b"\xef\xbb\xbf{\"a\":1}",
        b"{\"a\":1}{\"b\":2}",
        b"[1]",
        b"\"text\"",
        b"{\"a\":01}",
        b"{\"a\":1e5,\"device_id\":\"good\"}",
    ] {
        body.extend_from_slice(line);
        body.push(b'\n');
    }
    let answer = bench.send(post(&telemetry(), LINES, body)).await.json();
    assert_eq!(
        (
            answer["accepted"].as_u64(),
            answer["rejected_count"].as_u64()
        ),
        (Some(1), Some(9))
    );
    let codes: Vec<_> = answer["rejected"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["code"].as_str().unwrap())
        .collect();
    assert_eq!(codes[0], "TL-INGEST-004");
    assert!(
        codes[1..].iter().all(|code| *code == "TL-INGEST-001"),
        "{answer}"
    );
    assert_eq!(bench.rows("telemetry").len(), 1);
    assert_eq!(bench.rows("dead_letters").len(), 9);
}

#[tokio::test]
async fn odd_but_well_formed_json_loses_nothing() {
    let bench = Bench::new();
    let body = concat!(
        r#"{"device_id":"a","device_id":"b","value":1e999,"metric":"\u0000","n":123456789012345678901234567890,"\u0064evice_id":"c"}"#,
        "\n",
        r#"{"metr\u0069c":"escaped","x\ny":1,"":2,"attributes":null}"#,
    );
    bench.send(post(&telemetry(), LINES, body)).await;
    let rows = bench.rows("telemetry");
    assert_eq!(rows[0]["device_id"], "a");
    assert_eq!(rows[0]["metric"], "\0");
    let extra = r#"{"device_id":"b","value":1e999,"n":123456789012345678901234567890,"\u0064evice_id":"c"}"#;
    assert_eq!(rows[0]["extra"], extra);
    assert_eq!(rows[1]["metric"], "escaped");
    assert_eq!(rows[1]["extra"], r#"{"x\ny":1,"":2}"#);
}

#[tokio::test]
async fn a_million_distinct_fields_make_no_column() {
    let bench = Bench::new();
    let mut body = String::new();
    for line in 0..100 {
        body.push_str("{\"device_id\":\"d\"");
        for field in 0..10_000 {
            body.push_str(&format!(",\"f{}\":1", line * 10_000 + field));
        }
        body.push_str("}\n");
    }
    let answer = bench.send(post(&telemetry(), LINES, body)).await.json();
    assert_eq!(answer["accepted"], 100);
    let rows = bench.rows("telemetry");
    assert_eq!(rows.len(), 100);
    assert!(
        rows.iter()
            .all(|row| row.len() <= 10 && row["device_id"] == "d")
    );
    assert!(rows[99]["extra"].ends_with(",\"f999999\":1}"));
}

#[tokio::test]
async fn a_gigabyte_is_refused_by_its_length_alone() {
    let bench = Bench::new();
    // A body that panics when it is read: the refusal must come before.
    let body = Body::from_stream(stream::once(async {
        panic!("nobody may read this") as Result<Bytes, std::io::Error>
    }));
    let request = Request::post("/v1/events")
        .header("content-type", LINES)
        .header("content-length", "1073741824")
        .body(body)
        .unwrap();
    let answer = bench.send(request).await;
    assert_eq!(
        (answer.status.as_u16(), answer.json()["code"].as_str()),
        (413, Some("TL-INGEST-003"))
    );
}

#[tokio::test]
async fn an_endless_body_is_cut_off_while_it_streams() {
    let bench = Bench::with(&IngestConfig {
        max_request_bytes: 1 << 20,
        ..IngestConfig::default()
    });
    let endless =
        stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from(vec![b'\n'; 64 << 10])));
    let request = post("/v1/events", LINES, Body::from_stream(endless));
    let answer = bench.send(request).await;
    assert_eq!(
        (answer.status.as_u16(), answer.json()["code"].as_str()),
        (413, Some("TL-INGEST-003"))
    );
}

#[tokio::test]
async fn a_bomb_is_refused_wherever_it_comes() {
    let bench = Bench::new();
    let bomb = gzip(&vec![b' '; 64 << 20]);
    assert!(bomb.len() < 1 << 20);
    for path in ["/v1/events", "/v1/logs"] {
        let content_type = if path == "/v1/logs" {
            "application/json"
        } else {
            LINES
        };
        let mut request = post(path, content_type, bomb.clone());
        request
            .headers_mut()
            .insert("content-encoding", "gzip".parse().unwrap());
        assert_eq!(bench.send(request).await.status.as_u16(), 413, "{path}");
    }
}

#[tokio::test]
async fn a_body_that_breaks_off_leaves_nothing() {
    let bench = Bench::new();
    let chunks = [
        Ok(Bytes::from("{\"specversion\":\"1.0\"")),
        Err(std::io::Error::other("reset")),
    ];
    let request = post(
        "/v1/events",
        "application/cloudevents+json",
        Body::from_stream(stream::iter(chunks)),
    );
    let answer = bench.send(request).await;
    assert_eq!(answer.json()["code"], "TL-INGEST-012");
    assert!(bench.log.records().is_empty());
}

#[tokio::test]
async fn a_deep_value_in_otlp_is_an_error_and_no_crash() {
    let bench = Bench::new();
    let value = format!(
        "{}{}{}",
        "{\"arrayValue\":{\"values\":[".repeat(5_000),
        "{}",
        "]}}".repeat(5_000)
    );
    let body = format!(
        "{{\"resourceLogs\":[{{\"scopeLogs\":[{{\"logRecords\":[{{\"body\":{value}}}]}}]}}]}}"
    );
    let answer = bench.send(post("/v1/logs", "application/json", body)).await;
    assert_eq!(answer.status.as_u16(), 400);
    assert!(
        answer.json()["message"]
            .as_str()
            .unwrap()
            .starts_with("TL-INGEST-004")
    );
}
