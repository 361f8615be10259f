//! What it takes to be there: memory at rest, and the time from a start to ready.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::fleet::{self, scramble};
use crate::ingest::millis;
use crate::platform::{Platform, folder};
use crate::report::{Report, Target};

/// Bytes of log and lake together before the start.
const BYTES: u64 = 10_000_000_000;
const REST: Duration = Duration::from_secs(30);
/// Bytes of one event whose attributes do not compress.
const EVENT: usize = 16 << 10;

/// An empty platform at rest, then the start of a full one.
pub(crate) fn run(report: &mut Report) -> Result<()> {
    let data = folder("rest")?.join("data");
    let platform = Platform::start(&data, &[])?;
    let first = platform.ready;
    std::thread::sleep(REST);
    let resident = platform.process.resident()?;
    let before = platform.process.cpu()?;
    let started = Instant::now();
    std::thread::sleep(REST);
    let busy = (platform.process.cpu()?.saturating_sub(before)).as_secs_f64()
        / started.elapsed().as_secs_f64();
    platform.stop()?;
    let section = report.section(
        "At rest",
        "A platform with default settings, thirty seconds after its first start.",
    );
    section.at_most("resident memory, MiB", resident as f64, Target(120.0));
    section.figure("processor time, hundredths of a core", busy * 100.0);
    section.figure("milliseconds from the first start to ready", millis(first));
    full(report)
}

fn full(report: &mut Report) -> Result<()> {
    let data = folder("start")?.join("data");
    let platform = Platform::start(&data, &[("TRUNKLINE__LOG__RETAIN_BYTES", "100000000000")])?;
    std::thread::scope(|scope| {
        let senders: Vec<_> = (0..4)
            .map(|sender| {
                scope.spawn({
                    let (platform, data) = (&platform, &data);
                    move || fill(platform, data, sender)
                })
            })
            .collect();
        senders
            .into_iter()
            .try_for_each(|sender| sender.join().expect("a sender does not panic"))
    })?;
    platform.settle("telemetry")?;
    let bytes = size(&data)?;
    platform.stop()?;
    let mut starts = Vec::new();
    for _ in 0..5 {
        let platform = Platform::start(&data, &[])?;
        starts.push(platform.ready);
        platform.stop()?;
    }
    // The last of these starts follows a kill, so that there is something to recover.
    let platform = Platform::start(&data, &[])?;
    fill_some(&platform, 9, 500)?;
    drop(platform);
    let after_kill = Platform::start(&data, &[])?.ready;
    starts.sort_unstable();
    let section = report.section(
        "Start",
        "From the start of the process to ready, with the log and the lake full.",
    );
    section.figure("gigabytes of log and lake", bytes as f64 / 1e9);
    section.at_most(
        "milliseconds, median of five",
        millis(starts[starts.len() / 2]),
        Target(2_000.0),
    );
    section.at_most(
        "milliseconds after a kill in the midst of intake",
        millis(after_kill),
        Target(2_000.0),
    );
    Ok(())
}

/// Sends until the folder is as large as wanted.
fn fill(platform: &Platform, data: &Path, sender: u64) -> Result<()> {
    for turn in 0_u64.. {
        fill_some(platform, sender + turn * 16, 500)?;
        if size(data)? >= BYTES {
            break;
        }
    }
    Ok(())
}

fn fill_some(platform: &Platform, seed: u64, events: u64) -> Result<()> {
    let mut connection = platform.connect()?;
    for batch in 0..events / 50 {
        let mut lines = Vec::with_capacity(50 * (EVENT + 200));
        for event in 0..50 {
            let number = seed * 1_000_000 + batch * 50 + event;
            lines.extend_from_slice(format!("{{\"device_id\":\"device-{}\",\"metric\":\"frame\",\"value\":{event},\"attributes\":{{\"image\":\"", number % 997).as_bytes());
            lines.extend((0..EVENT as u64 / 8).flat_map(|word| {
                format!("{:08x}", scramble(number << 16 | word) as u32).into_bytes()
            }));
            lines.extend_from_slice(b"\"}}\n");
        }
        fleet::send(&mut connection, fleet::PATH, &lines)?;
    }
    Ok(())
}

/// Bytes of all files below a folder; one that goes meanwhile counts nothing.
fn size(folder: &Path) -> Result<u64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        bytes += match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => size(&entry.path()).unwrap_or(0),
            Ok(metadata) => metadata.len(),
            Err(_) => 0,
        };
    }
    Ok(bytes)
}
