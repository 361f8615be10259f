//! The same remote-write stream into this platform and into Prometheus: processor time for each sample.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use prost::Message;

use crate::fleet::scramble;
use crate::http::Connection;
use crate::platform::{Platform, folder, free_address};
use crate::process::Process;
use crate::report::{Report, Target};

/// Series of the stream, samples of each, and samples of one request (Prometheus' own default).
const SERIES: u64 = 10_000;
const ROUNDS: u64 = 300;
const REQUEST: u64 = 2_000;
/// Seconds between two samples of a series.
const INTERVAL: i64 = 10;

#[derive(Clone, PartialEq, Message)]
struct WriteRequest {
    #[prost(message, repeated, tag = "1")]
    series: Vec<Series>,
}

#[derive(Clone, PartialEq, Message)]
struct Series {
    #[prost(message, repeated, tag = "1")]
    labels: Vec<Label>,
    #[prost(message, repeated, tag = "2")]
    samples: Vec<Sample>,
}

#[derive(Clone, PartialEq, Message)]
struct Label {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, tag = "2")]
    value: String,
}

#[derive(Clone, PartialEq, Message)]
struct Sample {
    #[prost(double, tag = "1")]
    value: f64,
    #[prost(int64, tag = "2")]
    timestamp: i64,
}

/// Prometheus as a receiver. Dropping it kills it.
struct Prometheus {
    child: Child,
    address: String,
}

impl Prometheus {
    fn start(folder: &Path) -> Result<Self> {
        let (address, config) = (free_address()?, folder.join("prometheus.yml"));
        std::fs::write(&config, "global: {}\n")?;
        let child = Command::new("prometheus")
            .arg(format!("--config.file={}", config.display()))
            .arg(format!(
                "--storage.tsdb.path={}",
                folder.join("tsdb").display()
            ))
            .arg(format!("--web.listen-address={address}"))
            .arg("--web.enable-remote-write-receiver")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("start prometheus (Debian's package)")?;
        let prometheus = Self { child, address };
        let started = Instant::now();
        while !prometheus.is_ready() {
            ensure!(
                started.elapsed() < Duration::from_secs(60),
                "prometheus did not start"
            );
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(prometheus)
    }

    fn is_ready(&self) -> bool {
        let answer = Connection::open(&self.address, "")
            .and_then(|mut connection| connection.get("/-/ready"));
        answer.is_ok_and(|(status, _)| status == 200)
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        self.child.kill().unwrap_or_default();
        drop(self.child.wait());
    }
}

/// Sends the stream to both, a tenth to each in turn.
pub(crate) fn run(report: &mut Report) -> Result<()> {
    let folder = folder("remote-write")?;
    let platform = Platform::start(&folder.join("data"), &[])?;
    let prometheus = Prometheus::start(&folder)?;
    let (ours, theirs) = (platform.process, Process(prometheus.child.id()));
    let mut to_platform = platform.connect()?;
    let mut to_prometheus = Connection::open(&prometheus.address, "")?;
    let mut bill = [Duration::ZERO; 2];
    let began = crate::now() / 1_000 - ROUNDS as i64 * INTERVAL * 1_000;
    for tenth in 0..10 {
        let rounds = tenth * ROUNDS / 10..(tenth + 1) * ROUNDS / 10;
        let bodies = bodies(rounds, began)?;
        bill[0] += stream(&mut to_platform, ours, &bodies, || {
            caught_up(&platform, (tenth + 1) * SERIES * ROUNDS / 10)
        })?;
        bill[1] += stream(&mut to_prometheus, theirs, &bodies, || Ok(()))?;
    }
    let each = |bill: Duration| bill.as_secs_f64() * 1e6 / (SERIES * ROUNDS) as f64;
    let version = crate::version_of("prometheus", "--version")?;
    let section = report.section(
        "Remote write beside Prometheus",
        &format!("{SERIES} series, {} samples, {REQUEST} in a request, both in turn. Here every request is synced and every sample in SQL; Prometheus, {version}, does not sync.", SERIES * ROUNDS),
    );
    section.figure(
        "microseconds of processor time a sample, Trunkline",
        each(bill[0]),
    );
    section.figure(
        "microseconds of processor time a sample, Prometheus",
        each(bill[1]),
    );
    section.at_most(
        "ratio",
        bill[0].as_secs_f64() / bill[1].as_secs_f64(),
        Target(1.5),
    );
    section.figure("resident MiB after it, Trunkline", ours.resident()? as f64);
    section.figure(
        "resident MiB after it, Prometheus",
        theirs.resident()? as f64,
    );
    Ok(())
}

fn stream(
    connection: &mut Connection,
    process: Process,
    bodies: &[Vec<u8>],
    settled: impl Fn() -> Result<()>,
) -> Result<Duration> {
    let headers = "content-type: application/x-protobuf\r\ncontent-encoding: snappy\r\nx-prometheus-remote-write-version: 0.1.0\r\n";
    let before = process.cpu()?;
    for body in bodies {
        let (status, answer) = connection.send("/api/v1/write", headers, body)?;
        ensure!(
            status / 100 == 2,
            "{status}: {}",
            String::from_utf8_lossy(&answer)
        );
    }
    settled()?;
    Ok(process.cpu()?.saturating_sub(before))
}

fn caught_up(platform: &Platform, samples: u64) -> Result<()> {
    while platform.number("select count(*) from metrics where name = 'http_requests_total'")?
        < samples
    {
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

fn bodies(rounds: std::ops::Range<u64>, began: i64) -> Result<Vec<Vec<u8>>> {
    let mut bodies = Vec::new();
    for round in rounds {
        for first in (0..SERIES).step_by(REQUEST as usize) {
            let series = (first..first + REQUEST)
                .map(|number| series(number, round, began))
                .collect();
            let message = WriteRequest { series }.encode_to_vec();
            bodies.push(snap::raw::Encoder::new().compress_vec(&message)?);
        }
    }
    Ok(bodies)
}

fn series(number: u64, round: u64, began: i64) -> Series {
    let label = |name: &str, value: String| Label {
        name: name.into(),
        value,
    };
    Series {
        labels: vec![
            label("__name__", "http_requests_total".into()),
            label("code", ["200", "404", "500"][(number % 3) as usize].into()),
            label("handler", format!("/api/v1/items/{}", number / 3 % 40)),
            label("instance", format!("10.0.0.{}:9100", number / 120)),
            label("job", "shop".into()),
            label("method", "get".into()),
        ],
        samples: vec![Sample {
            value: (round * 17 + scramble(number * ROUNDS + round) % 17) as f64,
            timestamp: began + round as i64 * INTERVAL * 1_000,
        }],
    }
}
