//! `POST /v1/events` in all its modes.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::json;
use trunkline_model::Scope;

use crate::rows::ORDER_TYPE;
use crate::support::{Bench, Failure, gzip, post, sender};

const STRUCTURED: &str = "application/cloudevents+json";
const BATCH: &str = "application/cloudevents-batch+json";
const LINES: &str = "application/x-ndjson";

fn event(id: &str) -> serde_json::Value {
    json!({
        "specversion": "1.0", "id": id, "source": "/shop", "type": "com.example.paid.v1", "subject": "order-7",
        "time": "2026-11-24T17:59:00Z", "correlationid": "c1", "region": "eu", "data": {"total": 9.5},
    })
}

#[tokio::test]
async fn a_structured_event_becomes_a_row() {
    let bench = Bench::new();
    let answer = bench
        .send(post("/v1/events", STRUCTURED, event("1").to_string()))
        .await;
    assert_eq!(answer.status, StatusCode::OK);
    insta::assert_json_snapshot!("structured_answer", answer.json());
    insta::assert_json_snapshot!("structured_row", bench.rows("events"));
}

#[tokio::test]
async fn the_same_event_again_is_a_duplicate() {
    let bench = Bench::new();
    for (accepted, duplicates) in [(1, 0), (0, 1)] {
        let answer = bench
            .send(post("/v1/events", STRUCTURED, event("1").to_string()))
            .await
            .json();
        assert_eq!(
            (answer["accepted"].as_u64(), answer["duplicates"].as_u64()),
            (Some(accepted), Some(duplicates))
        );
    }
    assert_eq!(bench.rows("events").len(), 1);
    assert_eq!(bench.ingest.stats().duplicates_total, 1);
}

#[tokio::test]
async fn binary_mode_takes_attributes_from_headers() {
    let bench = Bench::new();
    let request = |content_type: &str, body: &'static [u8]| {
        Request::post("/v1/events")
            .header("ce-specversion", "1.0")
            .header("ce-id", "b1")
            .header("ce-source", "/shop")
            .header("ce-type", "com.example.note.v1")
            .header("ce-subject", "Euro%20%E2%82%AC")
            .header("ce-region", "eu \"west\"")
            .header("content-type", content_type)
            .body(Body::from(body))
            .unwrap()
    };
    let answer = bench
        .send(request("application/json; charset=utf-8", b" {\"a\": 1} "))
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let row = &bench.rows("events")[0];
    assert_eq!(row["subject"], "Euro €");
    assert_eq!(row["data"], "{\"a\": 1}");
    assert_eq!(row["extensions"], r#"{"region":"eu \"west\""}"#);
    assert!(!row.contains_key("datacontenttype"));

    let bench = Bench::new();
    bench.send(request("image/png", &[0x89, 0x50])).await;
    let row = &bench.rows("events")[0];
    assert_eq!(
        (row["data"].as_str(), row["datacontenttype"].as_str()),
        ("\"iVA=\"", "image/png")
    );

    let answer = bench.send(request("application/json", b"{")).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(answer.json()["code"], "TL-INGEST-001");
}

#[tokio::test]
async fn a_batch_succeeds_in_part() {
    let bench = Bench::new();
    let mut second = event("2");
    second["specversion"] = "0.3".into();
    let mut third = event("3");
    third["type"] = 7.into();
    let body = format!(" [{}, {second},{third} , {}]", event("1"), event("4"));
    let answer = bench.send(post("/v1/events", BATCH, body)).await;
    assert_eq!(answer.status, StatusCode::OK);
    insta::assert_json_snapshot!("batch_answer", answer.json());
    let ids: Vec<_> = bench
        .rows("events")
        .into_iter()
        .filter(|row| row["source"] == "/shop")
        .map(|row| row["id"].clone())
        .collect();
    assert_eq!(ids, ["1", "4"]);
    insta::assert_json_snapshot!("batch_dead_letters", bench.rows("dead_letters"));
    let told = bench
        .rows("events")
        .into_iter()
        .find(|row| row["type"] == "trunkline.ingest.refused.v1")
        .unwrap();
    assert!(told["data"].contains("TL-INGEST-002"), "{told:?}");
    assert_eq!(bench.ingest.stats().refused_total["TL-INGEST-002"], 2);
}

