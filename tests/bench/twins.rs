//! Twins that change: reports over MQTT, each acknowledged once the change is durable.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use tokio::runtime::Builder;

use crate::fleet::scramble;
use crate::mqtt::{Flow, Message, Outcome, Pace, Server, Write, closed, paced, publish, quiet};
use crate::platform::{Platform, folder, free_address};
use crate::report::{Report, Target};
use crate::things;

/// Devices, and the connections over which they report.
const THINGS: u64 = 2_000;
const CONNECTIONS: u64 = 100;
/// Connections over which the devices are made.
const MAKERS: usize = 16;
/// Properties of a report.
const PROPERTIES: u64 = 20;
/// Reports of a connection that are under way in the first load.
const UNDER_WAY: u16 = 8;
/// Reports a second in the second.
const PACE: u64 = 10_000;
/// What is measured of a load.
const TIME: Duration = Duration::from_secs(10);
/// How long it may take until every change is a row.
const LATE: Duration = Duration::from_secs(60);

/// As fast as they are acknowledged, then at a steady pace.
pub(crate) fn run(report: &mut Report) -> Result<()> {
    let address = free_address()?;
    let data = folder("twins")?.join("data");
    let platform = Platform::start(&data, &[("TRUNKLINE__MQTT__LISTEN", &address)])?;
    let made = things::make(&platform, THINGS, MAKERS, None)?;
    let server = Server::ours(&platform, &address);
    quiet(&[server.process])?;
    let before = server.process.cpu()?;
    let ceiling = fast(&server)?;
    let spent = server.process.cpu()?.saturating_sub(before);
    quiet(&[server.process])?;
    let steady = steady(&server)?;
    kept(&platform, ceiling.messages + steady.messages)?;
    let section = report.section(
        "Twins",
        &format!(
            "{CONNECTIONS} connections report for {THINGS} devices, {PROPERTIES} properties in {} bytes, with QoS 1: a report is acknowledged once the twin is \
             changed on disk. Each change is a row of `twins`; all were there. The client runs on the same cores.",
            document(0).len()
        ),
    );
    let name = format!("{UNDER_WAY} under way on each connection");
    section.at_least(
        &format!("{name}: changes a second"),
        ceiling.per_second,
        Target(10_000.0),
    );
    section.figure(
        &format!("{name}: ms to acknowledge, median"),
        ceiling.times.millis(50)?,
    );
    section.figure(
        &format!("{name}: ms to acknowledge, 99 of 100"),
        ceiling.times.millis(99)?,
    );
    section.figure(
        &format!("{name}: µs of processor time a change"),
        spent.as_secs_f64() * 1e6 / ceiling.messages as f64,
    );
    let name = format!("{PACE} a second");
    section.figure(
        &format!("{name}: ms to acknowledge, median"),
        steady.times.millis(50)?,
    );
    section.at_most(
        &format!("{name}: ms to acknowledge, 99 of 100"),
        steady.times.millis(99)?,
        Target(25.0),
    );
    section.figure(
        &format!("devices made a second over HTTP, {MAKERS} connections"),
        THINGS as f64 / made.as_secs_f64(),
    );
    Ok(())
}

fn fast(server: &Server) -> Result<Outcome> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let clients = server.connect_all(CONNECTIONS as usize).await?;
        let flow = Flow {
            under_way: UNDER_WAY,
            time: TIME,
        };
        closed(clients, flow, writer(1)).await
    })
}

fn steady(server: &Server) -> Result<Outcome> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let clients = server.connect_all(CONNECTIONS as usize).await?;
        let pace = Pace {
            per_second: PACE,
            messages: PACE * TIME.as_secs(),
            together: 1,
            quality: 1,
        };
        paced(clients, pace, tokio::time::Instant::now(), writer(2)).await
    })
}

/// Writes reports; each connection speaks for its own part of the devices, one after another. Another `load` has other values.
fn writer(load: u64) -> Write {
    let topics: Vec<_> = (0..THINGS)
        .map(|thing| format!("$aws/things/{}/shadow/update", things::name(thing)))
        .collect();
    Arc::new(move |message: Message, output: &mut Vec<u8>| {
        let Message {
            connection, number, ..
        } = message;
        let thing = connection + number % (THINGS / CONNECTIONS) * CONNECTIONS;
        let report = document(load << 50 | connection << 40 | number);
        publish(
            output,
            &topics[thing as usize],
            1,
            message.id,
            report.as_bytes(),
        );
    })
}

/// What a device reports.
fn document(number: u64) -> String {
    let mut text = String::from("{\"state\":{\"reported\":{");
    for property in 0..PROPERTIES {
        let comma = if property > 0 { "," } else { "" };
        let value = scramble(number << 5 | property);
        let (whole, part) = (100 + value % 900, value >> 32 & 0xffff);
        write!(
            text,
            "{comma}\"measurement_{property:02}\":{whole}.{part:05}"
        )
        .expect("a text takes all");
    }
    text.push_str("}}}");
    text
}

/// Makes sure that each change that was acknowledged was made: a report that is refused is acknowledged too.
fn kept(platform: &Platform, changes: u64) -> Result<()> {
    let began = Instant::now();
    loop {
        let rows = platform.number("select count(*) from twins")?;
        if rows == changes {
            return Ok(());
        }
        ensure!(
            began.elapsed() < LATE,
            "{changes} reports were acknowledged and there are {rows} rows of twins"
        );
        std::thread::sleep(Duration::from_millis(200));
    }
}
