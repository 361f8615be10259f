//! The MQTT broker beside Mosquitto, which keeps nothing on disk: messages that are taken, messages that are handed on, and connections
//! that only listen.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, ensure};
use serde_json::json;
use tokio::runtime::Builder;
use tokio::time::Instant;

use crate::fleet::scramble;
use crate::mqtt::{
    Crowd, Flow, Message, Mosquitto, Pace, Server, Times, WARM_UP, Write, allow_many_files, closed,
    listen, paced, publish, quiet,
};
use crate::platform::{Platform, folder, free_address};
use crate::process::Process;
use crate::report::{Report, Section, Target};
use crate::things;

/// Rounds in which each broker has its turn; the median of them counts.
const ROUNDS: usize = 3;
/// What is measured of one turn.
const TURN: Duration = Duration::from_secs(8);
/// Bytes of a message.
const PAYLOAD: usize = 128;
/// Loads that nobody listens to: connections, and how they send. The first has the target of the rate, the one at a pace that of the time.
const TAKEN: [(usize, Sending); 3] = [
    (500, Sending::WhenAcknowledged(4)),
    (500, Sending::AtAPace(50_000)),
    (50, Sending::WhenAcknowledged(16)),
];
/// Messages that a connection sends at once where it sends at a pace.
const TOGETHER: u64 = 4;
/// Messages a second that are handed on, by their quality of service.
const ROUTED: [(u8, u64); 2] = [(1, 10_000), (0, 20_000)];
/// Those who publish what is handed on.
const PUBLISHERS: usize = 50;
/// How long what is handed on may take after the last was sent.
const LATE: Duration = Duration::from_secs(30);
/// Connections that only listen.
const IDLE: u64 = 5_000;

/// When a connection sends.
#[derive(Clone, Copy)]
enum Sending {
    /// When another message is acknowledged; so many are under way.
    WhenAcknowledged(u16),
    /// Whatever is acknowledged; all connections together so many messages a second.
    AtAPace(u64),
}

impl Sending {
    fn of(self, connections: usize) -> String {
        match self {
            Self::WhenAcknowledged(under_way) => {
                format!("{connections} connections with {under_way} under way")
            }
            Self::AtAPace(per_second) => {
                format!("{connections} connections at {per_second} a second together")
            }
        }
    }
}

/// What one turn gave.
struct Turn {
    /// Messages a second.
    per_second: f64,
    /// How many messages that was about.
    messages: u64,
    /// Processor time of the broker for each message, in microseconds.
    micros: f64,
    /// Milliseconds, the median and 99 of 100.
    millis: [f64; 2],
    /// Messages that did not come.
    lost: u64,
}

/// Everything about the broker.
pub(crate) fn run(report: &mut Report) -> Result<()> {
    allow_many_files(2 * IDLE)?;
    let folder = folder("broker")?;
    let (address, theirs) = (free_address()?, free_address()?);
    let platform = Platform::start(
        &folder.join("data"),
        &[("TRUNKLINE__MQTT__LISTEN", &address)],
    )?;
    let mosquitto = Mosquitto::start(&folder, &theirs, false)?;
    let servers = [Server::ours(&platform, &address), mosquitto.server()];
    taken(report, &platform, &servers)?;
    for (quality, per_second) in ROUTED {
        let turns = in_turn(&servers, |server| {
            let before = server.process.cpu()?;
            let mut turn = routed(server, quality, per_second)?;
            if server.secret.is_some() {
                // The rows that it makes of the messages are a part of what they cost, and must not be made while another has its turn.
                platform.settle("messages")?;
            }
            let spent = server.process.cpu()?.saturating_sub(before);
            turn.micros = spent.as_secs_f64() * 1e6 / turn.messages as f64;
            Ok(turn)
        })?;
        routed_figures(report, (quality, per_second), &turns)?;
    }
    drop((platform, mosquitto));
    idle(report, &folder)
}

