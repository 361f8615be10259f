//! A job that goes wrong: how soon a statement in SQL that holds has called it off.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::fleet;
use crate::http::Connection;
use crate::platform::{Platform, folder};
use crate::report::{Report, Target};
use crate::things;

/// Devices that the job is for; as many as a job can name.
const THINGS: u64 = 10_000;
/// Connections over which they are made.
const MAKERS: usize = 16;
/// Jobs, one after another.
const JOBS: u64 = 3;
/// Devices a minute that are told of it; as many as a job can have.
const RATE: u64 = 1_000;
/// How many have to do it when the statement begins to hold.
const QUEUED: u64 = 1_000;
/// Seconds between two times that the statement is asked; as few as a job can have.
const EVERY: u64 = 1;
/// How long things may take.
const PATIENCE: Duration = Duration::from_secs(300);
/// How often the job is looked at.
const LOOK: Duration = Duration::from_millis(50);

/// Makes the devices, then calls one job after another off.
pub(crate) fn run(report: &mut Report) -> Result<()> {
    let platform = Platform::start(&folder("jobs")?.join("data"), &[])?;
    let made = things::make(&platform, THINGS, MAKERS, None)?;
    let mut took = Vec::new();
    let mut created = Vec::new();
    for number in 0..JOBS {
        let (create, abort) = called_off(&platform, number)?;
        created.push(create);
        took.push(abort);
    }
    took.sort_unstable();
    created.sort_unstable();
    let section = report.section(
        "Jobs",
        &format!(
            "A job for {THINGS} devices at {RATE} a minute, with a statement over `telemetry` that calls it off, asked every {EVERY} s. \
             {QUEUED} devices have it to do when a reading comes that makes the statement hold. {JOBS} jobs, one after another."
        ),
    );
    section.at_most(
        "seconds from that reading until it is called off and nobody has it to do, the longest",
        longest(&took)?,
        Target(5.0),
    );
    section.figure(
        "the same, the shortest",
        took.first().context("no job was called off")?.as_secs_f64(),
    );
    section.figure(
        &format!("seconds to make a job that names {THINGS} devices, the longest"),
        longest(&created)?,
    );
    section.figure(
        &format!("devices made a second over HTTP, {MAKERS} connections"),
        THINGS as f64 / made.as_secs_f64(),
    );
    Ok(())
}

fn longest(sorted: &[Duration]) -> Result<f64> {
    Ok(sorted.last().context("there was no job")?.as_secs_f64())
}

/// One job: how long it took to make it, and to call it off.
fn called_off(platform: &Platform, number: u64) -> Result<(Duration, Duration)> {
    let mut connection = platform.connect()?;
    let metric = format!("errors_after_update_{number}");
    // What the fleet says while all is well.
    let well: String = (0..THINGS)
        .map(|thing| reading(&metric, thing, 0))
        .collect();
    fleet::send(&mut connection, fleet::PATH, well.as_bytes())?;
    let job = format!("update-{number}");
    let targets: Vec<_> = (0..THINGS).map(things::name).collect();
    let wanted = json!({
        "jobId": job, "targets": targets, "document": {"operation": "update", "version": number},
        "jobExecutionsRolloutConfig": {"maximumPerMinute": RATE},
        "gates": {
            "abort": format!("select max(value) > 100 from telemetry where metric = '{metric}'"), "everySeconds": EVERY,
        },
    });
    let began = Instant::now();
    things::post(&mut connection, "/v1/jobs", &wanted)?;
    let created = began.elapsed();
    let at_first = until(&mut connection, &job, |queued, _| queued >= QUEUED)?;
    ensure!(
        at_first["status"] == "IN_PROGRESS",
        "the job is over before anything went wrong: {at_first}"
    );
    let sent = Instant::now();
    let wrong = reading(&metric, 0, 101);
    fleet::send(&mut connection, fleet::PATH, wrong.as_bytes())?;
    let at_last = until(&mut connection, &job, |queued, status| {
        queued == 0 && status == "CANCELED"
    })?;
    let took = sent.elapsed();
    ensure!(
        at_last["reasonCode"] == "ABORTED_BY_GATE",
        "the job was not called off by its statement: {at_last}"
    );
    // What is called off stays so: nobody is told any more.
    std::thread::sleep(Duration::from_secs(2));
    let later = until(&mut connection, &job, |_, _| true)?;
    ensure!(
        later["progress"] == at_last["progress"],
        "a job that is called off goes on: {later}"
    );
    Ok((created, took))
}

/// A line of telemetry of a device.
fn reading(metric: &str, thing: u64, value: u64) -> String {
    let now = trunkline_model::Timestamp::from_micros(crate::now());
    let line = json!({
        "device_id": things::name(thing), "ts": now.to_string(), "metric": metric, "value": value, "attributes": {},
    });
    format!("{line}\n")
}

/// Looks at a job until its number of devices that have it to do, and its status, are as wanted.
fn until(
    connection: &mut Connection,
    job: &str,
    wanted: impl Fn(u64, &str) -> bool,
) -> Result<Value> {
    let began = Instant::now();
    loop {
        let (status, answer) = connection.get(&format!("/v1/jobs/{job}"))?;
        let shown: Value = serde_json::from_slice(&answer)?;
        ensure!(status == 200, "{status}: {shown}");
        let queued = shown["progress"]["executions"]["queued"].as_u64();
        let queued = queued.with_context(|| format!("no number of executions in {shown}"))?;
        if wanted(queued, shown["status"].as_str().unwrap_or_default()) {
            return Ok(shown);
        }
        ensure!(
            began.elapsed() < PATIENCE,
            "the job does not come so far: {queued} have it to do, {}",
            shown["status"]
        );
        std::thread::sleep(LOOK);
    }
}
