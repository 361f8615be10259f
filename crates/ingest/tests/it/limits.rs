//! Limits that a configuration sets.

use serde_json::json;
use trunkline_ingest::IngestConfig;
use trunkline_model::Scope;

use crate::support::{Bench, post, sender};

const LINES: &str = "application/x-ndjson";
const DATA: &str = "/v1/events?type=com.example.x.v1&source=/s";

#[tokio::test]
async fn an_event_has_a_size_and_a_depth() {
    let bench = Bench::with(&IngestConfig {
        max_event_bytes: 100,
        max_depth: 3,
        ..IngestConfig::default()
    });
    let body = format!(
        "{{\"a\":\"{}\"}}\n{{\"a\":[[1]]}}\n{{\"a\":[[[1]]]}}\n",
        "x".repeat(100)
    );
    let answer = bench.send(post(DATA, LINES, body)).await.json();
    assert_eq!(answer["accepted"], 1);
    assert_eq!(answer["rejected"][0]["code"], "TL-INGEST-003");
    assert_eq!(answer["rejected"][1]["code"], "TL-INGEST-004");
}

#[tokio::test]
async fn a_request_has_a_number_of_events() {
    let bench = Bench::with(&IngestConfig {
        max_events_per_request: 2,
        ..IngestConfig::default()
    });
    let answer = bench.send(post(DATA, LINES, "{}\n{}\n{}\n")).await;
    assert_eq!(
        (answer.status.as_u16(), answer.json()["code"].as_str()),
        (413, Some("TL-INGEST-003"))
    );
    assert_eq!(
        bench.send(post(DATA, LINES, "{}\n{}\n")).await.json()["accepted"],
        2
    );
}

#[tokio::test]
async fn times_must_be_near_the_clock_wherever_they_stand() {
    let bench = Bench::new();
    let body = "{\"ts\":\"2026-11-24T18:10:01Z\"}\n{\"time\":\"1970-01-01T00:00:00Z\"}\n{\"ts\":1}\n{\"ts\":\"2026-11-24T18:09:59Z\"}\n";
    let answer = bench.send(post(DATA, LINES, body)).await.json();
    assert_eq!(answer["accepted"], 1, "{answer}");
    assert!(
        answer["rejected"]
            .as_array()
            .unwrap()
            .iter()
            .all(|one| one["code"] == "TL-INGEST-005")
    );
    let event = json!({"specversion": "1.0", "id": "1", "source": "/s", "type": "t", "time": "2030-01-01T00:00:00Z"});
    let answer = bench
        .send(post(
            "/v1/events",
            "application/cloudevents+json",
            event.to_string(),
        ))
        .await;
    assert_eq!(
        (answer.status.as_u16(), answer.json()["code"].as_str()),
        (400, Some("TL-INGEST-005"))
    );
    bench.clock.advance_micros(4 * 365 * 86_400 * 1_000_000);
    let answer = bench
        .send(post(
            "/v1/events",
            "application/cloudevents+json",
            event.to_string(),
        ))
        .await;
    assert_eq!(answer.json()["accepted"], 1, "the clock has come so far");
}

#[tokio::test]
async fn a_credential_has_a_rate() {
    let bench = Bench::with(&IngestConfig {
        max_events_per_second: 1,
        ..IngestConfig::default()
    });
    let body = "{}\n".repeat(5_000);
    // A large batch passes as a whole and is paid for afterwards, here by more than an hour.
    let answer = bench.send(post(DATA, LINES, body.clone())).await;
    assert_eq!(answer.json()["accepted"], 5_000);
    let answer = bench.send(post(DATA, LINES, body.clone())).await;
    assert_eq!(
        (answer.status.as_u16(), answer.json()["code"].as_str()),
        (429, Some("TL-INGEST-006"))
    );
    assert!(answer.header("retry-after").parse::<u64>().unwrap() > 3_600);
    assert_eq!(bench.rows("events").len(), 5_000);
    let mut other = sender(&[Scope::Write]);
    other.id = "tok_2".into();
    let answer = bench.send_as(other, post(DATA, LINES, body)).await;
    assert_eq!(answer.json()["accepted"], 5_000);
}

#[tokio::test]
async fn dead_letters_are_few_short_and_counted() {
    let config = IngestConfig {
        dead_letters_per_second: 3,
        dead_letter_bytes: 5,
        ..IngestConfig::default()
    };
    let bench = Bench::with(&config);
    let body: String = (0..150).map(|line| format!("broken {line}\n")).collect();
    let answer = bench.send(post(DATA, LINES, body)).await.json();
    assert_eq!(answer["rejected"].as_array().unwrap().len(), 100);
    assert_eq!(answer["rejected_count"], 150);
    let letters = bench.rows("dead_letters");
    assert_eq!(letters.len(), 3);
    assert_eq!(
        (letters[0]["payload"].as_str(), letters[0]["bytes"].as_str()),
        ("broke", "9")
    );
    assert_eq!(letters[0]["sender"], "ci (tok_1)");
    let stats = bench.ingest.stats();
    assert_eq!(
        (
            stats.refused_total["TL-INGEST-001"],
            stats.dead_letters_total
        ),
        (150, 3)
    );
}

#[test]
fn the_configuration_is_an_outside_shape() {
    insta::assert_json_snapshot!("config", IngestConfig::default());
    let schema = serde_json::to_value(schemars::schema_for!(IngestConfig)).unwrap();
    let described = schema["properties"]
        .as_object()
        .unwrap()
        .values()
        .all(|field| field["description"].is_string());
    assert!(described, "{schema}");
    assert!(serde_json::from_str::<IngestConfig>(r#"{"max_dept": 1}"#).is_err());
}
