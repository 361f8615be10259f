//! Measures appends: throughput, CPU time of the process per message, and how long acknowledgements take.
//!
//! `cargo run --release -p trunkline-log --example append [DIRECTORY] [MESSAGES]`. The directory must lie on a real disk, since the
//! figures are mostly those of its syncs.

#![expect(clippy::print_stdout, reason = "its figures are what it is for")]

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use trunkline_log::{Batch, DiskLog, EventLog, LogConfig, RecordKind};
use trunkline_model::SystemClock;
use xxhash_rust::xxh3::xxh3_128;

/// What is measured in one run.
#[derive(Clone, Copy)]
struct Case {
    name: &'static str,
    /// Messages in one batch.
    batch: u64,
    /// Batches in flight.
    tasks: u64,
    /// Messages in all.
    messages: u64,
    keyed: bool,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let parent = arguments.next().unwrap_or_else(|| ".".to_owned());
    let many: u64 = arguments
        .next()
        .map_or(Ok(4_000_000), |text| text.parse())?;
    let few = many / 40;
    let cases = [
        (
            "batches of 1,000, 8 in flight, with keys",
            1_000,
            8,
            many,
            true,
        ),
        (
            "batches of 1,000, 8 in flight, no keys",
            1_000,
            8,
            many,
            false,
        ),
        ("single, 64 in flight, with keys", 1, 64, few, true),
        ("single, 256 in flight, with keys", 1, 256, few, true),
        ("single, 1 in flight, with keys", 1, 1, few / 200, true),
    ];
    for (name, batch, tasks, messages, keyed) in cases {
        let case = Case {
            name,
            batch,
            tasks,
            messages,
            keyed,
        };
        let directory = tempfile::tempdir_in(&parent)?;
        run(directory.path(), case).await?;
    }
    Ok(())
}

async fn run(directory: &Path, case: Case) -> Result<(), Box<dyn Error>> {
    let (log, _) = DiskLog::open(directory, LogConfig::default(), Arc::new(SystemClock))?;
    let rounds = case.messages / case.batch;
    let ready: Vec<Batch> = (0..rounds.min(2_000)).map(|at| make(case, at)).collect();
    let ready = Arc::new(ready);
    let taken = Arc::new(AtomicU64::new(0));
    let (started, cpu) = (Instant::now(), cpu_time());
    let mut tasks = Vec::new();
    for _ in 0..case.tasks {
        let (log, ready, taken) = (Arc::clone(&log), Arc::clone(&ready), Arc::clone(&taken));
        tasks.push(tokio::spawn(async move {
            let mut times = Vec::new();
            loop {
                let at = taken.fetch_add(1, Ordering::Relaxed);
                if at >= rounds {
                    return Ok::<_, trunkline_log::LogError>(times);
                }
                let mut batch = ready[(at % ready.len() as u64) as usize].clone();
                // New keys for bytes that were seen before.
                for key in &mut batch.keys {
                    *key ^= u128::from(at) << 64;
                }
                let started = Instant::now();
                log.append(batch).await?;
                times.push(started.elapsed());
            }
        }));
    }
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await??);
    }
    let (wall, cpu) = (started.elapsed(), cpu_time() - cpu);
    times.sort_unstable();
    let stats = log.stats();
    log.close().await;
    report(case, &times, wall, cpu);
    println!(
        "    {} syncs, mean {:.2} ms, {:.1} batches a group, {:.1} bytes on disk a message",
        stats.syncs,
        stats.sync_seconds * 1e3 / stats.syncs as f64,
        stats.appends as f64 / stats.groups as f64,
        stats.bytes_written as f64 / stats.messages as f64
    );
    reopen(directory).await?;
    if stats.messages != rounds * case.batch {
        return Err(format!("{} messages are in the log", stats.messages).into());
    }
    Ok(())
}

/// Measures a start and a read of everything from the disk.
async fn reopen(directory: &Path) -> Result<(), Box<dyn Error>> {
    let started = Instant::now();
    let (log, recovery) = DiskLog::open(directory, LogConfig::default(), Arc::new(SystemClock))?;
    let opened = started.elapsed();
    let (started, cpu) = (Instant::now(), cpu_time());
    let mut next = log.bounds().first;
    while let Some(last) = log.read(next, 4 << 20).await?.last() {
        next = last.next();
    }
    println!(
        "    opened {} MiB in {:.0} ms ({} keys), read {:.0} messages/s, {:.3} us CPU a message",
        log.bounds().bytes >> 20,
        opened.as_secs_f64() * 1e3,
        recovery.dedupe_keys,
        next.0 as f64 / started.elapsed().as_secs_f64(),
        (cpu_time() - cpu).as_secs_f64() * 1e6 / next.0 as f64,
    );
    Ok(())
}

fn report(case: Case, times: &[Duration], wall: Duration, cpu: Duration) {
    let messages = (times.len() as u64 * case.batch) as f64;
    let percentile = |share: usize| times[(times.len() - 1) * share / 100].as_secs_f64() * 1e3;
    println!(
        "{}: {:.0} messages/s, {:.3} us CPU a message, acknowledged p50 {:.2} ms p99 {:.2} ms",
        case.name,
        messages / wall.as_secs_f64(),
        cpu.as_secs_f64() * 1e6 / messages,
        percentile(50),
        percentile(99),
    );
}

/// A batch of telemetry in JSON, 194 bytes a message.
fn make(case: Case, at: u64) -> Batch {
    let mut body = Vec::new();
    let mut ends = Vec::new();
    let mut keys = Vec::new();
    let mut chance = at.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    for index in 0..case.batch {
        chance ^= chance << 13;
        chance ^= chance >> 7;
        chance ^= chance << 17;
        let start = body.len();
        let text = format!(
            r#"{{"device_id":"device-{:05}","ts":"2026-11-24T18:{:02}:{:02}.{:06}Z","metric":"{}","value":{}.{:03},"attributes":{{"site":"hall-{}","firmware":"2.{}.1","unit":"C","battery":{}}}"#,
            chance % 5_000,
            at / 60 % 60,
            at % 60,
            index * 997,
            ["temperature", "humidity", "pressure"][(chance % 3) as usize],
            chance % 90,
            chance >> 32 & 511,
            chance % 7,
            chance % 4,
            chance % 100,
        );
        body.extend_from_slice(text.as_bytes());
        body.resize(start + 193, b' ');
        body.push(b'}');
        if case.keyed {
            keys.push(xxh3_128(format!("{at}/{index}").as_bytes()));
        }
        ends.push(body.len() as u32);
    }
    Batch {
        kind: RecordKind(1),
        header: Bytes::from_static(br#"{"source":"/bench","type":"telemetry"}"#),
        body: Bytes::from(body),
        ends,
        keys,
    }
}

/// CPU time that this process has used on all its threads.
fn cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
