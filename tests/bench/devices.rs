//! Devices with certificates: what a connection that only listens takes, and how soon all are back after a crash.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};
use tokio::time::Instant;

use crate::mqtt::{
    Crowd, Identity, Idle, Mosquitto, Return, TRY, allow_many_files, connector, held, issue,
};
use crate::platform::{Platform, folder, free_address};
use crate::report::{Report, Target};
use crate::things;

/// Devices that are connected.
const DEVICES: u64 = 5_000;
/// Files that a process may have open besides.
const FILES: u64 = 1_000;

/// What a broker gave.
struct Found {
    /// Resident memory for each connection, in KiB.
    kibibytes: f64,
    /// From the start of the process after the crash to the last device.
    back: Duration,
    /// How they came back.
    how: Return,
}

/// Ours, then Mosquitto.
pub(crate) fn run(report: &mut Report) -> Result<()> {
    allow_many_files(DEVICES + FILES)?;
    let folder = folder("devices")?;
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let ours = ours(&runtime, &folder)?;
    let theirs = theirs(&runtime, &folder)?;
    let version = Mosquitto::version()?;
    let section = report.section(
        "Devices with certificates",
        &format!(
            "{DEVICES} connections with TLS 1.3 and a certificate of the device, each with the six filters of one that follows its twin and no session that lasts. \
             Then the broker is killed and started again on the same data, while all try again and again, with pauses of 50 ms to 1 s; a try takes a whole handshake, and is given up after {} s. \
             Beside it {version}, with certificates that have nothing between them and their root. The clients run on the same cores.",
            TRY.as_secs()
        ),
    );
    section.at_most(
        "KiB of resident memory a connection, Trunkline",
        ours.kibibytes,
        Target(32.0),
    );
    section.figure(
        "KiB of resident memory a connection, Mosquitto",
        theirs.kibibytes,
    );
    section.at_most(
        "seconds from the start of the process until the last listens again, Trunkline",
        ours.back.as_secs_f64(),
        Target(15.0),
    );
    section.figure(
        "seconds from the start of the process until the last listens again, Mosquitto",
        theirs.back.as_secs_f64(),
    );
    for (name, found) in [("Trunkline", &ours), ("Mosquitto", &theirs)] {
        let tries = found.how.failed.values().sum::<u64>();
        section.figure(&format!("tries in vain meanwhile, {name}"), tries as f64);
        for (why, times) in &found.how.failed {
            println!("  {name}: {times} times {why}");
        }
    }
    Ok(())
}

fn ours(runtime: &Runtime, folder: &Path) -> Result<Found> {
    let (address, data) = (free_address()?, folder.join("data"));
    let settings = [("TRUNKLINE__MQTT__TLS_LISTEN", address.as_str())];
    let platform = Platform::start(&data, &settings)?;
    let crowd = crowd(address.clone(), &certified(&platform)?)?;
    let (kibibytes, clients) = runtime.block_on(crowd.grow(platform.process))?;
    drop(platform);
    let (back, how, _platform) = back(runtime, &crowd, clients, || {
        Platform::start(&data, &settings)
    })?;
    Ok(Found {
        kibibytes,
        back,
        how,
    })
}

fn theirs(runtime: &Runtime, folder: &Path) -> Result<Found> {
    let address = free_address()?;
    let crowd = crowd(address.clone(), &issue(folder, "bench")?)?;
    let mosquitto = Mosquitto::start(folder, &address, true)?;
    let (kibibytes, clients) = runtime.block_on(crowd.grow(mosquitto.process()))?;
    drop(mosquitto);
    let (back, how, _mosquitto) = back(runtime, &crowd, clients, || {
        Mosquitto::start(folder, &address, true)
    })?;
    Ok(Found {
        kibibytes,
        back,
        how,
    })
}

/// A device that is made, with a certificate of it.
fn certified(platform: &Platform) -> Result<Identity> {
    let mut connection = platform.connect()?;
    things::post(&mut connection, "/v1/things", &json!({"name": "bench"}))?;
    let made = things::post(&mut connection, "/v1/things/bench/certificates", &json!({}))?;
    let text = |field: &str| {
        let text = made.get(field).and_then(Value::as_str);
        text.map(ToOwned::to_owned)
            .with_context(|| format!("a certificate that is made has no {field}"))
    };
    Ok(Identity {
        root: text("root")?,
        chain: text("pem")? + &text("chain")?,
        key: text("private_key")?,
    })
}

fn crowd(address: String, identity: &Identity) -> Result<Crowd> {
    Ok(Crowd {
        address,
        tls: Some(connector(identity)?),
        secret: None,
        thing: "bench",
        count: DEVICES,
    })
}

/// Starts a broker that was killed while all of a crowd try to come back: how long it took, how, and what was started.
fn back<B: Send>(
    runtime: &Runtime,
    crowd: &Crowd,
    lost: Vec<Idle>,
    start: impl FnOnce() -> Result<B> + Send,
) -> Result<(Duration, Return, B)> {
    // What the broker had with them is gone; nobody has to find that out one by one.
    drop(lost);
    std::thread::scope(|scope| {
        let began = Instant::now();
        let started = scope.spawn(start);
        let returned = runtime.block_on(crowd.come_back());
        let broker = started.join().expect("a start does not panic")?;
        let (how, mut clients) = returned?;
        runtime.block_on(held(&mut clients))?;
        Ok((how.last - began, how, broker))
    })
}
