//! Bad days: what is refused is explained, loses nothing, and the rest keeps running.

use std::io::Write;

use crate::platform::Platform;

fn send(platform: &Platform, media_type: &str, body: &[u8], path: &str) -> (u16, String) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(body).unwrap();
    let data = format!("@{}", file.path().display());
    platform.curl(
        &[
            "-X",
            "POST",
            "-H",
            &format!("content-type: {media_type}"),
            "--data-binary",
            &data,
        ],
        path,
    )
}

#[test]
fn hostile_payloads_are_refused_with_a_code_and_kept_as_dead_letters() {
    let platform = Platform::start();
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let path = "/v1/events?type=t&source=/s";
    for (body, code) in [
        (deep.as_bytes(), "TL-INGEST-004"),
        (b"{\"a\": nonsense}".as_slice(), "TL-INGEST-001"),
        (b"{\"a\":\"\xff\xfe\"}".as_slice(), "TL-INGEST-001"),
        (b"[1,2".as_slice(), "TL-INGEST-001"),
    ] {
        let (status, answer) = send(&platform, "application/x-ndjson", body, path);
        assert!(
            (400..500).contains(&status) && answer.contains(code),
            "{status} {answer}"
        );
    }
    let (status, answer) = send(
        &platform,
        "application/x-ndjson",
        b"{\"good\":1}\nnonsense\n{\"good\":2}\n",
        path,
    );
    assert_eq!(status, 200, "{answer}");
    assert!(
        answer.contains("\"accepted\":2") && answer.contains("TL-INGEST-001"),
        "{answer}"
    );
    platform.wait_for("select count(*) from dead_letters", |count| count >= 5);
    assert_eq!(
        platform.number("select count(*) from events where source = '/s'"),
        2
    );
}

#[test]
fn a_request_of_a_gigabyte_is_refused_before_it_is_read() {
    let platform = Platform::start();
    let output = std::process::Command::new("sh")
        .arg("-c")
        .arg(format!(
            "head -c 1073741824 /dev/zero | curl -sS -m 60 -o /dev/null -w '%{{http_code}}' -X POST -H 'authorization: Bearer {}' \
             -H 'content-type: application/x-ndjson' -T - '{}/v1/events?type=t&source=/s'",
            platform.token, platform.api
        ))
        .output()
        .unwrap();
    let status = String::from_utf8_lossy(&output.stdout);
    assert!(
        status.ends_with("413") || status.ends_with("000"),
        "{status}"
    );
    let system: serde_json::Value =
        serde_json::from_str(&platform.curl(&[], "/v1/system").1).unwrap();
    assert!(
        system["process"]["resident_bytes"].as_u64().unwrap() < 600 << 20,
        "{system}"
    );
}

#[test]
fn a_thousand_distinct_fields_make_no_columns() {
    let platform = Platform::start();
    let before = platform
        .number("select count(*) from information_schema.columns where table_name = 'telemetry'");
    let lines: String = (0..1_000)
        .map(|n| format!("{{\"device_id\":\"d\",\"field_{n}\":{n}}}\n"))
        .collect();
    let (status, answer) = send(
        &platform,
        "application/x-ndjson",
        lines.as_bytes(),
        "/v1/events?type=trunkline.telemetry.v1&source=/s",
    );
    assert_eq!(status, 200, "{answer}");
    assert_eq!(
        platform.number(
            "select count(*) from information_schema.columns where table_name = 'telemetry'"
        ),
        before
    );
    assert_eq!(
        platform.number("select count(*) from telemetry where extra->>'field_7' = '7'"),
        1
    );
}

#[test]
fn sql_that_wants_everything_is_stopped_and_others_go_on() {
    let platform = Platform::with(&[
        ("TRUNKLINE__LAKE__QUERY_MEMORY_BYTES", "20000000"),
        ("TRUNKLINE__LAKE__QUERY_SPILL_BYTES", "1000000"),
    ]);
    let greedy = r#"{"query":"select array_agg(a.value) from generate_series(1, 200000000) a"}"#;
    let (status, answer) = send(&platform, "application/json", greedy.as_bytes(), "/v1/sql");
    assert!(
        status == 422 && answer.contains("TL-LAKE-004"),
        "{status} {answer}"
    );
    let endless = r#"{"query":"select count(*) from generate_series(1, 300000) a, generate_series(1, 300000) b where (a.value * b.value) % 7 = 3","timeout_ms":200}"#;
    let (status, answer) = send(&platform, "application/json", endless.as_bytes(), "/v1/sql");
    assert!(
        status == 408 && answer.contains("TL-LAKE-003"),
        "{status} {answer}"
    );
    assert_eq!(platform.number("select 7"), 7);
}
