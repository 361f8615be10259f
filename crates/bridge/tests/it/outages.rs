//! Nothing is lost, and what arrives for the first time is in order, whatever breaks in between.

use std::time::Duration;

use crate::broker::Mosquitto;
use crate::client::{Collector, Sent, send, send_numbers};
use crate::rig::{Rig, head, until};

const MANY: u32 = 2_000;

fn out(port: u16, version: u8) -> (&'static str, String) {
    let maps = "[[out]]\nfilter = \"dt/#\"\nremote_prefix = \"site-7/\"\n";
    ("out", format!("{}{maps}", head(port, version)))
}

fn inward(port: u16, version: u8) -> (&'static str, String) {
    let maps = "[[in]]\nfilter = \"cmd/#\"\nlocal_prefix = \"far/\"\n";
    ("in", format!("{}{maps}", head(port, version)))
}

fn all() -> Vec<u32> {
    (0..MANY).collect()
}

/// A pause in which something is under way.
async fn pause() {
    tokio::time::sleep(Duration::from_millis(700)).await;
}

async fn out_over_two_outages(version: u8) {
    let (local, mut remote) = (Mosquitto::start(), Mosquitto::start());
    let collector = Collector::start(remote.port, "site-7/dt/#").await;
    let rig = Rig::start(local.port, &[out(remote.port, version)]);
    rig.connected().await;
    for part in 0..4 {
        if part % 2 == 1 {
            remote.end();
        }
        send_numbers(local.port, "dt/pump", part * 500..(part + 1) * 500).await;
        pause().await;
        if part % 2 == 1 {
            remote.begin();
        } else {
            // The next outage begins in the midst of it.
            let some = part as usize * 500 + 50;
            until("some arrived", || collector.first_numbers().len() > some).await;
        }
    }
    until("all arrived", || {
        collector.first_numbers().len() == MANY as usize
    })
    .await;
    assert_eq!(collector.first_numbers(), all());
    assert!(
        collector
            .all()
            .iter()
            .all(|came| came.topic == "site-7/dt/pump")
    );
    until("all are acknowledged", || rig.status().out.waiting == 0).await;
    let status = rig.status();
    assert!(status.out.forwarded >= u64::from(MANY), "{status:?}");
    assert!(status.remote.connections >= 3, "{status:?}");
    assert_eq!(status.out.dropped, 0);
    let lines = rig.told.lines.lock().unwrap().clone();
    let ends = lines
        .iter()
        .filter(|line| line.contains("out remote disconnected"));
    assert!(ends.count() >= 2, "{lines:?}");
    rig.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_go_out_over_two_outages_of_a_remote_that_speaks_5() {
    out_over_two_outages(5).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_go_out_over_two_outages_of_a_remote_that_speaks_3() {
    out_over_two_outages(3).await;
}

async fn in_over_two_outages(version: u8) {
    let (local, mut remote) = (Mosquitto::start(), Mosquitto::start());
    let collector = Collector::start(local.port, "far/#").await;
    let rig = Rig::start(local.port, &[inward(remote.port, version)]);
    rig.connected().await;
    for part in 0..4 {
        send_numbers(remote.port, "cmd/pump", part * 500..(part + 1) * 500).await;
        if part % 2 == 1 {
            remote.end();
            pause().await;
            remote.begin();
        }
    }
    until("all arrived", || {
        collector.first_numbers().len() == MANY as usize
    })
    .await;
    assert_eq!(collector.first_numbers(), all());
    assert!(
        collector
            .all()
            .iter()
            .all(|came| came.topic == "far/cmd/pump")
    );
    rig.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_come_in_over_two_outages_of_a_remote_that_speaks_5() {
    in_over_two_outages(5).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_come_in_over_two_outages_of_a_remote_that_speaks_3() {
    in_over_two_outages(3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn outages_of_our_own_broker_lose_nothing_either_way() {
    let (mut local, remote) = (Mosquitto::start(), Mosquitto::start());
    let there = Collector::start(remote.port, "site-7/dt/#").await;
    let here = Collector::start(local.port, "far/#").await;
    let maps = "[[out]]\nfilter = \"dt/#\"\nremote_prefix = \"site-7/\"\n\n[[in]]\nfilter = \"cmd/#\"\nlocal_prefix = \"far/\"\n";
    let text = format!("{}{maps}", head(remote.port, 5));
    let rig = Rig::start(local.port, &[("both", text)]);
    rig.connected().await;
    for part in 0..2 {
        let numbers = part * 1_000..(part + 1) * 1_000;
        send_numbers(local.port, "dt/pump", numbers.clone()).await;
        send_numbers(remote.port, "cmd/pump", numbers.start..numbers.start + 500).await;
        local.end();
        send_numbers(remote.port, "cmd/pump", numbers.start + 500..numbers.end).await;
        pause().await;
        local.begin();
    }
    until("all arrived", || {
        there.first_numbers().len() == MANY as usize && here.first_numbers().len() == MANY as usize
    })
    .await;
    assert_eq!(there.first_numbers(), all());
    assert_eq!(here.first_numbers(), all());
    rig.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bridge_that_is_killed_goes_on_where_it_was() {
    let (local, remote) = (Mosquitto::start(), Mosquitto::start());
    let there = Collector::start(remote.port, "site-7/dt/#").await;
    let here = Collector::start(local.port, "far/#").await;
    let maps = "[[out]]\nfilter = \"dt/#\"\nremote_prefix = \"site-7/\"\n\n[[in]]\nfilter = \"cmd/#\"\nlocal_prefix = \"far/\"\n[limits]\nmessages_per_second = 400\n";
    let files = [("both", format!("{}{maps}", head(remote.port, 3)))];
    let rig = Rig::start(local.port, &files);
    rig.connected().await;
    let sending = tokio::spawn(async move {
        send_numbers(local.port, "dt/pump", 0..MANY).await;
        local
    });
    send_numbers(remote.port, "cmd/pump", 0..MANY).await;
    until("some arrived", || there.first_numbers().len() > 300).await;
    rig.break_off().await;
    let local = sending.await.unwrap();
    assert!(
        there.first_numbers().len() < MANY as usize,
        "it broke off in the midst"
    );
    let rig = Rig::start(local.port, &files);
    until("some more arrived", || there.first_numbers().len() > 1_000).await;
    rig.end().await;
    let rig = Rig::start(local.port, &files);
    until("all arrived", || {
        there.first_numbers().len() == MANY as usize && here.first_numbers().len() == MANY as usize
    })
    .await;
    assert_eq!(there.first_numbers(), all());
    assert_eq!(here.first_numbers(), all());
    rig.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_remote_that_forgot_its_sessions_is_subscribed_to_again() {
    let (local, mut remote) = (Mosquitto::start(), Mosquitto::with("persistence false"));
    remote.begin();
    let here = Collector::start(local.port, "far/#").await;
    let rig = Rig::start(local.port, &[inward(remote.port, 5)]);
    rig.connected().await;
    send_numbers(remote.port, "cmd/pump", 0..100).await;
    until("the first arrived", || here.first_numbers().len() == 100).await;
    remote.end();
    remote.begin();
    until("it is connected again", || {
        let remote = rig.status().remote;
        remote.subscribed && remote.connections == 2
    })
    .await;
    send_numbers(remote.port, "cmd/pump", 100..200).await;
    until("the others arrived", || here.first_numbers().len() == 200).await;
    rig.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_before_a_remote_was_ever_there_waits_for_it() {
    let (local, mut remote) = (Mosquitto::start(), Mosquitto::start());
    let there = Collector::start(remote.port, "site-7/dt/#").await;
    remote.end();
    let rig = Rig::start(local.port, &[out(remote.port, 5)]);
    until("it is connected here", || rig.status().local.subscribed).await;
    let mut first = Sent::new("dt/pump", "0");
    first.user.push(("site".into(), "7".into()));
    first.retain = true;
    send(local.port, vec![first]).await;
    send_numbers(local.port, "dt/pump", 1..50).await;
    until("it cannot connect", || {
        rig.status().remote.last_error.is_some()
    })
    .await;
    remote.begin();
    until("all arrived", || there.first_numbers().len() == 50).await;
    assert_eq!(there.first_numbers(), (0..50).collect::<Vec<_>>());
    let first = &there.all()[0];
    assert!(
        first.user.contains(&("site".into(), "7".into())),
        "{first:?}"
    );
    let late = Collector::named(remote.port, "site-7/dt/#", "late").await;
    until("the first was retained", || !late.all().is_empty()).await;
    assert_eq!((late.all().len(), late.all()[0].text()), (1, "0"));
    assert!(late.all()[0].retain);
    rig.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_outage_is_waited_for_where_messages_come_from() {
    let (local, mut remote) = (Mosquitto::start(), Mosquitto::start());
    let there = Collector::start(remote.port, "site-7/dt/#").await;
    let rig = Rig::start(local.port, &[out(remote.port, 5)]);
    rig.connected().await;
    send_numbers(local.port, "dt/pump", 0..500).await;
    remote.end();
    // This Mosquitto loses count of what it may send, and sends more than it was allowed.
    for part in 1..4 {
        send_numbers(local.port, "dt/pump", part * 500..(part + 1) * 500).await;
        pause().await;
        assert!(rig.status().out.waiting <= 1_000);
    }
    remote.begin();
    until("all arrived", || {
        there.first_numbers().len() == MANY as usize
    })
    .await;
    assert_eq!(there.first_numbers(), all());
    rig.end().await;
}
