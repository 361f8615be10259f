//! Devices in the registry, made over HTTP as a team would.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::http::Connection;
use crate::platform::Platform;

/// The name of a device.
pub(crate) fn name(number: u64) -> String {
    format!("bench-{number:06}")
}

/// Sends JSON, which must be taken, and gives the answer.
pub(crate) fn post(connection: &mut Connection, path: &str, body: &Value) -> Result<Value> {
    let (status, answer) =
        connection.post(path, "application/json", body.to_string().as_bytes())?;
    ensure!(
        status / 100 == 2,
        "{path}: {status}: {}",
        String::from_utf8_lossy(&answer)
    );
    serde_json::from_slice(&answer).with_context(|| format!("{path} has no answer"))
}

/// Makes so many devices over `connections` connections, and how long that took. Where `reported` says what a device reports, its twin is
/// made with it.
pub(crate) fn make(
    platform: &Platform,
    devices: u64,
    connections: usize,
    reported: Option<&(dyn Fn(u64) -> Value + Sync)>,
) -> Result<Duration> {
    let (next, began) = (AtomicU64::new(0), Instant::now());
    std::thread::scope(|scope| {
        let makers: Vec<_> = (0..connections)
            .map(|_| {
                scope.spawn(|| -> Result<()> {
                    let mut connection = platform.connect()?;
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        if number >= devices {
                            return Ok(());
                        }
                        one(&mut connection, number, reported)
                            .with_context(|| format!("device {number}"))?;
                    }
                })
            })
            .collect();
        makers
            .into_iter()
            .try_for_each(|maker| maker.join().expect("a maker does not panic"))
    })?;
    Ok(began.elapsed())
}

fn one(
    connection: &mut Connection,
    number: u64,
    reported: Option<&(dyn Fn(u64) -> Value + Sync)>,
) -> Result<()> {
    let name = name(number);
    post(connection, "/v1/things", &json!({ "name": name }))?;
    if let Some(reported) = reported {
        let twin = json!({"state": {"reported": reported(number)}});
        post(connection, &format!("/v1/things/{name}/twin"), &twin)?;
    }
    Ok(())
}
