//! Other engines read the tables that the lake wrote.

use std::fmt::Write;

use crate::platform::{Platform, done, python, script};

#[test]
fn duckdb_and_deltalake_count_what_sql_counts() {
    let platform = Platform::with(&[("TRUNKLINE__LAKE__FLUSH_SECONDS", "1")]);
    let mut lines = String::new();
    for number in 0..5_000 {
        writeln!(
            lines,
            r#"{{"device_id":"d-{}","ts":{},"metric":"temperature","value":{}.5,"attributes":{{"site":"a"}}}}"#,
            number % 50,
            1_795_543_200_000_i64 + number,
            number % 30
        )
        .unwrap();
    }
    let file = platform.folder().join("telemetry.ndjson");
    std::fs::write(&file, lines).unwrap();
    let body = format!("@{}", file.display());
    let (status, answer) = platform.curl(
        &[
            "-X",
            "POST",
            "-H",
            "content-type: application/x-ndjson",
            "--data-binary",
            &body,
        ],
        "/v1/events?type=trunkline.telemetry.v1&source=/test",
    );
    assert_eq!(status, 200, "{answer}");
    platform.wait_for("select count(*) from telemetry", |count| count == 5_000);
    let sum = platform.sql("select sum(value), count(distinct device_id) from telemetry");
    let folder = platform.stop();
    let output = python()
        .arg(script("read_delta.py"))
        .arg(folder.path().join("data/lake/telemetry"))
        .output()
        .unwrap();
    let read: serde_json::Value = serde_json::from_str(&done(&output)).unwrap();
    assert_eq!(read["deltalake"], 5_000);
    assert_eq!(read["duckdb"], 5_000);
    assert_eq!(read["sum"], sum[0][0]);
    assert_eq!(read["devices"], sum[0][1]);
}