/// Messages that nobody listens to. Those that ours has acknowledged have to be there, and lie in files before another has its turn.
fn taken(report: &mut Report, platform: &Platform, servers: &[Server; 2]) -> Result<()> {
    let mut acknowledged = 0;
    for (place, (connections, sending)) in TAKEN.into_iter().enumerate() {
        let turns = in_turn(servers, |server| {
            let (turn, messages) = take(server, connections, sending)?;
            if server.secret.is_some() {
                acknowledged += messages;
                kept(platform, acknowledged)?;
                platform.settle("messages")?;
            }
            Ok(turn)
        })?;
        let rate = (place == 0).then_some(Target(50_000.0));
        // As fast as they can, 2,000 messages are under way, so the time is theirs and not the broker's.
        let paced = matches!(sending, Sending::AtAPace(_));
        let time = paced.then_some(Target(20.0));
        figures(report, &sending.of(connections), &turns, (rate, time))?;
    }
    Ok(())
}

/// The median of each figure of each server, whose turns alternate.
fn in_turn(
    servers: &[Server; 2],
    mut turn: impl FnMut(&Server) -> Result<Turn>,
) -> Result<[Turn; 2]> {
    let processes = servers.clone().map(|server| server.process);
    let mut turns = [Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        for (server, turns) in servers.iter().zip(&mut turns) {
            quiet(&processes)?;
            turns.push(turn(server)?);
        }
    }
    Ok(turns.map(|turns| {
        let median = |figure: fn(&Turn) -> f64| {
            let mut figures: Vec<f64> = turns.iter().map(figure).collect();
            figures.sort_by(f64::total_cmp);
            figures.swap_remove(ROUNDS / 2)
        };
        Turn {
            per_second: median(|turn| turn.per_second),
            messages: turns.iter().map(|turn| turn.messages).sum(),
            micros: median(|turn| turn.micros),
            millis: [median(|turn| turn.millis[0]), median(|turn| turn.millis[1])],
            lost: turns.iter().map(|turn| turn.lost).sum(),
        }
    }))
}

/// The same text each time but for the number, and what looks like chance: `{"at":"0123456789abcdef","is":"…"}`.
fn payload(at: u64, number: u64) -> String {
    let mut text = String::with_capacity(PAYLOAD + 16);
    write!(text, "{{\"at\":\"{at:016x}\",\"is\":\"").expect("a text takes all");
    for word in 0.. {
        if text.len() >= PAYLOAD - 2 {
            break;
        }
        let chance = scramble(number << 8 | word);
        write!(text, "{chance:016x}").expect("a text takes all");
    }
    text.truncate(PAYLOAD - 2);
    text.push_str("\"}");
    text
}

/// When a message was due, by its payload.
fn due(payload: &[u8]) -> Option<u64> {
    let digits = payload.get(7..23)?;
    u64::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

/// Writes messages of the quality that is asked for, each connection on a topic of its own.
fn writer(quality: u8, connections: usize) -> Write {
    let topics: Vec<_> = (0..connections)
        .map(|connection| format!("dt/bench-{connection}/reading"))
        .collect();
    Arc::new(move |message: Message, output: &mut Vec<u8>| {
        let number = message.connection << 40 | message.number;
        let payload = payload(message.due, number);
        let topic = &topics[message.connection as usize];
        publish(output, topic, quality, message.id, payload.as_bytes());
    })
}

fn millis(times: &Times) -> Result<[f64; 2]> {
    Ok([times.millis(50)?, times.millis(99)?])
}

/// One turn of messages that nobody listens to, and how many there were.
fn take(server: &Server, connections: usize, sending: Sending) -> Result<(Turn, u64)> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let write = writer(1, connections);
    let before = server.process.cpu()?;
    let load = async {
        let clients = server.connect_all(connections).await?;
        match sending {
            Sending::WhenAcknowledged(under_way) => {
                let time = TURN;
                closed(clients, Flow { under_way, time }, write).await
            }
            Sending::AtAPace(per_second) => {
                let pace = Pace {
                    per_second,
                    messages: per_second * (WARM_UP + TURN).as_secs(),
                    together: TOGETHER,
                    quality: 1,
                };
                paced(clients, pace, Instant::now(), write).await
            }
        }
    };
    let outcome = runtime.block_on(load)?;
    let spent = server.process.cpu()?.saturating_sub(before);
    let turn = Turn {
        per_second: outcome.per_second,
        messages: outcome.messages,
        micros: spent.as_secs_f64() * 1e6 / outcome.messages as f64,
        millis: millis(&outcome.times)?,
        lost: 0,
    };
    Ok((turn, outcome.messages))
}

