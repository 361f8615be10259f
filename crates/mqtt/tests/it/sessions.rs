//! What outlives a connection, and what does not.

use std::sync::atomic::Ordering;
use std::time::Duration;

use rmqtt_codec::v5;
use trunkline_mqtt::Limits;

use crate::client::{Client, Old, ack, ack2, connect, id, message, resume, subscribe};
use crate::support::House;

#[tokio::test]
async fn messages_wait_for_a_client_that_comes_back() {
    let house = House::new();
    let (mut reader, present) = Client::join(&house, resume("r")).await;
    assert!(!present);
    reader.subscribe("a/#", 1).await;
    drop(reader);
    house.ports.wait_for("gone r").await;
    let (mut sender, _) = Client::join(&house, connect("s")).await;
    sender.send(message("a/0", 0, 0)).await;
    for n in 1..=3 {
        sender.send(message(&format!("a/{n}"), 1, n)).await;
        sender.next().await;
    }
    let (mut reader, present) = Client::join(&house, resume("r")).await;
    assert!(present);
    for n in 1..=3 {
        assert_eq!(reader.publish().await.topic, format!("a/{n}"));
    }
    reader.nothing().await;
}

#[tokio::test]
async fn what_was_not_acknowledged_comes_again_with_its_number() {
    let house = House::new();
    let (mut reader, _) = Client::join(&house, resume("r")).await;
    reader.subscribe("#", 2).await;
    let (mut sender, _) = Client::join(&house, connect("s")).await;
    sender.send(message("one", 1, 1)).await;
    sender.next().await;
    sender.send(message("two", 2, 2)).await;
    sender.next().await;
    let one = reader.publish().await;
    let two = reader.publish().await;
    assert!(!one.dup && !two.dup);
    let number = two.packet_id.unwrap();
    reader.send(v5::Packet::PublishReceived(ack(number))).await;
    reader.next().await;
    drop(reader);
    house.ports.wait_for("gone r").await;
    let (mut reader, _) = Client::join(&house, resume("r")).await;
    let again = reader.publish().await;
    assert!(again.dup && again.packet_id == one.packet_id && again.topic == "one");
    // The second was received: only that it may be forgotten is said again.
    assert_eq!(
        reader.next().await,
        v5::Packet::PublishRelease(ack2(number))
    );
    reader.send(v5::Packet::PublishComplete(ack2(number))).await;
    reader.acknowledge(one.packet_id.unwrap()).await;
    drop(reader);
    tokio::time::sleep(Duration::from_millis(50)).await;
    let (mut reader, _) = Client::join(&house, resume("r")).await;
    reader.nothing().await;
}

#[tokio::test]
async fn a_new_connection_takes_over_from_the_old_one() {
    let house = House::new();
    let (mut old, _) = Client::join(&house, resume("r")).await;
    old.subscribe("a", 1).await;
    let (mut new, present) = Client::join(&house, resume("r")).await;
    assert!(present);
    assert_eq!(
        old.ended().await,
        Some(v5::DisconnectReasonCode::SessionTakenOver)
    );
    house.ports.wait_for("gone r taken-over").await;
    let (mut sender, _) = Client::join(&house, connect("s")).await;
    sender.send(message("a", 1, 1)).await;
    assert_eq!(new.publish().await.topic, "a");
    assert_eq!(house.broker.stats().connections, 2);
}

#[tokio::test]
async fn a_clean_start_forgets_what_was() {
    let house = House::new();
    let (mut reader, _) = Client::join(&house, resume("r")).await;
    reader.subscribe("a", 1).await;
    let (mut reader, present) = Client::join(&house, connect("r")).await;
    assert!(!present);
    let (mut sender, _) = Client::join(&house, connect("s")).await;
    sender.send(message("a", 1, 1)).await;
    sender.next().await;
    reader.nothing().await;
    assert_eq!(house.broker.stats().subscriptions, 0);
}

#[tokio::test]
async fn a_session_ends_with_its_connection_or_after_its_time() {
    let house = House::new();
    let (mut reader, _) = Client::join(&house, connect("gone")).await;
    reader.subscribe("a", 1).await;
    drop(reader);
    house.ports.wait_for("gone gone").await;
    let mut short = resume("short");
    short.session_expiry_interval_secs = 1;
    let (mut reader, _) = Client::join(&house, short.clone()).await;
    reader.subscribe("a", 1).await;
    drop(reader);
    house.ports.wait_for("gone short").await;
    house.broker.sweep();
    let stats = house.broker.stats();
    assert_eq!((stats.sessions, stats.subscriptions), (1, 1));
    tokio::time::sleep(Duration::from_millis(1_050)).await;
    house.broker.sweep();
    let stats = house.broker.stats();
    assert_eq!((stats.sessions, stats.subscriptions), (0, 0));
    let (_, present) = Client::join(&house, short).await;
    assert!(!present);
}

#[tokio::test]
async fn a_goodbye_may_shorten_the_session() {
    let house = House::new();
    let (mut reader, _) = Client::join(&house, resume("r")).await;
    let mut goodbye = v5::Disconnect::new(v5::DisconnectReasonCode::NormalDisconnection);
    goodbye.session_expiry_interval_secs = Some(0);
    reader.send(goodbye).await;
    assert_eq!(reader.ended().await, None);
    house.ports.wait_for("gone r disconnected").await;
    assert_eq!(house.broker.stats().sessions, 0);
}

