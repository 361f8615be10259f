//! Freshness: from the acknowledgement of an event to the first statement that sees it, while others come in.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::fleet::{self, Fleet};
use crate::ingest::millis;
use crate::platform::{Platform, folder, statement};
use crate::report::{Report, Target};

/// Events a second that come in meanwhile, in batches of [`BATCH`].
const RATE: u64 = 20_000;
const BATCH: u64 = 100;
const PROBES: usize = 300;

/// Sends at a steady rate and looks for single events in SQL.
pub(crate) fn run(report: &mut Report) -> Result<()> {
    let platform = Platform::start(&folder("freshness")?.join("data"), &[])?;
    let stop = AtomicBool::new(false);
    let (mut times, sent, seconds) = std::thread::scope(|scope| -> Result<_> {
        let sender = scope.spawn(|| steady(&platform, &stop));
        let started = Instant::now();
        let times = probe(&platform);
        stop.store(true, Ordering::Relaxed);
        let sent = sender.join().expect("the sender does not panic")?;
        Ok((times?, sent, started.elapsed().as_secs_f64()))
    })?;
    times.sort_unstable();
    let section = report.section("Freshness", "From the acknowledgement of an event to the end of the first statement that sees it; a statement every 5 ms.");
    section.figure(
        "events a second that came in meanwhile",
        sent as f64 / seconds,
    );
    section.figure("milliseconds, median", millis(times[times.len() / 2]));
    section.at_most(
        "milliseconds, 99 of 100",
        millis(times[times.len() * 99 / 100]),
        Target(1_000.0),
    );
    Ok(())
}

fn steady(platform: &Platform, stop: &AtomicBool) -> Result<u64> {
    let fleet = Fleet::new(RATE * 3_600, crate::now(), 3_600);
    let mut connection = platform.connect()?;
    let started = Instant::now();
    let mut sent = 0;
    while !stop.load(Ordering::Relaxed) {
        fleet::send(&mut connection, fleet::PATH, &fleet.lines(sent, BATCH))?;
        sent += BATCH;
        let due = Duration::from_micros(sent * 1_000_000 / RATE);
        std::thread::sleep(due.saturating_sub(started.elapsed()));
    }
    Ok(sent)
}

fn probe(platform: &Platform) -> Result<Vec<Duration>> {
    let (mut sender, mut reader) = (platform.connect()?, platform.connect()?);
    let mut times = Vec::with_capacity(PROBES);
    for number in 0..PROBES {
        let line =
            format!("{{\"device_id\":\"probe-{number}\",\"metric\":\"probe\",\"value\":1}}\n");
        fleet::send(&mut sender, fleet::PATH, line.as_bytes())?;
        let acknowledged = Instant::now();
        let query = statement(&format!(
            "select value from telemetry where device_id = 'probe-{number}' and metric = 'probe'"
        ));
        loop {
            let (status, body) = reader.post("/v1/sql", "application/json", &query)?;
            let answer: serde_json::Value = serde_json::from_slice(&body)?;
            if answer["rows"]
                .as_array()
                .is_some_and(|rows| !rows.is_empty())
            {
                break;
            }
            if status != 200 || acknowledged.elapsed() > Duration::from_secs(30) {
                bail!("probe {number}: {answer}");
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        times.push(acknowledged.elapsed());
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(times)
}
