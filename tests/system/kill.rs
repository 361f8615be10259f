//! Kill -9 at any moment: what was acknowledged is in SQL exactly once.

use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use crate::platform::Platform;

/// Small limits, so that a round sees flushes and compactions too.
const BUSY: [(&str, &str); 4] = [
    ("TRUNKLINE__LAKE__FLUSH_SECONDS", "1"),
    ("TRUNKLINE__LAKE__FLUSH_ROWS", "2000"),
    ("TRUNKLINE__LAKE__COMPACT_FILES", "2"),
    ("TRUNKLINE__LAKE__MAINTENANCE_SECONDS", "1"),
];

/// Sends batches of 100 events until it is stopped or the platform is gone; says how many batches were acknowledged.
fn send(api: &str, token: &str, round: u64, stop: &AtomicBool, acknowledged: &AtomicU64) {
    for batch in 0_u64.. {
        if stop.load(Ordering::Relaxed) {
            return;
        }
        let lines: String = (0..100)
            .map(|line| {
                format!(
                    "{{\"device_id\":\"r{round}-b{batch}\",\"metric\":\"n\",\"value\":{line}}}\n"
                )
            })
            .collect();
        let sent = Command::new("curl")
            .args([
                "-sS",
                "-f",
                "-m",
                "10",
                "-o",
                "/dev/null",
                "-X",
                "POST",
                "-H",
                "content-type: application/x-ndjson",
            ])
            .args([
                "-H",
                &format!("authorization: Bearer {token}"),
                "--data-binary",
                &lines,
            ])
            .arg(format!(
                "{api}/v1/events?type=trunkline.telemetry.v1&source=/kill&id=r{round}-b{batch}"
            ))
            .stderr(Stdio::null())
            .status()
            .unwrap();
        if !sent.success() {
            return;
        }
        acknowledged.store(batch + 1, Ordering::Relaxed);
    }
}

fn rounds(count: u64) {
    let mut platform = Platform::with(&BUSY);
    let mut batches = Vec::new();
    for round in 0..count {
        let stop = Arc::new(AtomicBool::new(false));
        let acknowledged = Arc::new(AtomicU64::new(0));
        let sender = {
            let (api, token) = (platform.api.clone(), platform.token.clone());
            let (stop, acknowledged) = (Arc::clone(&stop), Arc::clone(&acknowledged));
            std::thread::spawn(move || send(&api, &token, round, &stop, &acknowledged))
        };
        // A different moment each round: in the midst of an append, a flush, a compaction, or just after the start.
        std::thread::sleep(Duration::from_millis(150 + (round * 397) % 2_500));
        platform = platform.kill_and_restart();
        stop.store(true, Ordering::Relaxed);
        sender.join().unwrap();
        batches.push(acknowledged.load(Ordering::Relaxed));
    }
    for (round, acknowledged) in batches.iter().enumerate() {
        // After a start the tables catch up with the log, which takes a moment.
        let expected = usize::try_from(*acknowledged).unwrap();
        platform.wait_for(
            &format!("select count(distinct device_id) from telemetry where starts_with(device_id, 'r{round}-')"),
            |batches| usize::try_from(batches).unwrap() >= expected,
        );
        let seen = platform.sql(&format!(
            "select device_id, count(*), count(distinct value) from telemetry where starts_with(device_id, 'r{round}-') group by device_id"
        ));
        // A batch that was on its way when the platform was killed may be there, whole, or not at all.
        assert!(
            seen.len() == expected || seen.len() == expected + 1,
            "round {round}: {} of {expected} batches",
            seen.len()
        );
        for row in &seen {
            assert_eq!(
                (row[1].as_i64(), row[2].as_i64()),
                (Some(100), Some(100)),
                "round {round}: {row:?}"
            );
        }
    }
    let total: u64 = batches.iter().sum();
    assert!(total > count, "the rounds sent something: {batches:?}");
    println!(
        "kill -9: {count} rounds, {} acknowledged events, each in SQL once",
        total * 100
    );
}

#[test]
fn three_rounds_lose_and_double_nothing() {
    rounds(3);
}

mod slow {
    #[test]
    fn fifty_rounds_lose_and_double_nothing() {
        super::rounds(50);
    }
}
