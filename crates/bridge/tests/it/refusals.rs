//! Messages that a remote never takes do not hold up the others, however it says so.

use trunkline_bridge::Reason;

use crate::broker::Mosquitto;
use crate::client::{Collector, Sent, send};
use crate::fake::{Act, Fake, Heard};
use crate::rig::{Rig, head, until};

#[tokio::test(flavor = "multi_thread")]
async fn what_the_remote_refuses_for_good_does_not_hold_up_the_others() {
    let (local, mut remote) = (Mosquitto::start(), Mosquitto::with("acl_file {folder}/acl"));
    let acl = remote.folder().join("acl");
    std::fs::write(acl, "topic read #\ntopic write dt/good/#\n").unwrap();
    remote.begin();
    let there = Collector::start(remote.port, "dt/#").await;
    let text = format!("{}[[out]]\nfilter = \"dt/#\"\n", head(remote.port, 5));
    let rig = Rig::start(local.port, &[("out", text)]);
    rig.connected().await;
    // This Mosquitto says that it refuses a message, and ends the connection as well.
    let messages = ["dt/bad/1", "dt/good/1", "dt/bad/2", "dt/good/2"];
    send(
        local.port,
        messages.map(|topic| Sent::new(topic, "x")).into(),
    )
    .await;
    until("the good ones arrived", || there.all().len() == 2).await;
    let counted = || {
        let out = rig.status().out;
        (out.dropped, out.forwarded, out.waiting) == (2, 2, 0)
    };
    until("all are counted", counted).await;
    let told = std::sync::Arc::clone(&rig.told);
    rig.end().await;
    let told = told.dropped.lock().unwrap().clone();
    assert!(told.iter().all(|told| told.reason == Reason::Refused));
    assert_eq!(told.iter().map(|told| told.count).sum::<u64>(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_ends_the_connection_each_time_is_given_up_and_the_others_go_on() {
    let local = Mosquitto::start();
    let bad = Heard::Publish("dt/bad".into());
    let closes = bad.clone();
    // With MQTT 3.1.1 there is no other way to refuse a message.
    let remote = Fake::start(move |_, heard| {
        if *heard == closes {
            Act::Close
        } else {
            Act::Answer
        }
    })
    .await;
    let text = format!("{}[[out]]\nfilter = \"dt/#\"\n", head(remote.port, 3));
    let rig = Rig::start(local.port, &[("out", text)]);
    rig.connected().await;
    let messages = ["dt/good/1", "dt/bad", "dt/good/2"];
    send(
        local.port,
        messages.map(|topic| Sent::new(topic, "x")).into(),
    )
    .await;
    until("all are counted", || {
        let out = rig.status().out;
        (out.dropped, out.forwarded, out.waiting) == (1, 2, 0)
    })
    .await;
    assert!(
        (3..=4).contains(&remote.count(&bad)),
        "{:?}",
        remote.count(&bad)
    );
    let error = rig.status().remote.last_error.unwrap();
    assert!(
        error.contains("with the message on `dt/bad` under way, which is given up"),
        "{error}"
    );
    let told = rig.told.dropped.lock().unwrap().clone();
    assert_eq!(told.len(), 1);
    assert_eq!(
        (told[0].reason, told[0].topic.as_str(), told[0].bytes),
        (Reason::ConnectionEnded, "dt/bad", 1)
    );
    rig.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_packet_that_a_remote_without_properties_finds_too_large_is_given_up() {
    let (local, mut remote) = (Mosquitto::start(), Mosquitto::with("max_packet_size 2000"));
    remote.begin();
    let there = Collector::start(remote.port, "dt/#").await;
    let text = format!("{}[[out]]\nfilter = \"dt/#\"\n", head(remote.port, 3));
    let rig = Rig::start(local.port, &[("out", text)]);
    rig.connected().await;
    let sizes = [1_500_usize, 2_500, 10];
    let messages = sizes.map(|size| Sent::new("dt/x", vec![b'x'; size]));
    send(local.port, messages.into()).await;
    until("the others arrived and all are counted", || {
        let out = rig.status().out;
        (out.dropped, out.forwarded, out.waiting) == (1, 2, 0)
    })
    .await;
    assert!(there.all().iter().all(|came| came.payload.len() < 2_000));
    let told = rig.told.dropped.lock().unwrap()[0].clone();
    assert_eq!((told.reason, told.bytes), (Reason::ConnectionEnded, 2_500));
    rig.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_taken_at_the_third_connection_is_not_lost() {
    let local = Mosquitto::start();
    let remote = Fake::start(|number, heard| match heard {
        Heard::Publish(_) if number < 2 => Act::Close,
        _ => Act::Answer,
    })
    .await;
    let text = format!("{}[[out]]\nfilter = \"dt/#\"\n", head(remote.port, 5));
    let rig = Rig::start(local.port, &[("out", text)]);
    rig.connected().await;
    send(local.port, vec![Sent::new("dt/x", "x")]).await;
    until("it was taken", || {
        let out = rig.status().out;
        (out.forwarded, out.waiting) == (1, 0)
    })
    .await;
    assert_eq!(rig.status().out.dropped, 0);
    assert_eq!(remote.count(&Heard::Publish("dt/x".into())), 3);
    rig.end().await;
}
