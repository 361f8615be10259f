//! Measures what one event costs at the door and in the decoder, on one thread.
//!
//! `cargo run --release -p trunkline-ingest --example decode_speed`

use std::fmt::Write as _;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use prost::Message;
use trunkline_ingest::Decoder;
use trunkline_ingest::measure::{self, Work};
use trunkline_lake::{Decode as _, RowSink, tables};
use trunkline_log::{Batch, Offset, Record};
use trunkline_model::Timestamp;

const NOW: Timestamp = Timestamp::from_millis(1_795_543_200_000);
const EVENTS: usize = 1_000;
const ROUNDS: usize = 300;

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

#[expect(
    clippy::print_stdout,
    reason = "the figures are what this program is for"
)]
fn main() {
    println!(
        "{:<28} {:>8} {:>12} {:>12} {:>12}",
        "payload", "bytes", "receive us", "decode us", "together us"
    );
    let data = Work::Data {
        event_type: tables::TELEMETRY_TYPE.into(),
        source: "/devices".into(),
    };
    run(
        "telemetry, lines of data",
        &data,
        telemetry(false).into_bytes(),
    );
    run(
        "telemetry, lines of events",
        &Work::Events,
        telemetry(true).into_bytes(),
    );
    run("remote write 1.0", &Work::RemoteWrite, remote_write());
}

fn telemetry(envelope: bool) -> String {
    let mut body = String::new();
    for event in 0..EVENTS {
        let (device, metric) = (
            event % 97,
            ["temperature", "humidity", "pressure", "battery"][event % 4],
        );
        let data = format!(
            "{{\"device_id\":\"device-{device:05}\",\"ts\":\"2026-11-24T17:59:{:02}.{:03}Z\",\"metric\":\"{metric}\",\"value\":{}.{:03},\
             \"attributes\":{{\"site\":\"hall-{}\",\"firmware\":\"2.{}.1\",\"rssi\":-{},\"battery\":{}}}}}",
            event % 60,
            event % 1_000,
            20 + event % 9,
            event % 1_000,
            device % 7,
            device % 5,
            40 + event % 50,
            event % 100,
        );
        let written = if envelope {
            writeln!(
                body,
                "{{\"specversion\":\"1.0\",\"id\":\"e-{event:08}\",\"source\":\"/devices/{device}\",\"type\":\"{}\",\"time\":\"2026-11-24T17:59:00Z\",\"data\":{data}}}",
                tables::TELEMETRY_TYPE
            )
        } else {
            writeln!(body, "{data}")
        };
        assert!(written.is_ok(), "writing to a string cannot fail");
    }
    body
}

fn remote_write() -> Vec<u8> {
    let label = |name: &str, value: String| Label {
        name: name.into(),
        value,
    };
    let series = (0..EVENTS).map(|number| Series {
        labels: vec![
            label("__name__", "http_request_duration_seconds_bucket".into()),
            label("code", "200".into()),
            label("handler", format!("/api/v1/query_{}", number % 20)),
            label("instance", "localhost:9090".into()),
            label("job", "prometheus".into()),
            label("le", format!("{}", number % 12)),
            label("method", "get".into()),
        ],
        samples: vec![Sample {
            value: number as f64,
            timestamp: NOW.as_micros() / 1_000,
        }],
    });
    WriteRequest {
        series: series.collect(),
    }
    .encode_to_vec()
}

#[expect(
    clippy::print_stdout,
    reason = "the figures are what this program is for"
)]
fn run(name: &str, work: &Work, body: Vec<u8>) {
    let bytes = body.len() / EVENTS;
    let body = bytes::Bytes::from(body);
    let receive =
        best(|| black_box(measure::receive(work, &body, NOW)).map_or(0, |batch| batch.len()));
    let Some(batch) = measure::receive(work, &body, NOW) else {
        println!("{name}: refused");
        return;
    };
    let record = record(batch);
    let schemas: Vec<_> = tables::built_in().into_iter().map(Arc::new).collect();
    let mut sink = RowSink::new(&schemas);
    let decode = best(|| {
        Decoder.decode(&record, &mut sink);
        black_box(sink.finish()).len()
    });
    let each = |duration: Duration| duration.as_secs_f64() * 1e6 / EVENTS as f64;
    println!(
        "{name:<28} {bytes:>8} {:>12.3} {:>12.3} {:>12.3}",
        each(receive),
        each(decode),
        each(receive + decode)
    );
}

/// The median time of many rounds.
fn best(mut work: impl FnMut() -> usize) -> Duration {
    let mut times: Vec<_> = (0..ROUNDS)
        .map(|_| {
            let started = Instant::now();
            black_box(work());
            started.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[ROUNDS / 2]
}

fn record(batch: Batch) -> Record {
    Record {
        base: Offset(0),
        appended_at: NOW,
        kind: batch.kind,
        header: batch.header,
        body: batch.body,
        ends: batch.ends.into(),
    }
}
