//! The API over HTTP, as a script would use it.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::platform::{Platform, done};

#[test]
fn nothing_answers_without_a_credential_but_health_and_sign_in() {
    let mut platform = Platform::start();
    let token = std::mem::replace(&mut platform.token, "tl_nothing".into());
    for path in [
        "/v1/tables",
        "/v1/tail",
        "/v1/system",
        "/openapi.json",
        "/metrics",
        "/v1/tokens",
        "/v1/session",
    ] {
        let (status, answer) = platform.curl(&[], path);
        assert!(
            status == 401 && answer.contains("TL-ACCESS-00"),
            "{path}: {status} {answer}"
        );
    }
    for path in ["/healthz", "/readyz", "/"] {
        assert_eq!(platform.curl(&[], path).0, 200, "{path}");
    }
    platform.token = token;
    let (status, openapi) = platform.curl(&[], "/openapi.json");
    assert_eq!(status, 200);
    let openapi: Value = serde_json::from_str(&openapi).unwrap();
    assert!(openapi["openapi"].as_str().unwrap().starts_with("3.1"));
    for path in [
        "/v1/events",
        "/v1/sql",
        "/v1/tail",
        "/v1/tokens",
        "/v1/traces",
        "/api/v1/write",
    ] {
        assert!(openapi["paths"][path].is_object(), "{path}");
    }
    // The console's client is generated from that file.
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../web/openapi.json");
    let known: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(known, openapi, "the API has changed: run `make openapi`");
}

#[test]
fn an_event_that_comes_again_is_there_once_and_can_be_followed() {
    let platform = Platform::start();
    let event = r#"{"specversion":"1.0","id":"1","source":"/shop","type":"order.placed","data":{"total":7}}"#;
    let send = || {
        platform.curl(
            &[
                "-X",
                "POST",
                "-H",
                "content-type: application/cloudevents+json",
                "-d",
                event,
            ],
            "/v1/events",
        )
    };
    let (_, first) = send();
    let (_, second) = send();
    let first: Value = serde_json::from_str(&first).unwrap();
    let second: Value = serde_json::from_str(&second).unwrap();
    assert_eq!(
        (&first["accepted"], &second["duplicates"]),
        (&1.into(), &1.into()),
        "{first} {second}"
    );
    platform.wait_for(
        "select count(*) from events where type = 'order.placed'",
        |count| count == 1,
    );

    let from = first["first_offset"].as_u64().unwrap();
    let (_, frames) = platform.curl(
        &["-N", "-m", "3", "-H", "accept: text/event-stream"],
        &format!("/v1/tail?from={from}&contains=order.placed"),
    );
    assert!(
        frames.contains("\"offset\":") && frames.contains("order.placed"),
        "{frames}"
    );
    let (_, frames) = platform.curl(
        &[
            "-N",
            "-m",
            "3",
            "-H",
            "accept: text/event-stream",
            "-H",
            &format!("last-event-id: {from}"),
        ],
        "/v1/tail?contains=order.placed",
    );
    assert!(
        !frames.contains("\"offset\":"),
        "what was seen does not come again: {frames}"
    );
}

#[test]
fn answers_come_in_each_format() {
    let platform = Platform::start();
    let ask = |accept: &str| {
        let accept = format!("accept: {accept}");
        let body = r#"{"query":"select 1 as a, 'x' as b"}"#;
        platform.curl(
            &[
                "-X",
                "POST",
                "-H",
                "content-type: application/json",
                "-H",
                &accept,
                "-d",
                body,
            ],
            "/v1/sql",
        )
    };
    assert_eq!(ask("text/csv"), (200, "a,b\n1,x\n".into()));
    assert_eq!(
        ask("application/x-ndjson"),
        (200, "{\"a\":1,\"b\":\"x\"}\n".into())
    );
    assert_eq!(ask("application/vnd.apache.arrow.stream").0, 200);
    let (status, answer) = ask("image/png");
    assert!(
        status == 406 && answer.contains("TL-API-004"),
        "{status} {answer}"
    );
    let csv = done(&platform.trunkline(&["sql", "select 2 as c", "--output", "csv"]));
    assert_eq!(csv, "c\n2\n");
}