/// Makes sure that what was acknowledged is there.
fn kept(platform: &Platform, messages: u64) -> Result<()> {
    let rows = rows(platform, messages)?;
    ensure!(
        rows == messages,
        "{messages} messages were acknowledged and there are {rows} rows"
    );
    Ok(())
}

/// The rows of `messages` once there are as many as wanted, or as many as there are after a while.
fn rows(platform: &Platform, wanted: u64) -> Result<u64> {
    let started = Instant::now();
    loop {
        let rows = platform.number("select count(*) from messages where topic like 'dt/%'")?;
        if rows >= wanted || started.elapsed() > LATE {
            return Ok(rows);
        }
        std::thread::sleep(Duration::from_millis(200));
    }
}

fn figures(
    report: &mut Report,
    name: &str,
    [ours, theirs]: &[Turn; 2],
    (rate, time): (Option<Target>, Option<Target>),
) -> Result<()> {
    let version = Mosquitto::version()?;
    let section = report.section(
        "MQTT: taken, beside Mosquitto",
        &format!(
            "QoS 1, {PAYLOAD} bytes, nobody listens; {} s, the median of {ROUNDS} turns. With so many under way a connection sends the next message when one is \
             acknowledged; at a pace it sends {TOGETHER} at once, whatever is acknowledged. Ours syncs each message before it acknowledges it, and makes a row of it; \
             {version} keeps nothing on disk. The client, one thread, runs on the same cores.",
            TURN.as_secs()
        ),
    );
    let row = format!("{name}: acknowledged a second, Trunkline, durable");
    match rate {
        Some(target) => section.at_least(&row, ours.per_second, target),
        None => section.figure(&row, ours.per_second),
    }
    let row = format!("{name}: ms to acknowledge, 99 of 100, Trunkline, durable");
    match time {
        Some(target) => section.at_most(&row, ours.millis[1], target),
        None => section.figure(&row, ours.millis[1]),
    }
    for (what, figure) in [
        (
            "ms to acknowledge, median, Trunkline, durable",
            ours.millis[0],
        ),
        (
            "µs of processor time a message, Trunkline, durable",
            ours.micros,
        ),
        (
            "acknowledged a second, Mosquitto, not durable",
            theirs.per_second,
        ),
        (
            "ms to acknowledge, 99 of 100, Mosquitto, not durable",
            theirs.millis[1],
        ),
        (
            "ms to acknowledge, median, Mosquitto, not durable",
            theirs.millis[0],
        ),
        (
            "µs of processor time a message, Mosquitto, not durable",
            theirs.micros,
        ),
        (
            "acknowledged a second, Trunkline / Mosquitto",
            ours.per_second / theirs.per_second,
        ),
    ] {
        section.figure(&format!("{name}: {what}"), figure);
    }
    Ok(())
}

/// One turn of messages that somebody listens to.
fn routed(server: &Server, quality: u8, per_second: u64) -> Result<Turn> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let time = WARM_UP + TURN;
    let messages = per_second * time.as_secs();
    let pace = Pace {
        per_second,
        messages,
        together: 1,
        quality,
    };
    runtime.block_on(async {
        let mut listener = server.connect("listener").await?;
        listener
            .subscribe(&["dt/+/reading".into()], quality)
            .await?;
        let publishers = server.connect_all(PUBLISHERS).await?;
        let began = Instant::now();
        let heard = tokio::spawn(listen(
            listener,
            messages,
            (began, began + time + LATE),
            due,
        ));
        let write = writer(quality, PUBLISHERS);
        let outcome = paced(publishers, pace, began, write).await?;
        let (came, times) = heard.await??;
        Ok(Turn {
            per_second: outcome.per_second,
            messages,
            micros: 0.0,
            millis: millis(&times)?,
            lost: messages.saturating_sub(came),
        })
    })
}

