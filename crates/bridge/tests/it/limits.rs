//! What is too large or not wanted is dropped, counted and told; what is too fast waits.

use std::time::{Duration, Instant};

use trunkline_bridge::{Direction, Reason};

use crate::broker::Mosquitto;
use crate::client::{Collector, Sent, send, send_numbers};
use crate::rig::{Rig, head, until};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_large_is_dropped_and_told_and_the_others_go_on() {
    let (local, remote) = (Mosquitto::start(), Mosquitto::start());
    let there = Collector::start(remote.port, "dt/#").await;
    let here = Collector::start(local.port, "cmd/#").await;
    let text = "preset = \"aws\"\n[[out]]\nfilter = \"dt/#\"\n\n[[in]]\nfilter = \"cmd/#\"\n";
    for version in [3, 5] {
        let text = format!("{}{text}", head(remote.port, version));
        let rig = Rig::start(local.port, &[("aws", text)]);
        rig.connected().await;
        let (fits, too_large) = (vec![b'a'; 128 << 10], vec![b'b'; (128 << 10) + 1]);
        for (port, topic) in [(local.port, "dt/x"), (remote.port, "cmd/x")] {
            let messages = [
                too_large.clone(),
                fits.clone(),
                too_large.clone(),
                b"end".into(),
            ];
            let messages = messages
                .into_iter()
                .map(|payload| Sent::new(topic, payload));
            send(port, messages.collect()).await;
        }
        // A topic of nine levels, and one that is too long with its eight.
        let long = format!("dt/{}", "x".repeat(254));
        send(
            local.port,
            vec![
                Sent::new("dt/2/3/4/5/6/7/8/9", "no"),
                Sent::new(&long, "no"),
            ],
        )
        .await;
        send(local.port, vec![Sent::new("dt/2/3/4/5/6/7/8", "last")]).await;
        until("the rest arrived", || {
            there
                .all()
                .last()
                .is_some_and(|came| came.payload == b"last")
                && here.all().last().is_some_and(|came| came.payload == b"end")
        })
        .await;
        let counted = || {
            let status = rig.status();
            let forwarded = (status.out.forwarded, status.inward.forwarded);
            let dropped = (status.out.dropped, status.inward.dropped);
            let waiting = status.out.waiting + status.inward.waiting;
            (forwarded, dropped, waiting) == ((3, 2), (4, 2), 0)
        };
        until("all are counted", counted).await;
        let told = std::sync::Arc::clone(&rig.told);
        rig.end().await;
        let dropped = told.dropped.lock().unwrap().clone();
        let sum = |direction, reason| -> u64 {
            dropped
                .iter()
                .filter(|dropped| dropped.direction == direction && dropped.reason == reason)
                .map(|dropped| dropped.count)
                .sum()
        };
        assert_eq!(sum(Direction::Out, Reason::PayloadTooLarge), 2);
        assert_eq!(sum(Direction::In, Reason::PayloadTooLarge), 2);
        assert_eq!(sum(Direction::Out, Reason::TopicTooLong), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_packet_that_the_remote_announced_to_be_too_large_is_not_sent() {
    let (local, mut remote) = (Mosquitto::start(), Mosquitto::with("max_packet_size 2000"));
    remote.begin();
    let there = Collector::start(remote.port, "dt/#").await;
    let text = format!("{}[[out]]\nfilter = \"dt/#\"\n", head(remote.port, 5));
    let rig = Rig::start(local.port, &[("out", text)]);
    rig.connected().await;
    let sizes = [1_500_usize, 2_500, 10];
    let messages = sizes.map(|size| Sent::new("dt/x", vec![b'x'; size]));
    send(local.port, messages.into()).await;
    until("two arrived", || there.all().len() == 2).await;
    until("all are counted", || {
        let out = rig.status().out;
        (out.dropped, out.forwarded, out.waiting) == (1, 2, 0)
    })
    .await;
    assert_eq!(rig.status().remote.connections, 1);
    let told = rig.told.dropped.lock().unwrap()[0].clone();
    assert_eq!((told.reason, told.bytes), (Reason::PacketTooLarge, 2_500));
    rig.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_limits_of_aws_are_kept() {
    let (local, remote) = (Mosquitto::start(), Mosquitto::start());
    let there = Collector::start(remote.port, "dt/#").await;
    let text = format!(
        "{}preset = \"aws\"\n[[out]]\nfilter = \"dt/#\"\n[limits]\nin_flight = 100\n",
        head(remote.port, 5)
    );
    let rig = Rig::start(local.port, &[("aws", text)]);
    rig.connected().await;
    let start = Instant::now();
    send_numbers(local.port, "dt/pump", 0..450).await;
    until("all arrived", || there.all().len() == 450).await;
    let took = start.elapsed();
    // 100 pass at once, and the other 350 at 100 a second.
    assert!(took >= Duration::from_millis(3_400), "{took:?}");
    let start = Instant::now();
    let large = (0..12).map(|_| Sent::new("dt/pump", vec![b'x'; 128 << 10]));
    send(local.port, large.collect()).await;
    until("all arrived", || there.all().len() == 462).await;
    // 512 KiB pass at once, and the other MiB within two seconds.
    let took = start.elapsed();
    assert!(took >= Duration::from_millis(1_900), "{took:?}");
    rig.end().await;
}
