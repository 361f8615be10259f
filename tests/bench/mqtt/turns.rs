//! Turns of a load on each broker, and the messages that it is made of.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;

use super::{Message, Mosquitto, Server, Times, Write, publish, quiet};
use crate::fleet::scramble;
use crate::platform::{Platform, free_address};

/// Rounds in which each broker has its turn; the median of them counts.
pub(crate) const ROUNDS: usize = 3;
/// What is measured of one turn.
pub(crate) const TURN: Duration = Duration::from_secs(8);
/// Bytes of a message.
pub(crate) const PAYLOAD: usize = 128;

/// What one turn gave.
pub(crate) struct Turn {
    /// Messages a second.
    pub(crate) per_second: f64,
    /// How many messages that was about.
    pub(crate) messages: u64,
    /// Processor time of the broker for each message, in microseconds.
    pub(crate) micros: f64,
    /// Milliseconds, the median and 99 of 100.
    pub(crate) millis: [f64; 2],
    /// Messages that did not come.
    pub(crate) lost: u64,
}

/// Both brokers in `folder`, and where they answer: ours first.
pub(crate) fn side_by_side(folder: &Path) -> Result<(Platform, Mosquitto, [Server; 2])> {
    let (ours, theirs) = (free_address()?, free_address()?);
    let platform = Platform::start(&folder.join("data"), &[("TRUNKLINE__MQTT__LISTEN", &ours)])?;
    let mosquitto = Mosquitto::start(folder, &theirs, false)?;
    let servers = [Server::ours(&platform, &ours), mosquitto.server()];
    Ok((platform, mosquitto, servers))
}

/// The median of each figure of each server, whose turns alternate.
pub(crate) fn in_turn(
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
pub(crate) fn payload(at: u64, number: u64) -> String {
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
pub(crate) fn due(payload: &[u8]) -> Option<u64> {
    let digits = payload.get(7..23)?;
    u64::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

/// Writes messages of the quality that is asked for, each connection on a topic of its own.
pub(crate) fn writer(quality: u8, connections: usize) -> Write {
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

pub(crate) fn millis(times: &Times) -> Result<[f64; 2]> {
    Ok([times.millis(50)?, times.millis(99)?])
}
