//! What models expect of devices, beside what those report.

use std::cell::Cell;
use std::time::Duration;

use serde_json::{Value, json};

use crate::platform::Platform;

fn make(platform: &Platform, thing: &str, kind: &str) {
    platform.post("/v1/things", &json!({"name": thing, "kind": kind}));
}

/// Reports; gives the version of the twin that came of it.
fn report(platform: &Platform, thing: &str, value: &Value) -> u64 {
    let body = json!({"state": {"reported": value}});
    let answer = platform.post(&format!("/v1/things/{thing}/twin"), &body);
    let version = answer["version"].as_u64();
    version.unwrap_or_else(|| panic!("{answer}"))
}

/// Reports, and returns when the report was seen: the next one is another one. Gives how many rows there are then.
fn report_and_see(platform: &Platform, thing: &str, value: &Value) -> i64 {
    let version = report(platform, thing, value);
    let written =
        format!("select count(*) from shadows where thing = '{thing}' and version = {version}");
    platform.wait_for(&written, |count| count == 1);
    // Rows that are a quarter of a second old are made anew.
    std::thread::sleep(Duration::from_millis(400));
    platform.number("select count(*) from residuals")
}

#[test]
fn a_pump_that_is_hotter_than_its_model_stands_out() {
    let platform = Platform::start();
    make(&platform, "pump-1", "pump");
    make(&platform, "valve-1", "valve");
    let warm = json!({"state": "running", "temperature": 60, "flow": 12.1, "serial": 7});
    let seen = report_and_see(&platform, "pump-1", &warm);
    assert_eq!(seen, 0, "nothing was expected of the first report");
    report_and_see(&platform, "valve-1", &json!({"temperature": 60}));
    report(&platform, "valve-1", &json!({"temperature": 95}));
    let hot = json!({"state": "overheated", "temperature": 95, "flow": 12.1, "speed": 1500});
    report(&platform, "pump-1", &hot);
    // Neither what has no model nor what it knows nothing of; the speed was not reported before.
    platform.wait_for(
        "select count(*) from residuals where thing = 'pump-1' and kind = 'pump' and since <= changed",
        |count| count == 3,
    );
    assert_eq!(platform.number("select count(*) from residuals"), 3);
    let rows = platform
        .sql("select thing, field, reported, expected from residuals where abs(residual) > 5");
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!(rows[0][..2], [json!("pump-1"), json!("temperature")]);
    assert_eq!(rows[0][2].as_f64(), Some(95.0));
    // It warms by less than two degrees a minute.
    let expected = rows[0][3].as_f64().unwrap();
    assert!((59.0..68.0).contains(&expected), "{rows:?}");
    // By their places in the model: overheated was reported, running was expected.
    let state = platform.sql(
        "select reported, expected, residual from residuals where thing = 'pump-1' and field = 'state'",
    );
    let state: Vec<_> = state[0].iter().map(Value::as_f64).collect();
    assert_eq!(state, [Some(1.0), Some(0.0), Some(1.0)]);
    // It runs as fast as it should, though it never said how fast.
    let flow = platform
        .number("select count(*) from residuals where field = 'flow' and abs(residual) < 0.5");
    assert_eq!(flow, 1);
    // After a restart the present report is the first one.
    let platform = platform.kill_and_restart();
    assert_eq!(platform.number("select count(*) from residuals"), 0);
    report(&platform, "pump-1", &json!({"temperature": 40}));
    platform.wait_for(
        "select count(*) from residuals where field = 'temperature' and residual < -30",
        |count| count == 1,
    );
    // What is gone has no rows, and another thing of its name begins anew.
    platform.curl(&["-X", "DELETE"], "/v1/things/pump-1");
    platform.wait_for("select count(*) from residuals", |count| count == 0);
    make(&platform, "pump-1", "pump");
    assert_eq!(report_and_see(&platform, "pump-1", &warm), 0);
}

#[test]
fn a_model_of_the_workspace_holds_without_a_restart() {
    let platform = Platform::start();
    make(&platform, "valve-1", "valve");
    let model = r#"
        kind = "valve"
        every = "1s"
        [variables]
        position = { start = 0 }
        [report]
        position = "position"
    "#;
    let folder = platform.data_dir().join("workspace/behaviour");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("valve.toml"), model).unwrap();
    // It is expected to stay where it is, and moves.
    let position = Cell::new(0);
    let moved = "select count(*) from residuals where thing = 'valve-1' and field = 'position' and residual > 0";
    platform.wait_for(moved, |count| {
        position.set(position.get() + 1);
        report(&platform, "valve-1", &json!({"position": position.get()}));
        count == 1
    });
    std::fs::remove_file(folder.join("valve.toml")).unwrap();
    platform.wait_for("select count(*) from residuals", |count| count == 0);
}
