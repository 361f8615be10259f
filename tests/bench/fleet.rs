//! The readings of a made-up fleet, the same in every run: devices that report four measures at a steady pace.

use std::io::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Result, ensure};

use trunkline_model::Timestamp;

use crate::http::Connection;
use crate::platform::Platform;

/// Devices of the fleet.
pub(crate) const DEVICES: u64 = 5_000;
/// What each of them measures.
const METRICS: [&str; 4] = ["temperature", "humidity", "pressure", "battery"];
/// Where lines of readings go.
pub(crate) const PATH: &str = "/v1/events?type=trunkline.telemetry.v1&source=/fleet";

/// Readings between two times, in the order in which a fleet would send them.
#[derive(Clone, Copy)]
pub(crate) struct Fleet {
    /// Unix microseconds of the first reading.
    pub(crate) from: i64,
    /// Microseconds from one reading of the fleet to the next.
    pub(crate) step: f64,
}

impl Fleet {
    /// `readings` that end at `until`, in Unix microseconds, and cover `seconds`.
    pub(crate) fn new(readings: u64, until: i64, seconds: i64) -> Self {
        Self {
            from: until - seconds * 1_000_000,
            step: seconds as f64 * 1e6 / readings as f64,
        }
    }

    /// The lines of the readings from `first` on.
    pub(crate) fn lines(&self, first: u64, count: u64) -> Vec<u8> {
        let mut lines = Vec::with_capacity(count as usize * 200);
        for number in first..first + count {
            self.line(&mut lines, number);
        }
        lines
    }

    fn line(&self, lines: &mut Vec<u8>, number: u64) {
        let series = number % (DEVICES * METRICS.len() as u64);
        let round = number / (DEVICES * METRICS.len() as u64);
        let (device, metric) = (series / 4, METRICS[(series % 4) as usize]);
        let noise = scramble(number);
        // A device is late by up to a quarter of a second.
        let micros = self.from + (number as f64 * self.step) as i64 + (noise % 250_000) as i64;
        let time = Timestamp::from_millis(micros / 1_000);
        // A slow wave for each device, with noise in the last digits.
        let wave = ((device as f64) + round as f64 / 40.0).sin() * 4.0;
        let value = 20.0 + (device % 9) as f64 + wave + (noise >> 32 & 63) as f64 / 100.0;
        writeln!(
            lines,
            "{{\"device_id\":\"device-{device:05}\",\"ts\":\"{time}\",\
             \"metric\":\"{metric}\",\"value\":{value:.2},\"attributes\":{{\"site\":\"hall-{}\",\"firmware\":\"2.{}.1\",\"rssi\":-{},\"battery\":{}}}}}",
            device % 7,
            device % 5,
            40 + (noise >> 40 & 31),
            100 - (round / 12).min(99),
        )
        .expect("a vector takes every byte");
    }
}

/// Sends lines, which must all be taken.
pub(crate) fn send(connection: &mut Connection, path: &str, lines: &[u8]) -> Result<()> {
    begin(connection, path, lines)?;
    taken(connection)
}

/// Sends lines without waiting for the answer.
pub(crate) fn begin(connection: &mut Connection, path: &str, lines: &[u8]) -> Result<()> {
    connection.begin(path, "content-type: application/x-ndjson\r\n", lines)
}

/// Waits for the answer to lines, which must all be taken.
pub(crate) fn taken(connection: &mut Connection) -> Result<()> {
    let (status, body) = connection.answer()?;
    ensure!(
        status == 200,
        "{status}: {}",
        String::from_utf8_lossy(&body)
    );
    Ok(())
}

/// Sends `readings` of `fleet` in batches of a thousand over `connections` connections.
pub(crate) fn send_all(
    platform: &Platform,
    fleet: Fleet,
    readings: u64,
    connections: u64,
) -> Result<()> {
    let next = AtomicU64::new(0);
    std::thread::scope(|scope| {
        let senders: Vec<_> = (0..connections)
            .map(|_| {
                scope.spawn(|| -> Result<()> {
                    let mut connection = platform.connect()?;
                    loop {
                        let first = next.fetch_add(1_000, Ordering::Relaxed);
                        if first >= readings {
                            return Ok(());
                        }
                        send(&mut connection, PATH, &fleet.lines(first, 1_000))?;
                    }
                })
            })
            .collect();
        senders
            .into_iter()
            .try_for_each(|sender| sender.join().expect("a sender does not panic"))
    })
}

/// A number that looks like chance and is the same in every run.
pub(crate) const fn scramble(number: u64) -> u64 {
    let mut mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
