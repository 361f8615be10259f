//! Connections that only listen, beside Mosquitto.

use anyhow::Result;
use serde_json::json;
use tokio::runtime::Builder;

use crate::mqtt::{Crowd, Mosquitto, allow_many_files};
use crate::platform::{Platform, folder, free_address};
use crate::process::Process;
use crate::report::{Report, Section};
use crate::things;

/// Connections that only listen.
const IDLE: u64 = 5_000;

/// Without TLS.
pub(crate) fn run(report: &mut Report) -> Result<()> {
    allow_many_files(2 * IDLE)?;
    let folder = folder("idle")?;
    let address = free_address()?;
    let data = folder.join("data");
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
    let mosquitto = Mosquitto::start(&folder, &free_address()?, false)?;
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