#[tokio::test]
async fn a_client_without_a_name_gets_one() {
    let house = House::new();
    let mut client = Client::dial(&house);
    client.send(connect("")).await;
    let named = client.ack().await.assigned_client_id.unwrap();
    assert!(named.starts_with("auto-"), "{named}");
    let old = Old::join(&house, "", true).await;
    drop(old);
}

#[tokio::test]
async fn who_says_nothing_for_too_long_is_let_go() {
    let limits = Limits {
        keep_alive: 1,
        ..Limits::default()
    };
    let house = House::with(limits);
    let mut client = Client::dial(&house);
    client.send(connect("s")).await;
    let told = client.ack().await;
    assert_eq!(told.server_keepalive_sec, Some(1));
    assert_eq!(
        client.ended().await,
        Some(v5::DisconnectReasonCode::KeepAliveTimeout)
    );
    house.ports.wait_for("gone s keep-alive").await;
}

#[tokio::test]
async fn who_wants_no_keep_alive_gets_the_longest() {
    let house = House::new();
    for (wanted, told) in [(0, Some(1_200)), (65_535, Some(1_200)), (1_200, None)] {
        let mut client = Client::dial(&house);
        client
            .send(v5::Connect {
                keep_alive: wanted,
                ..connect("s")
            })
            .await;
        assert_eq!(client.ack().await.server_keepalive_sec, told);
    }
}

#[tokio::test]
async fn a_ping_is_a_word() {
    let house = House::new();
    let (mut client, _) = Client::join(&house, connect("s")).await;
    client.send(v5::Packet::PingRequest).await;
    assert_eq!(client.next().await, v5::Packet::PingResponse);
}

#[tokio::test]
async fn the_end_of_the_platform_is_told() {
    let house = House::new();
    let (mut client, _) = Client::join(&house, resume("s")).await;
    house.closing.cancel();
    assert_eq!(
        client.ended().await,
        Some(v5::DisconnectReasonCode::ServerShuttingDown)
    );
    house.ports.wait_for("gone s shutdown").await;
    assert_eq!(house.broker.stats().sessions, 1);
}

#[tokio::test]
async fn a_client_whose_right_was_taken_back_is_let_go() {
    let house = House::new();
    let (mut one, _) = Client::join(&house, connect("one")).await;
    let (mut two, _) = Client::join(&house, connect("more")).await;
    house.broker.revoke("one");
    assert_eq!(
        one.ended().await,
        Some(v5::DisconnectReasonCode::AdministrativeAction)
    );
    two.send(message("a", 1, 1)).await;
    assert_eq!(two.next().await, ack(id(1)).into());
}

#[tokio::test]
async fn nobody_gets_what_another_left_under_the_same_name() {
    let house = House::new();
    let named = |name: &str| {
        let mut wanted = resume("same");
        wanted.username = Some(name.to_owned().into());
        wanted
    };
    let (mut one, _) = Client::join(&house, named("one")).await;
    one.subscribe("a", 1).await;
    let (mut other, present) = Client::join(&house, named("other")).await;
    assert!(!present);
    let (mut sender, _) = Client::join(&house, connect("s")).await;
    sender.send(message("a", 1, 1)).await;
    sender.next().await;
    other.nothing().await;
    assert_eq!(house.broker.stats().subscriptions, 0);
}

#[tokio::test]
async fn a_right_that_is_gone_takes_its_subscriptions_along() {
    let house = House::new();
    let (mut device, _) = Client::join(&house, resume("t1")).await;
    for filter in ["t1/own/+", "t1/other", "$share/g/t1/more"] {
        device.subscribe(filter, 1).await;
    }
    drop(device);
    house.ports.wait_for("gone t1").await;
    house.ports.narrow.store(true, Ordering::Relaxed);
    let (_device, present) = Client::join(&house, resume("t1")).await;
    assert!(present);
    assert_eq!(house.broker.stats().subscriptions, 1);
}

#[tokio::test]
async fn a_connection_that_was_taken_over_has_no_say_any_more() {
    let house = House::new();
    let (mut reader, _) = Client::join(&house, resume("r")).await;
    reader.subscribe("a", 1).await;
    // The old connection is at work when the new one comes, and its last packets are read after that.
    house.ports.hold.store(true, Ordering::Relaxed);
    reader.send(message("slow", 1, 1)).await;
    while house.ports.calls.load(Ordering::Relaxed) == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let late = reader.bytes(vec![subscribe(7, "late", 1).into()]);
    reader.raw(&late).await;
    let (mut new, present) = Client::join(&house, resume("r")).await;
    assert!(present);
    house.ports.hold.store(false, Ordering::Relaxed);
    house.ports.go.notify_one();
    assert_eq!(
        reader.ended().await,
        Some(v5::DisconnectReasonCode::SessionTakenOver)
    );
    assert_eq!(house.broker.stats().subscriptions, 1);
    let (mut sender, _) = Client::join(&house, connect("s")).await;
    sender.send(message("a", 1, 1)).await;
    assert_eq!(new.publish().await.topic, "a");
}

#[tokio::test]
async fn the_last_word_cannot_make_a_session_stay() {
    let house = House::new();
    let (mut reader, _) = Client::join(&house, connect("r")).await;
    let mut goodbye = v5::Disconnect::new(v5::DisconnectReasonCode::NormalDisconnection);
    goodbye.session_expiry_interval_secs = Some(100);
    reader.send(goodbye).await;
    house.ports.wait_for("gone r disconnected").await;
    for _ in 0..100 {
        if house.broker.stats().sessions == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the session stayed");
}
