//! What the platform itself appends.

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use trunkline_model::{Event, SeededIds};

use crate::support::{Bench, Failure, NOW};

fn event(seed: u64) -> Event {
    let data = serde_json::json!({"name": "ci"});
    Event::platform(
        "access",
        "trunkline.access.token.created.v1",
        "tok_1",
        NOW,
        &SeededIds::new(seed),
        &data,
    )
    .unwrap()
}

#[tokio::test]
async fn events_of_the_outbox_arrive_once() {
    let bench = Bench::new();
    let events = [event(1), event(2).caused_by(&event(1))];
    let appended = bench.ingest.append_events(&events).await.unwrap();
    assert_eq!(
        (appended.first.0, appended.next.0, appended.duplicates),
        (0, 2, 0)
    );
    let again = bench.ingest.append_events(&events).await.unwrap();
    assert_eq!(again.duplicates, 2);
    let rows = bench.rows("events");
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[1]["causationid"], rows[0]["id"]);
    assert_eq!(rows[0]["data"], r#"{"name":"ci"}"#);
    let stats = bench.ingest.stats();
    assert_eq!(
        (stats.accepted_total["platform"], stats.duplicates_total),
        (2, 2)
    );
}

#[tokio::test]
async fn own_logs_arrive_and_a_full_log_is_told() {
    let bench = Bench::new();
    let record = LogRecord {
        severity_number: 17,
        ..LogRecord::default()
    };
    let scope = ScopeLogs {
        log_records: vec![record],
        ..ScopeLogs::default()
    };
    let request = ExportLogsServiceRequest {
        resource_logs: vec![ResourceLogs {
            scope_logs: vec![scope],
            ..ResourceLogs::default()
        }],
    };
    bench.ingest.append_logs(&request).await.unwrap();
    assert_eq!(bench.rows("logs")[0]["severity"], "error");
    bench.log.fail(Failure::Full);
    assert!(bench.ingest.append_logs(&request).await.is_err());
    assert!(bench.ingest.append_events(&[event(1)]).await.is_err());
}
