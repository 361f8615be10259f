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
    let query = "select count(*) from telemetry where extra->>'field_7' = '7'";
    platform.wait_for(query, |rows| rows == 1);
}

/// A thousand lines that nothing can pack: their bytes are those of the disk.
fn noise(seed: u64) -> Vec<u8> {
    let mut state = seed + 1;
    let mut word = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let mut lines = String::new();
    for _ in 0..1_000 {
        let text: String = (0..64).map(|_| format!("{:016x}", word())).collect();
        lines.push_str(&format!("{{\"noise\":\"{text}\"}}\n"));
    }
    lines.into_bytes()
}

#[test]
fn a_full_disk_refuses_new_events_keeps_the_old_and_recovers_by_itself() {
    let platform = Platform::on_small_disk(
        160,
        &[
            ("TRUNKLINE__LOG__RESERVE_BYTES", "67108864"),
            ("TRUNKLINE__LOG__SEGMENT_BYTES", "8388608"),
            ("TRUNKLINE__LAKE__FLUSH_ROWS", "5000"),
        ],
    );
    let ballast = platform.data_dir().join("ballast");
    std::fs::write(&ballast, vec![1; 48 << 20]).unwrap();
    let path = "/v1/events?type=noise&source=/disk";
    let mut kept = 0;
    let (status, answer) = loop {
        let (status, answer) = send(&platform, "application/x-ndjson", &noise(kept), path);
        if status != 200 {
            break (status, answer);
        }
        kept += 1;
        assert!(kept < 200, "the disk never filled");
    };
    assert!(
        status == 507 && answer.contains("TL-LOG-") && answer.contains("hint"),
        "after {kept} thousand: {status} {answer}"
    );
    let count = "select count(*) from events where type = 'noise'";
    let rows = i64::try_from(kept).unwrap() * 1_000;
    platform.wait_for(count, |seen| seen >= rows);
    assert_eq!(platform.number(count), rows);

    std::fs::remove_file(&ballast).unwrap();
    let again = std::time::Instant::now();
    while send(&platform, "application/x-ndjson", &noise(1_000), path).0 != 200 {
        assert!(again.elapsed().as_secs() < 60, "it does not recover");
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    platform.wait_for(count, |seen| seen >= rows + 1_000);
    assert_eq!(platform.number(count), rows + 1_000);
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

mod slow {
    use super::{Platform, send};

    #[test]
    fn a_million_distinct_fields_make_no_columns() {
        let platform = Platform::start();
        let columns =
            "select count(*) from information_schema.columns where table_name = 'telemetry'";
        let before = platform.number(columns);
        for part in 0..100 {
            let lines: String = (0..10_000)
                .map(|n| {
                    format!(
                        "{{\"device_id\":\"d\",\"field_{}\":{n}}}\n",
                        part * 10_000 + n
                    )
                })
                .collect();
            let path = "/v1/events?type=trunkline.telemetry.v1&source=/s";
            let (status, answer) = send(&platform, "application/x-ndjson", lines.as_bytes(), path);
            assert_eq!(status, 200, "{answer}");
        }
        platform.wait_for("select count(*) from telemetry", |rows| rows == 1_000_000);
        assert_eq!(platform.number(columns), before);
        assert_eq!(
            platform.number("select count(*) from telemetry where extra->>'field_999999' = '9999'"),
            1
        );
        let (_, system) = platform.curl(&[], "/v1/system");
        let system: serde_json::Value = serde_json::from_str(&system).unwrap();
        let resident = system["process"]["resident_bytes"].as_u64().unwrap();
        assert!(resident < 1 << 30, "{system}");
    }
}