#[tokio::test]
async fn all_refused_is_an_error_that_lists_them() {
    let bench = Bench::new();
    let body = "{\"specversion\":\"1.0\"}\nnot json\n";
    let answer = bench.send(post("/v1/events", LINES, body)).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    insta::assert_json_snapshot!("all_refused", answer.json());
    assert_eq!(bench.rows("dead_letters").len(), 2);
}

#[tokio::test]
async fn lines_of_events_keep_their_numbers() {
    let bench = Bench::new();
    let body = format!(
        "\u{feff}{}\r\n\n{}\n  \nbroken\n{}",
        event("1"),
        event("2"),
        event("3")
    );
    let answer = bench
        .send(post("/v1/events", "application/jsonl", body))
        .await
        .json();
    assert_eq!(answer["accepted"], 3);
    assert_eq!(answer["rejected"][0]["index"], 2);
    assert!(
        answer["rejected"][0]["detail"]
            .as_str()
            .unwrap()
            .starts_with("line 5: byte 0"),
        "{answer}"
    );
}

#[tokio::test]
async fn lines_of_data_go_to_the_table_of_their_type() {
    let bench = Bench::new();
    let body = "{\"title\":\"a\",\"count\":3,\"price\":1.5,\"paid\":true,\"ts\":1795543100,\"lines\":[1, 2],\"colour\":\"red\"}\n\
                {\"count\":\"3\",\"price\":2,\"paid\":null,\"title\":\"\\u00e9\\n\",\"count\":4}\n\
                {\"count\":3.0,\"price\":1e999,\"title\":5,\"id\":\"mine\",\"offset\":1,\"time\":\"2026-11-24T17:00:00+00:00\"}";
    let path = format!("/v1/events?type={ORDER_TYPE}&source=/shop&subject=s");
    let answer = bench.send(post(&path, LINES, body)).await;
    assert_eq!(answer.json()["accepted"], 3, "{answer:?}");
    insta::assert_json_snapshot!("typed_rows", bench.rows("orders"));
}

#[tokio::test]
async fn an_id_makes_lines_idempotent() {
    let bench = Bench::new();
    let path = "/v1/events?type=com.example.x.v1&source=/shop&id=load-9";
    let body = "{\"a\":1}\n{\"a\":1}\nbad\n{\"a\":2}\n";
    let first = bench.send(post(path, LINES, body)).await.json();
    assert_eq!(
        (first["accepted"].as_u64(), first["rejected_count"].as_u64()),
        (Some(3), Some(1))
    );
    let again = bench.send(post(path, LINES, body)).await.json();
    assert_eq!(
        (again["accepted"].as_u64(), again["duplicates"].as_u64()),
        (Some(0), Some(3))
    );
    let ids: Vec<_> = bench
        .rows("events")
        .iter()
        .filter(|row| row["source"] == "/shop")
        .map(|row| row["id"].clone())
        .collect();
    assert_eq!(ids, ["load-9-1", "load-9-2", "load-9-4"]);
}

#[tokio::test]
async fn plain_data_without_a_table_keeps_its_text_and_its_time() {
    let bench = Bench::new();
    let body = " {\"ts\": 1795543100500, \"v\" : 1.50}\n{\"v\":2}\n";
    bench
        .send(post(
            "/v1/events?type=com.example.x.v1&source=/shop",
            LINES,
            body,
        ))
        .await;
    let rows = bench.rows("events");
    assert_eq!(rows[0]["data"], "{\"ts\": 1795543100500, \"v\" : 1.50}");
    assert_eq!(rows[0]["time"], "2026-11-24T17:58:20.500Z");
    assert_eq!(rows[1]["time"], rows[1]["received"]);
    assert!(!rows[0].contains_key("id"));
}

