//! Kill -9 under the broker: no message that was acknowledged is lost, none of quality 2 comes twice, and no version of a twin is missing.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};

use crate::platform::{Platform, python, script};

/// What came of it, as rows of a table: what was counted, and how many there were.
type Counted = Vec<(&'static str, i64)>;

fn rounds(count: u64) -> Counted {
    let mut platform = Platform::start();
    platform.post("/v1/things", &json!({"name": "pump-7"}));
    let mut storm = python()
        .arg(script("mqtt_storm.py"))
        .args([&platform.token, "pump-7"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut addresses = storm.stdin.take().unwrap();
    writeln!(addresses, "{}", platform.mqtt).unwrap();
    let mut said = BufReader::new(storm.stdout.take().unwrap());
    let mut report = String::new();
    said.read_line(&mut report).unwrap();
    assert_eq!(report, "ready\n");
    for round in 0..count {
        // A different moment each round: between two checkpoints, in one, or just after the start.
        std::thread::sleep(Duration::from_millis(600 + (round * 397) % 2_500));
        platform = platform.kill_and_restart();
        writeln!(addresses, "{}", platform.mqtt).unwrap();
    }
    std::thread::sleep(Duration::from_secs(2));
    writeln!(addresses, "end").unwrap();
    report.clear();
    said.read_line(&mut report).unwrap();
    assert!(storm.wait().unwrap().success());
    let report: Value = serde_json::from_str(&report).unwrap();
    let number = |name: &str| report[name].as_i64().unwrap();
    let sent = number("sent");
    assert!(sent > 100, "{report}");
    assert_eq!(number("unacknowledged"), 0, "{report}");
    assert_eq!((number("here"), number("away")), (sent, sent), "{report}");
    assert_eq!(report["twice_here"], json!([]), "{report}");
    assert_eq!(report["twice_away"], json!([]), "{report}");
    platform.wait_for(
        "select count(distinct topic || payload) from messages where topic like 'storm/%'",
        |count| count == sent,
    );
    let once = platform.number("select count(*) from messages where topic = 'storm/2'");
    assert_eq!(once, number("sent_once"));
    let accepted: BTreeSet<i64> = report["versions"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_i64)
        .collect();
    let last = *accepted.last().unwrap();
    platform.wait_for("select max(version) from twins", |version| version >= last);
    let versions = platform.number("select count(distinct version) from twins");
    assert_eq!(
        versions,
        platform.number("select max(version) from twins"),
        "no version is missing"
    );
    vec![
        (
            "rounds of kill -9 under load",
            i64::try_from(count).unwrap(),
        ),
        ("messages acknowledged to the publisher", sent),
        (
            "of them read by a client that was connected, and by one that was away and came back",
            sent,
        ),
        ("of them lost", 0),
        ("of them of QoS 2, each a row once and read once", once),
        ("messages of QoS 1 that came again", number("repeated")),
        (
            "versions of a twin that were accepted",
            i64::try_from(accepted.len()).unwrap(),
        ),
        ("of them missing", 0),
    ]
}

#[test]
fn three_rounds_lose_nothing_and_double_nothing_of_quality_2() {
    rounds(3);
}

mod slow {
    use std::fmt::Write as _;

    use trunkline_model::{Clock as _, SystemClock};

    /// Writes the page where `make kill-report` wants it.
    #[test]
    fn fifty_rounds_lose_nothing_and_double_nothing_of_quality_2() {
        let counted = super::rounds(50);
        let Some(file) = std::env::var_os("TRUNKLINE_KILL_REPORT") else {
            return;
        };
        let mut page = format!(
            "# Kill -9 report\n\nWritten by `make kill-report` on {}. The platform is killed at moments that differ, while one client publishes with QoS 1 and 2 and \
             changes a twin, and two listen with sessions that last, one of them away most of the time; each start goes on with the same data. The test fails where \
             a row below is not true.\n\n| what | number |\n| --- | ---: |\n",
            SystemClock.now().date()
        );
        for (what, number) in counted {
            writeln!(page, "| {what} | {number} |").unwrap();
        }
        std::fs::write(file, page).unwrap();
    }
}
