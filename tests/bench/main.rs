//! Measures the platform as a whole: the release binary, real requests, and its peers beside it in the same run.
//!
//! `make bench` runs everything and writes `docs/benchmarks.md`; `make bench CASES="queries rest"` runs some and writes their sections anew.
#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    reason = "its figures are what it is for, and it ends at the first thing that goes wrong"
)]

mod broker;
mod cost;
mod devices;
mod fleet;
mod fleet_sql;
mod freshness;
mod gateway;
mod git;
mod http;
mod idle;
mod ingest;
mod jobs;
mod landing;
mod monorepo;
mod mqtt;
mod peers;
mod platform;
mod policy;
mod process;
mod queries;
mod remote_write;
mod report;
mod rest;
mod routed;
mod runners;
mod tasks;
mod things;
mod twins;

use std::process::Command;

use anyhow::{Context, Result, bail};
use report::Report;
use trunkline_model::{Clock as _, SystemClock};

type Case = (&'static str, fn(&mut Report) -> Result<()>);

const CASES: [Case; 19] = [
    ("ingest", ingest::run),
    ("remote-write", remote_write::run),
    ("freshness", freshness::run),
    ("queries", queries::run),
    ("rest", rest::run),
    ("gateway", gateway::run),
    ("policy", policy::run),
    ("broker", broker::run),
    ("routed", routed::run),
    ("idle", idle::run),
    ("twins", twins::run),
    ("devices", devices::run),
    ("jobs", jobs::run),
    ("fleet-sql", fleet_sql::run),
    ("git", git::run),
    ("tasks", tasks::run),
    ("many-tasks", tasks::run_large),
    ("sandbox", tasks::run_sandbox),
    ("landing", landing::run),
];

fn main() -> Result<()> {
    // `cargo bench` adds an argument of its own.
    let wanted: Vec<_> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    if let Some(unknown) = wanted
        .iter()
        .find(|name| CASES.iter().all(|(case, _)| case != name))
    {
        let known: Vec<_> = CASES.iter().map(|(name, _)| *name).collect();
        bail!("there is no case {unknown}; there are {}", known.join(", "));
    }
    let mut report = Report::default();
    // A run that was broken off may have left something.
    platform::clear()?;
    for (name, run) in CASES {
        if wanted.is_empty() || wanted.iter().any(|one| one == name) {
            run(&mut report).with_context(|| format!("case {name}"))?;
            platform::clear()?;
        }
    }
    println!("\n{} targets missed", report.missed());
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/benchmarks.md");
    let before = std::fs::read_to_string(path).unwrap_or_default();
    let kept = if wanted.is_empty() { "" } else { &before };
    std::fs::write(path, report.page(&head()?, kept, &SystemClock.now().date()))?;
    Ok(())
}

fn head() -> Result<String> {
    let cores = std::thread::available_parallelism()?;
    let processor = std::fs::read_to_string("/proc/cpuinfo")?;
    let processor = processor
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .unwrap_or("")
        .trim_start_matches([' ', '\t', ':']);
    Ok(format!(
        "# Benchmarks\n\nWritten by `make bench` with {cores} cores of {processor}, {}, {}. Each section has its day.\n\n\
         Absolute figures of two machines say nothing about the code; ratios were taken in one run, in turn.\n",
        version_of("rustc", "--version")?,
        version_of("uname", "-sr")?,
    ))
}

/// The first line that a program says of itself.
fn version_of(program: &str, argument: &str) -> Result<String> {
    let output = Command::new(program)
        .arg(argument)
        .output()
        .with_context(|| format!("run {program}"))?;
    let text = [output.stdout, output.stderr].concat();
    let line = String::from_utf8_lossy(&text)
        .lines()
        .next()
        .unwrap_or("")
        .to_owned();
    Ok(line.split(" (").next().unwrap_or(&line).to_owned())
}

/// Unix microseconds.
fn now() -> i64 {
    SystemClock.now().as_micros()
}