#[tokio::test]
async fn gzip_is_undone_and_other_encodings_refused() {
    let bench = Bench::new();
    let packed = |encoding: &str, body: Vec<u8>| {
        let mut request = post("/v1/events", STRUCTURED, body);
        request
            .headers_mut()
            .insert("content-encoding", encoding.parse().unwrap());
        request
    };
    let body = event("1").to_string();
    let answer = bench.send(packed("gzip", gzip(body.as_bytes()))).await;
    assert_eq!(answer.json()["accepted"], 1);
    for (encoding, code) in [
        ("br", "TL-INGEST-008"),
        ("snappy", "TL-INGEST-008"),
        ("gzip", "TL-INGEST-001"),
    ] {
        let answer = bench
            .send(packed(encoding, body.clone().into_bytes()))
            .await;
        assert_eq!(answer.json()["code"], code);
    }
}

#[tokio::test]
async fn what_the_address_does_not_take_is_refused() {
    let bench = Bench::new();
    for (path, content_type, status, code) in [
        ("/v1/events", "application/json", 415, "TL-INGEST-007"),
        (
            "/v1/events",
            "application/cloudevents+json; charset=latin1",
            415,
            "TL-INGEST-007",
        ),
        ("/v1/events?type=a", LINES, 400, "TL-WEB-006"),
        ("/v1/events?source=a&id=b", LINES, 400, "TL-WEB-006"),
        ("/v1/events?typ=a", LINES, 400, "TL-WEB-006"),
        ("/v1/events", STRUCTURED, 400, "TL-INGEST-001"),
    ] {
        let answer = bench.send(post(path, content_type, "")).await;
        assert_eq!(
            (answer.status.as_u16(), answer.json()["code"].as_str()),
            (status, Some(code)),
            "{path} {content_type}"
        );
    }
    let answer = bench
        .send_as(
            sender(&[Scope::Read]),
            post("/v1/events", STRUCTURED, event("1").to_string()),
        )
        .await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(
        bench
            .rows("events")
            .iter()
            .all(|row| row["source"] != "/shop")
    );
}

#[tokio::test]
async fn a_log_that_takes_nothing_is_told_and_leaves_no_dead_letter() {
    let bench = Bench::new();
    for (failure, status, code, wait) in [
        (Failure::Full, 507, "TL-LOG-001", "10"),
        (Failure::Busy, 503, "TL-LOG-002", "1"),
        (Failure::Closed, 503, "TL-LOG-008", "1"),
    ] {
        bench.log.fail(failure);
        let body = format!("{}\nbroken\n", event("1"));
        let answer = bench.send(post("/v1/events", LINES, body)).await;
        assert_eq!(
            (answer.status.as_u16(), answer.json()["code"].as_str()),
            (status, Some(code))
        );
        assert_eq!(answer.header("retry-after"), wait);
    }
    bench.log.fail(Failure::None);
    assert!(bench.log.records().is_empty());
    assert_eq!(bench.ingest.stats().refused_total["TL-LOG-001"], 1);
    let answer = bench
        .send(post("/v1/events", STRUCTURED, event("1").to_string()))
        .await;
    assert_eq!(
        answer.json()["accepted"],
        1,
        "the same event is taken once there is room"
    );
}

#[tokio::test]
async fn an_empty_batch_is_no_error() {
    let bench = Bench::new();
    for (content_type, body) in [(BATCH, "[]"), (LINES, "\n\n")] {
        let answer = bench.send(post("/v1/events", content_type, body)).await;
        assert_eq!(
            (answer.status, answer.json()["accepted"].as_u64()),
            (StatusCode::OK, Some(0))
        );
    }
    assert!(bench.log.records().is_empty());
}
