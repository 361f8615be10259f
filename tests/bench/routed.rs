//! Messages that the MQTT broker hands on, beside Mosquitto.

use std::time::Duration;

use anyhow::Result;
use tokio::runtime::Builder;
use tokio::time::Instant;

use crate::mqtt::{
    Mosquitto, PAYLOAD, Pace, ROUNDS, Server, TURN, Turn, WARM_UP, due, in_turn, listen, millis,
    paced, side_by_side, writer,
};
use crate::platform::folder;
use crate::report::{Report, Target};

/// Messages a second that are handed on, by their quality of service.
const ROUTED: [(u8, u64); 2] = [(1, 10_000), (0, 20_000)];
/// Those who publish what is handed on.
const PUBLISHERS: usize = 50;
/// How long it is looked at rest.
const REST: Duration = Duration::from_secs(10);
/// How long what is handed on may take after the last was sent.
const LATE: Duration = Duration::from_secs(30);

/// Messages that somebody listens to.
pub(crate) fn run(report: &mut Report) -> Result<()> {
    let folder = folder("routed")?;
    let (platform, _mosquitto, servers) = side_by_side(&folder)?;
    for (quality, per_second) in ROUTED {
        let turns = in_turn(&servers, |server| {
            let before = server.process.cpu()?;
            let mut turn = routed(server, quality, per_second)?;
            let (mut after, mut resting) = (server.process.cpu()?, Duration::ZERO);
            if server.secret.is_some() {
                // The rows that it makes of the messages are a part of what they cost, and must not be made while another has its turn. What
                // it takes all the time that nobody sends anything is no part of it.
                let began = Instant::now();
                platform.settle("messages")?;
                let settled = began.elapsed();
                after = server.process.cpu()?;
                resting = server.process.at_rest(REST)?.mul_f64(settled.as_secs_f64());
            }
            let spent = after.saturating_sub(before).saturating_sub(resting);
            turn.micros = spent.as_secs_f64() * 1e6 / turn.messages as f64;
            Ok(turn)
        })?;
        routed_figures(report, (quality, per_second), &turns)?;
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
             broker's process: ours syncs what has QoS 1 and makes a row of every message, which counts until the rows are in files, less what it takes at rest meanwhile; {version} keeps nothing on disk.",
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
