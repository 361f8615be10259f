//! The fleet in SQL: as it is, as it was, and made again from what was written.

use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};

use crate::platform::{Platform, done, python};

fn report(platform: &Platform, thing: &str, value: &Value) {
    let body = json!({"state": {"reported": value}});
    let answer = platform.post(&format!("/v1/things/{thing}/twin"), &body);
    assert!(answer["version"].is_u64(), "{answer}");
}

fn now(platform: &Platform) -> String {
    let row = platform.sql("select cast(now() as text)");
    // Twins count whole seconds, and so does this test.
    std::thread::sleep(Duration::from_millis(1_100));
    row[0][0].as_str().unwrap().to_owned()
}

fn fleet() -> Platform {
    let platform = Platform::start();
    for (thing, kind) in [("pump-1", "pump"), ("pump-2", "pump"), ("valve-1", "valve")] {
        platform.post(
            "/v1/things",
            &json!({"name": thing, "kind": kind, "attributes": {"site": "north"}}),
        );
    }
    report(
        &platform,
        "pump-1",
        &json!({"temperature": 61.5, "on": true, "list": [1, {"b": 2, "a": 1}]}),
    );
    report(
        &platform,
        "pump-2",
        &json!({"temperature": 80, "name": "Zw\u{f6}lf \"q\""}),
    );
    report(&platform, "valve-1", &json!({"open": false}));
    platform
}

#[test]
fn what_was_agreed_on_is_in_tables() {
    let platform = fleet();
    let put = |path: &str, body: &Value| {
        let (code, text) = platform.curl(
            &[
                "-X",
                "PUT",
                "-H",
                "content-type: application/json",
                "-d",
                &body.to_string(),
            ],
            path,
        );
        assert!((200..300).contains(&code), "{text}");
    };
    platform.post("/v1/thing-groups", &json!({"name": "cellar"}));
    put("/v1/thing-groups/cellar/things/pump-1", &json!({}));
    put(
        "/v1/relations",
        &json!({"from": "thing:pump-1", "kind": "stands-in", "to": "place:cellar"}),
    );
    let certified = platform.post("/v1/things/pump-2/certificates", &json!({}));
    let job = json!({"jobId": "ota-7", "targets": ["group:cellar", "pump-2"], "document": {"version": "2"}});
    platform.post("/v1/jobs", &job);
    for (table, row) in [
        (
            "select group_name, thing from group_members",
            json!(["cellar", "pump-1"]),
        ),
        (
            "select origin, kind, target, said_by is not null from relations",
            json!(["thing:pump-1", "stands-in", "place:cellar", true]),
        ),
        (
            "select id, thing, status, claim, not_after > now() from certificates",
            json!([
                certified["certificate"]["id"],
                "pump-2",
                "active",
                null,
                true
            ]),
        ),
        (
            "select job, status, completed from jobs",
            json!(["ota-7", "IN_PROGRESS", null]),
        ),
    ] {
        assert_eq!(json!(platform.sql(table)), json!([row]), "{table}");
    }
    platform.wait_for(
        "select count(*) from executions where job = 'ota-7' and status = 'QUEUED' and started is null and number = 1",
        |count| count == 2,
    );
    // What is said of a release may look at those alone who have it.
    assert_eq!(
        platform.number(
            "select count(*) from executions e join shadows s on s.thing = e.thing where e.job = 'ota-7' and (s.reported->>'temperature')::double > 70"
        ),
        1
    );
    platform.curl(&["-X", "DELETE"], "/v1/things/pump-2");
    platform.wait_for("select count(*) from certificates", |count| count == 0);
}

#[test]
fn a_gate_looks_at_those_who_were_updated_and_calls_the_job_off() {
    let platform = fleet();
    let gate = "select count(*) filter (where (s.reported->>'temperature')::double > 70) > 0 \
                from executions e join shadows s on s.thing = e.thing where e.job = 'ota-7' and e.status = 'SUCCEEDED'";
    let job = json!({"jobId": "ota-7", "targets": ["pump-1", "valve-1"], "document": {}, "gates": {"abort": gate, "everySeconds": 1}});
    platform.post("/v1/jobs", &job);
    let status = |wanted: &str| {
        let query =
            format!("select count(*) from jobs where job = 'ota-7' and status = '{wanted}'");
        platform.wait_for(&query, |count| count == 1);
    };
    // Another pump is hot, which has nothing to do with it.
    std::thread::sleep(Duration::from_millis(2_500));
    status("IN_PROGRESS");
    let (host, port) = platform.mqtt.split_once(':').unwrap();
    let said = Command::new("mosquitto_pub")
        .args([
            "-h",
            host,
            "-p",
            port,
            "-u",
            "updater",
            "-P",
            &platform.token,
        ])
        .args(["-q", "1", "-t", "$aws/things/pump-1/jobs/ota-7/update"])
        .args(["-m", "{\"status\":\"SUCCEEDED\"}"])
        .output();
    done(&said.unwrap());
    report(&platform, "pump-1", &json!({"temperature": 90}));
    status("CANCELED");
    platform.wait_for(
        "select count(*) from executions where thing = 'valve-1' and status = 'CANCELED'",
        |count| count == 1,
    );
}

