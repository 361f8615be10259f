//! Durable intake: what an acknowledged event costs, and how many come through.

use std::time::{Duration, Instant};

use anyhow::Result;

use crate::fleet::{self, Fleet};
use crate::platform::{Platform, folder};
use crate::report::{Report, Target};

const READINGS: u64 = 6_000_000;
const SINGLE: u64 = 300_000;
const CONNECTIONS: u64 = 64;
/// Threads of the client, each with its share of the connections: one for each connection would cost more than the server does.
const SENDERS: u64 = 2;

/// Batches of a thousand over eight connections, then single events over sixty-four.
pub(crate) fn run(report: &mut Report) -> Result<()> {
    let platform = Platform::start(&folder("ingest")?.join("data"), &[])?;
    batches(&platform, report)?;
    single(&platform, report)
}

fn batches(platform: &Platform, report: &mut Report) -> Result<()> {
    let fleet = Fleet::new(READINGS, crate::now(), 3_600);
    platform.process.forget_peak()?;
    let (started, before) = (Instant::now(), platform.process.cpu()?);
    fleet::send_all(platform, fleet, READINGS, 8)?;
    let wall = started.elapsed();
    // The bill is complete when every event is in SQL; most are in files by then.
    while platform.number("select count(*) from telemetry")? < READINGS {
        std::thread::sleep(Duration::from_millis(20));
    }
    let visible = started.elapsed();
    let cpu = platform.process.cpu()?.saturating_sub(before);
    let section = report.section(
        "Durable intake over HTTP",
        "Lines of telemetry with fsync on. The client runs on the same cores.",
    );
    section.at_least(
        "batches of 1,000, 8 connections: events a second and core of the server",
        rate(READINGS, cpu),
        Target(200_000.0),
    );
    section.figure(
        "the same: acknowledged events a second, client and server on one machine",
        rate(READINGS, wall),
    );
    section.figure(
        "the same: events a second until all are in SQL",
        rate(READINGS, visible),
    );
    section.figure(
        "the same: most resident memory, MiB",
        platform.process.peak()? as f64,
    );
    Ok(())
}

fn single(platform: &Platform, report: &mut Report) -> Result<()> {
    let fleet = Fleet::new(SINGLE, crate::now(), 60);
    let started = Instant::now();
    let mut times = std::thread::scope(|scope| -> Result<Vec<Duration>> {
        let senders: Vec<_> = (0..SENDERS)
            .map(|sender| scope.spawn(move || send_single(platform, fleet, sender)))
            .collect();
        let mut times = Vec::new();
        for sender in senders {
            times.extend(sender.join().expect("a sender does not panic")?);
        }
        Ok(times)
    })?;
    let wall = started.elapsed();
    times.sort_unstable();
    let section = report.section("Durable intake over HTTP", "");
    section.at_least(
        "single events, 64 connections: requests a second",
        rate(SINGLE, wall),
        Target(15_000.0),
    );
    section.figure(
        "the same: milliseconds to acknowledge, median",
        millis(times[times.len() / 2]),
    );
    section.figure(
        "the same: milliseconds to acknowledge, 99 of 100",
        millis(times[times.len() * 99 / 100]),
    );
    Ok(())
}

/// Keeps one request under way on each connection of its share.
fn send_single(platform: &Platform, fleet: Fleet, sender: u64) -> Result<Vec<Duration>> {
    let share = CONNECTIONS / SENDERS;
    let mut connections = (0..share)
        .map(|_| platform.connect())
        .collect::<Result<Vec<_>>>()?;
    let mut times = Vec::new();
    let mut began = vec![Instant::now(); connections.len()];
    for round in 0..SINGLE / CONNECTIONS {
        for (place, connection) in connections.iter_mut().enumerate() {
            if round > 0 {
                fleet::taken(connection)?;
                times.push(began[place].elapsed());
            }
            let number = (round * SENDERS + sender) * share + place as u64;
            began[place] = Instant::now();
            fleet::begin(connection, fleet::PATH, &fleet.lines(number, 1))?;
        }
    }
    connections.iter_mut().try_for_each(fleet::taken)?;
    Ok(times)
}

fn rate(count: u64, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64()
}

pub(crate) fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
