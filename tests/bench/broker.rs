//! Messages that the MQTT broker takes, beside Mosquitto, which keeps nothing on disk.

use std::time::Duration;

use anyhow::{Result, ensure};
use tokio::runtime::Builder;
use tokio::time::Instant;

use crate::mqtt::{
    Flow, Mosquitto, PAYLOAD, Pace, ROUNDS, Server, TURN, Turn, WARM_UP, closed, in_turn, millis,
    paced, side_by_side, writer,
};
use crate::platform::{Platform, folder};
use crate::report::{Report, Target};

/// Loads that nobody listens to: connections, and how they send. The first has the target of the rate, the one at a pace that of the time.
const TAKEN: [(usize, Sending); 3] = [
    (500, Sending::WhenAcknowledged(4)),
    (500, Sending::AtAPace(50_000)),
    (50, Sending::WhenAcknowledged(16)),
];
/// Messages that a connection sends at once where it sends at a pace.
const TOGETHER: u64 = 4;
/// How long rows may take after the last message was sent.
const LATE: Duration = Duration::from_secs(30);

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

/// Messages that nobody listens to.
pub(crate) fn run(report: &mut Report) -> Result<()> {
    let folder = folder("broker")?;
    let (platform, _mosquitto, servers) = side_by_side(&folder)?;
    taken(report, &platform, &servers)
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