#[test]
fn the_fleet_is_a_table_as_it_is_and_as_it_was() {
    let platform = fleet();
    assert_eq!(
        platform.number("select count(*) from things where kind = 'pump' and not connected"),
        2
    );
    platform.wait_for("select count(*) from shadows", |count| count == 3);
    let hot = "select thing from shadows where (reported->>'temperature')::double > 70";
    assert_eq!(platform.sql(hot), [[json!("pump-2")]]);
    let before = now(&platform);
    report(&platform, "pump-2", &json!({"temperature": 20}));
    let wanted = json!({"state": {"desired": {"on": false}}});
    platform.post("/v1/things/pump-1/twin", &wanted);
    platform.wait_for(
        "select count(*) from shadows where delta is not null",
        |count| count == 1,
    );
    assert!(platform.sql(hot).is_empty());
    // What is gone is gone from the present, and still was.
    platform.curl(&["-X", "DELETE"], "/v1/things/valve-1");
    platform.wait_for("select count(*) from shadows", |count| count == 2);
    // Another thing of that name begins anew.
    platform.post("/v1/things", &json!({"name": "valve-1", "kind": "tap"}));
    report(&platform, "valve-1", &json!({"open": true}));
    platform.wait_for(
        "select count(*) from shadows where thing = 'valve-1' and version = 1 and kind = 'tap' and reported->>'open' = 'true'",
        |count| count == 1,
    );
    platform.curl(&["-X", "DELETE"], "/v1/things/valve-1");
    platform.wait_for("select count(*) from shadows", |count| count == 2);
    platform.wait_for(
        "select count(*) from twins where thing = 'pump-1'",
        |count| count == 2,
    );
    let at = |moment: &str| {
        let rows = platform.sql(&format!(
            "select thing, version, reported->>'temperature' from twins_at('{moment}') order by thing"
        ));
        serde_json::to_value(rows).unwrap()
    };
    assert_eq!(
        at(&before),
        json!([
            ["pump-1", 1, "61.5"],
            ["pump-2", 1, "80"],
            ["valve-1", 1, null]
        ])
    );
    assert!(
        platform
            .sql("select * from twins_at('2020-01-01')")
            .is_empty()
    );
    let changed = platform.sql(&format!(
        "select thing, version_before, version_after from twins_diff('{before}', now()) order by thing"
    ));
    assert_eq!(
        json!(changed),
        json!([["pump-1", 1, 2], ["pump-2", 1, 2], ["valve-1", 1, null]])
    );
}

#[test]
fn documents_are_made_again_byte_for_byte() {
    let platform = fleet();
    let delete = ["-X", "DELETE"];
    platform.curl(&delete, "/v1/things/pump-2/twin");
    // Another thing of the same name is not made of what the first one said.
    platform.curl(&delete, "/v1/things/valve-1");
    platform.post("/v1/things", &json!({"name": "valve-1"}));
    report(&platform, "valve-1", &json!({"open": 1}));
    for n in 0..30 {
        report(
            &platform,
            "pump-1",
            &json!({"n": n, "temperature": f64::from(n) * 0.1}),
        );
    }
    let rebuild = |mend: bool| platform.post("/v1/fleet/rebuild", &json!({"mend": mend}));
    let same = rebuild(false);
    assert_eq!(
        (&same["rebuilt"], &same["equal"], &same["unknown"]),
        (&json!(3), &json!(3), &json!(0)),
        "{same}"
    );
    let database = platform.data_dir().join("control.db");
    let spoil = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], timeout=30); \
        c.execute(\"update twin_document set document = replace(document, '\\\"n\\\":29', '\\\"n\\\":7') where thing = 'pump-1'\"); c.commit()";
    let spoilt = python()
        .args(["-c", spoil])
        .arg(&database)
        .output()
        .unwrap();
    done(&spoilt);
    let broken = rebuild(false);
    assert_eq!(broken["equal"], 2, "{broken}");
    assert_eq!(broken["differences"][0]["thing"], "pump-1");
    assert_eq!(rebuild(true)["mended"], true);
    assert_eq!(rebuild(false)["equal"], 3);
    // What is asked now comes out of the table.
    let platform = platform.kill_and_restart();
    let shown = platform.trunkline(&["twin", "show", "pump-1"]);
    let shown: Value = serde_json::from_str(&done(&shown)).unwrap();
    assert_eq!(shown["state"]["reported"]["n"], 29);
}