#[test]
fn tables_types_retention_erasure_and_saved_queries_are_kept_and_audited() {
    let platform = Platform::start();
    let call = |method: &str, path: &str, body: &str| {
        platform.curl(
            &[
                "-X",
                method,
                "-H",
                "content-type: application/json",
                "-d",
                body,
            ],
            path,
        )
    };
    let registration = r#"{"table":"orders","columns":[{"name":"customer","type":"string"},{"name":"total","type":"float"}]}"#;
    assert_eq!(
        call("PUT", "/v1/event-types/order.placed", registration).0,
        200
    );
    for (id, customer) in [("1", "ada"), ("2", "bob")] {
        let event = format!(
            r#"{{"specversion":"1.0","id":"{id}","source":"/shop","type":"order.placed","data":{{"customer":"{customer}","total":7.5,"note":"n"}}}}"#
        );
        let (status, answer) = platform.curl(
            &[
                "-X",
                "POST",
                "-H",
                "content-type: application/cloudevents+json",
                "-d",
                &event,
            ],
            "/v1/events",
        );
        assert_eq!(status, 200, "{answer}");
    }
    platform.wait_for(
        "select count(*) from orders where total = 7.5 and extra->>'note' = 'n'",
        |count| count == 2,
    );
    assert_eq!(
        call(
            "POST",
            "/v1/tables/orders/erase",
            r#"{"where":"customer = 'bob'"}"#
        )
        .1,
        r#"{"rows":1}"#
    );
    assert_eq!(platform.number("select count(*) from orders"), 1);
    assert_eq!(
        call("PATCH", "/v1/tables/orders", r#"{"retention_days":30}"#).0,
        200
    );
    assert_eq!(
        call(
            "PUT",
            "/v1/queries/my%20query",
            r#"{"query":"select 1","chart":{"x":"a"}}"#
        )
        .0,
        200
    );
    let (_, saved) = platform.curl(&[], "/v1/queries");
    assert!(
        saved.contains("my query") && saved.contains("\"x\":\"a\""),
        "{saved}"
    );
    let platform = platform.kill_and_restart();
    assert_eq!(platform.number("select count(*) from orders"), 1);
    let (_, saved) = platform.curl(&[], "/v1/queries");
    assert!(saved.contains("my query"), "{saved}");
    assert_eq!(
        platform.curl(&["-X", "DELETE"], "/v1/queries/my%20query").0,
        204
    );
    assert_eq!(platform.curl(&[], "/v1/queries").1, r#"{"queries":[]}"#);
    let audited = platform.sql(
        "select distinct type from events where starts_with(source, '/trunkline/lake') order by 1",
    );
    assert_eq!(audited.len(), 3, "{audited:?}");
}

#[test]
fn a_view_is_hidden_with_the_tables_that_it_reads() {
    let platform = Platform::start();
    let names = || {
        let (status, answer) = platform.curl(&[], "/v1/tables");
        assert_eq!(status, 200, "{answer}");
        let answer: Value = serde_json::from_str(&answer).unwrap();
        let tables = answer["tables"].as_array().unwrap();
        let names = tables.iter().map(|table| table["name"].to_string());
        names.collect::<Vec<_>>().join(" ")
    };
    assert!(names().contains("\"delivery\""), "{}", names());
    let (status, answer) = platform.curl(&[], "/v1/tables/delivery");
    assert_eq!(status, 200, "{answer}");
    let view: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(view["kind"], "view");
    assert_eq!(
        view["view"]["tables"],
        serde_json::json!(["changes", "landings"])
    );
    let change = [
        "-X",
        "PATCH",
        "-H",
        "content-type: application/json",
        "-d",
        r#"{"retention_days":3}"#,
    ];
    assert_eq!(platform.curl(&change, "/v1/tables/delivery").0, 409);

    let policies = platform.data_dir().join("workspace/policies");
    std::fs::create_dir_all(&policies).unwrap();
    let hidden =
        r#"forbid (principal, action == Action::"table.read", resource == Table::"landings");"#;
    std::fs::write(policies.join("hidden.cedar"), hidden).unwrap();
    let ask = |query: &str| {
        let body = serde_json::json!({ "query": query }).to_string();
        let json = ["-H", "content-type: application/json", "-d", &body];
        platform.curl(&json, "/v1/sql")
    };
    let began = Instant::now();
    while ask("select * from landings").0 == 200 && began.elapsed() < Duration::from_secs(10) {
        std::thread::sleep(Duration::from_millis(50));
    }
    let (status, answer) = ask("select count(*) from delivery");
    assert!(
        status == 403 && answer.contains("hidden.cedar"),
        "{status} {answer}"
    );
    assert_eq!(platform.curl(&[], "/v1/tables/delivery").0, 403);
    let left = names();
    assert!(
        left.contains("\"lead_time\"") && !left.contains("\"delivery\""),
        "{left}"
    );
    assert_eq!(ask("select count(*) from lead_time").0, 200);
}
