//! Questions in SQL to a hundred thousand twins as they are.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::fleet::scramble;
use crate::platform::{Platform, folder};
use crate::report::{Report, Target};
use crate::things;

/// Devices, each with a twin.
const THINGS: u64 = 100_000;
/// Connections over which they are made.
const MAKERS: usize = 16;
/// Properties of a twin, which make about 1 KiB.
const PROPERTIES: u64 = 36;
/// How often each question is asked.
const TIMES: usize = 30;
/// How long the first look at all twins may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// What is asked, and what people would call it.
const QUESTIONS: [(&str, &str); 3] = [
    (
        "how many by site, of those that are hot",
        "select reported->>'site', count(*), avg((reported->>'p1')::double) from shadows where (reported->>'p0')::double > 50 group by 1",
    ),
    (
        "the ten hottest",
        "select thing, (reported->>'p0')::double as hot from shadows order by hot desc limit 10",
    ),
    (
        "one device",
        "select version, reported from shadows where thing = 'bench-054321'",
    ),
];

/// Makes the fleet, then asks.
pub(crate) fn run(report: &mut Report) -> Result<()> {
    let platform = Platform::start(&folder("fleet-sql")?.join("data"), &[])?;
    let twin = |number: u64| document(number);
    let made = things::make(&platform, THINGS, MAKERS, Some(&twin))?;
    let began = Instant::now();
    while platform.number("select count(*) as count from shadows")? < THINGS {
        ensure!(began.elapsed() < PATIENCE, "not all twins are in the table");
    }
    let resident = platform.process.resident()?;
    let section = report.section(
        "Fleet in SQL",
        &format!(
            "{THINGS} devices, each with a twin of {PROPERTIES} properties, {} bytes, over HTTP as JSON. Each question is asked {TIMES} times while one twin \
             changes before each.",
            document(0).to_string().len()
        ),
    );
    for (name, query) in QUESTIONS {
        let mut took = Vec::with_capacity(TIMES);
        for turn in 0..TIMES {
            change(&platform, turn)?;
            let began = Instant::now();
            ensure!(!platform.sql(query)?.is_empty(), "{name}: no rows");
            took.push(began.elapsed());
        }
        took.sort_unstable();
        let late = took.get(TIMES * 95 / 100).context("nothing was asked")?;
        section.at_most(
            &format!("{name}: p95, ms"),
            late.as_secs_f64() * 1_000.0,
            Target(200.0),
        );
    }
    section.at_most(
        "seconds until a change is seen, the longest",
        seen(&platform)?.as_secs_f64(),
        Target(1.0),
    );
    section.at_most(
        "resident memory with all of them, MiB",
        resident as f64,
        Target(600.0),
    );
    section.figure(
        &format!("devices and twins made a second over HTTP, {MAKERS} connections"),
        THINGS as f64 / made.as_secs_f64(),
    );
    Ok(())
}

/// A twin that changes, so that no answer is that of before.
fn change(platform: &Platform, turn: usize) -> Result<()> {
    let thing = things::name(scramble(turn as u64) % THINGS);
    let body = json!({"state": {"reported": {"turn": turn}}});
    let path = format!("/v1/things/{thing}/twin");
    things::post(&mut platform.connect()?, &path, &body).map(drop)
}

/// How long it takes until a change is in the table, at the worst of some.
fn seen(platform: &Platform) -> Result<Duration> {
    let mut longest = Duration::ZERO;
    for turn in 0..10 {
        let mark = 1_000_000 + turn;
        change(platform, mark)?;
        let began = Instant::now();
        let query = format!(
            "select count(*) as count from shadows where (reported->>'turn')::bigint = {mark}"
        );
        while platform.number(&query)? == 0 {
            ensure!(began.elapsed() < PATIENCE, "a change is not seen");
        }
        longest = longest.max(began.elapsed());
    }
    Ok(longest)
}

/// What a device reports.
fn document(number: u64) -> Value {
    let site = ["north", "south", "east", "west"][(number % 4) as usize];
    let mut reported = json!({"site": site});
    for property in 0..PROPERTIES {
        let value = (scramble(number * PROPERTIES + property) % 100_000) as f64 / 1_000.0;
        reported[format!("p{property}")] = json!({"value": value, "unit": "celsius"});
        if property < 2 {
            reported[format!("p{property}")] = value.into();
        }
    }
    reported
}