fn routed_figures(
    report: &mut Report,
    (quality, per_second): (u8, u64),
    [ours, theirs]: &[Turn; 2],
) -> Result<()> {
    let version = Mosquitto::version()?;
    let section = report.section(
        "MQTT: handed on, beside Mosquitto",
        &format!(
            "{PAYLOAD} bytes at a steady pace from {PUBLISHERS} connections to one that listens, {} s, the median of {ROUNDS} turns. Processor time is that of the whole \
             broker's process: ours syncs what has QoS 1 and makes a row of every message, {version} keeps nothing on disk.",
            TURN.as_secs()
        ),
    );
    let name = format!("QoS {quality}, {per_second} a second");
    let ratio = ours.micros / theirs.micros;
    let (cost, lost) = (
        format!("{name}: processor time, Trunkline / Mosquitto"),
        format!("{name}: messages that did not come, Trunkline"),
    );
    if quality > 0 {
        section.at_most(&cost, ratio, Target(1.2));
        section.at_most(&lost, ours.lost as f64, Target(0.0));
    } else {
        section.figure(&cost, ratio);
        section.figure(&lost, ours.lost as f64);
    }
    for (turn, server) in [(ours, "Trunkline"), (theirs, "Mosquitto")] {
        let mut figure =
            |what: &str, figure| section.figure(&format!("{name}: {what}, {server}"), figure);
        figure("µs of processor time a message", turn.micros);
        figure("ms from publisher to listener, median", turn.millis[0]);
        figure("ms from publisher to listener, 99 of 100", turn.millis[1]);
    }
    section.figure(
        &format!("{name}: messages that did not come, Mosquitto"),
        theirs.lost as f64,
    );
    Ok(())
}

/// Connections without TLS that only listen.
fn idle(report: &mut Report, folder: &Path) -> Result<()> {
    let address = free_address()?;
    let data = folder.join("idle");
    let platform = Platform::start(&data, &[("TRUNKLINE__MQTT__LISTEN", &address)])?;
    let made = things::post(
        &mut platform.connect()?,
        "/v1/things",
        &json!({"name": "bench"}),
    )?;
    let secret = made["secret"].as_str().unwrap_or_default().to_owned();
    let mut crowd = Crowd {
        address,
        tls: None,
        secret: Some(("bench".to_owned(), secret)),
        thing: "bench",
        count: IDLE,
    };
    let ours = each(&crowd, platform.process)?;
    drop(platform);
    let mosquitto = Mosquitto::start(folder, &free_address()?, false)?;
    crowd.address = mosquitto.server().address;
    crowd.secret = None;
    let theirs = each(&crowd, mosquitto.process())?;
    let version = Mosquitto::version()?;
    let section = report.section(
        "MQTT: connections that only listen, without TLS",
        &format!("{IDLE} connections with the six filters of a device that follows its twin: what the broker's resident memory grows by. Beside it {version}."),
    );
    figures_of_memory(section, [ours, theirs]);
    Ok(())
}

fn figures_of_memory(section: &mut Section, [ours, theirs]: [f64; 2]) {
    section.figure("KiB a connection, Trunkline", ours);
    section.figure("KiB a connection, Mosquitto", theirs);
    section.figure("Trunkline / Mosquitto", ours / theirs);
}

/// What a broker's memory grows by with each connection of a crowd, in KiB.
fn each(crowd: &Crowd, process: Process) -> Result<f64> {
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let (kibibytes, _) = runtime.block_on(crowd.grow(process))?;
    Ok(kibibytes)
}
