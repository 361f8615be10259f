//! What each quality of service promises.

use std::num::{NonZeroU16, NonZeroU32};
use std::sync::atomic::Ordering;
use std::time::Duration;

use rmqtt_codec::types::QoS;
use rmqtt_codec::v5;

use crate::client::{Client, ack, ack2, connect, id, message, subscribe};
use crate::support::House;

#[tokio::test]
async fn packets_behind_connect_in_one_segment_are_all_read() {
    let house = House::new();
    let mut client = Client::dial(&house);
    let all = client.bytes(vec![
        connect("s").into(),
        subscribe(1, "a/+", 1).into(),
        message("a/b", 1, 2).into(),
    ]);
    client.raw(&all).await;
    assert!(matches!(client.next().await, v5::Packet::ConnectAck(_)));
    assert!(matches!(client.next().await, v5::Packet::SubscribeAck(_)));
    let (mut acked, mut came) = (false, false);
    for _ in 0..2 {
        match client.next().await {
            v5::Packet::PublishAck(ack) => acked = ack.packet_id == id(2),
            v5::Packet::Publish(publish) => came = publish.topic == "a/b",
            other => panic!("{other:?}"),
        }
    }
    assert!(acked && came);
}

#[tokio::test]
async fn nothing_is_acknowledged_or_sent_on_before_it_is_kept() {
    let house = House::new();
    let (mut reader, _) = Client::join(&house, connect("r")).await;
    reader.subscribe("#", 1).await;
    let (mut sender, _) = Client::join(&house, connect("s")).await;
    house.ports.hold.store(true, Ordering::Relaxed);
    sender.send(message("a", 1, 1)).await;
    sender.nothing().await;
    reader.nothing().await;
    house.ports.hold.store(false, Ordering::Relaxed);
    house.ports.go.notify_one();
    assert_eq!(sender.next().await, ack(id(1)).into());
    assert_eq!(reader.publish().await.topic, "a");
}

#[tokio::test]
async fn what_cannot_be_kept_is_not_acknowledged() {
    let house = House::new();
    let (mut reader, _) = Client::join(&house, connect("r")).await;
    reader.subscribe("#", 1).await;
    let (mut sender, _) = Client::join(&house, connect("s")).await;
    house.ports.full.store(true, Ordering::Relaxed);
    sender.send(message("a", 2, 1)).await;
    assert_eq!(
        sender.ended().await,
        Some(v5::DisconnectReasonCode::ServerBusy)
    );
    reader.nothing().await;
}

#[tokio::test]
async fn messages_that_come_together_are_kept_together() {
    let house = House::new();
    let (mut sender, _) = Client::join(&house, connect("s")).await;
    let all = (1..=100).map(|n| message("a", 1, n).into()).collect();
    let bytes = sender.bytes(all);
    sender.raw(&bytes).await;
    for n in 1..=100 {
        assert_eq!(sender.next().await, ack(id(n)).into());
    }
    assert!(house.ports.calls.load(Ordering::Relaxed) < 10);
    assert_eq!(house.ports.topics().len(), 100);
}

#[tokio::test]
async fn exactly_once_is_once_however_often_it_is_sent() {
    let house = House::new();
    let (mut reader, _) = Client::join(&house, connect("r")).await;
    reader.subscribe("a", 2).await;
    let (mut sender, _) = Client::join(&house, connect("s")).await;
    for _ in 0..3 {
        sender.send(message("a", 2, 5)).await;
        assert_eq!(sender.next().await, v5::Packet::PublishReceived(ack(id(5))));
    }
    sender.send(v5::Packet::PublishRelease(ack2(id(5)))).await;
    assert_eq!(
        sender.next().await,
        v5::Packet::PublishComplete(ack2(id(5)))
    );
    // The number is free again.
    sender.send(message("a", 2, 5)).await;
    sender.next().await;
    for publish in [reader.publish().await, reader.publish().await] {
        assert_eq!(publish.qos, QoS::ExactlyOnce);
        let number = publish.packet_id.unwrap();
        reader.send(v5::Packet::PublishReceived(ack(number))).await;
        assert_eq!(
            reader.next().await,
            v5::Packet::PublishRelease(ack2(number))
        );
        reader.send(v5::Packet::PublishComplete(ack2(number))).await;
    }
    reader.nothing().await;
    assert_eq!(house.ports.topics(), ["a", "a"]);
}

#[tokio::test]
async fn a_client_gets_no_more_at_once_than_it_takes() {
    let house = House::new();
    let few = v5::Connect {
        receive_max: NonZeroU16::new(2),
        ..connect("r")
    };
    let (mut reader, _) = Client::join(&house, few).await;
    reader.subscribe("a", 1).await;
    let (mut sender, _) = Client::join(&house, connect("s")).await;
    for n in 1..=5 {
        sender.send(message("a", 1, n)).await;
        sender.next().await;
    }
    let first = reader.publish().await.packet_id.unwrap();
    reader.publish().await;
    reader.nothing().await;
    reader.acknowledge(first).await;
    reader.publish().await;
    reader.nothing().await;
}

#[tokio::test]
async fn a_message_goes_with_the_lower_quality_and_once_for_all_subscriptions() {
    let house = House::new();
    let (mut reader, _) = Client::join(&house, connect("r")).await;
    for (number, filter, qos) in [(1, "a/#", 0), (2, "a/+", 2), (3, "a/b", 1)] {
        let mut wanted = subscribe(number, filter, qos);
        wanted.id = NonZeroU32::new(number.into());
        reader.send(wanted).await;
        reader.next().await;
    }
    let (mut sender, _) = Client::join(&house, connect("s")).await;
    sender.send(message("a/b", 1, 1)).await;
    let publish = reader.publish().await;
    assert_eq!(publish.qos, QoS::AtLeastOnce);
    let mut ids: Vec<u32> = publish
        .properties
        .unwrap()
        .subscription_ids
        .iter()
        .map(|id| id.get())
        .collect();
    ids.sort_unstable();
    assert_eq!(ids, [1, 2, 3]);
    reader.nothing().await;
}

#[tokio::test]
async fn retained_messages_come_first_and_are_forgotten_when_empty() {
    let house = House::new();
    let (mut sender, _) = Client::join(&house, connect("s")).await;
    let keep = |topic: &str, number| {
        let mut publish = message(topic, 1, number);
        publish.retain = true;
        publish
    };
    for (topic, number) in [("a/1", 1), ("a/2", 2), ("b", 3)] {
        sender.send(keep(topic, number)).await;
        sender.next().await;
    }
    let (mut reader, _) = Client::join(&house, connect("r")).await;
    reader.subscribe("a/+", 0).await;
    for topic in ["a/1", "a/2"] {
        let publish = reader.publish().await;
        assert!(publish.retain && publish.topic == topic);
    }
    // To who is there already it is a message like any other.
    sender.send(keep("a/1", 4)).await;
    assert!(!reader.publish().await.retain);
    let mut empty = keep("a/1", 5);
    empty.payload.clear();
    sender.next().await;
    sender.send(empty).await;
    sender.next().await;
    assert!(reader.publish().await.payload.is_empty());
    let mut again = subscribe(6, "a/+", 0);
    again.topic_filters[0].1.retain_handling = v5::RetainHandling::AtSubscribeNew;
    reader.send(again.clone()).await;
    reader.next().await;
    reader.nothing().await;
    again.topic_filters[0].1.retain_handling = v5::RetainHandling::AtSubscribe;
    reader.send(again).await;
    reader.next().await;
    assert_eq!(reader.publish().await.topic, "a/2");
    reader.nothing().await;
    assert_eq!(house.broker.stats().retained, 2);
}

#[tokio::test]
async fn a_topic_has_a_number_for_its_sender() {
    let house = House::new();
    let (mut sender, _) = Client::join(&house, connect("s")).await;
    let alias = |topic: &str, alias, number| {
        let mut publish = message(topic, 1, number);
        publish.properties = Some(v5::PublishProperties {
            topic_alias: NonZeroU16::new(alias),
            ..v5::PublishProperties::default()
        });
        publish
    };
    sender.send(alias("a/b", 3, 1)).await;
    sender.next().await;
    sender.send(alias("", 3, 2)).await;
    sender.next().await;
    assert_eq!(house.ports.topics(), ["a/b", "a/b"]);
    sender.send(alias("", 4, 3)).await;
    assert_eq!(
        sender.ended().await,
        Some(v5::DisconnectReasonCode::TopicAliasInvalid)
    );
    let (mut sender, _) = Client::join(&house, connect("s")).await;
    sender.send(alias("a/b", 65, 1)).await;
    assert_eq!(
        sender.ended().await,
        Some(v5::DisconnectReasonCode::TopicAliasInvalid)
    );
}

#[tokio::test]
async fn a_group_shares_its_messages_and_waits_for_nobody() {
    let house = House::new();
    let (mut one, _) = Client::join(&house, connect("one")).await;
    let (mut two, _) = Client::join(&house, connect("more")).await;
    for member in [&mut one, &mut two] {
        member.subscribe("$share/g/a/#", 1).await;
    }
    let (mut sender, _) = Client::join(&house, connect("s")).await;
    for n in 1..=10 {
        sender.send(message("a/b", 1, n)).await;
        sender.next().await;
    }
    for member in [&mut one, &mut two] {
        for _ in 0..5 {
            member.publish().await;
        }
        member.nothing().await;
    }
    drop(one);
    house.ports.wait_for("gone one").await;
    for n in 1..=4 {
        sender.send(message("a/b", 1, n)).await;
        sender.next().await;
        two.publish().await;
    }
}

#[tokio::test]
async fn what_nobody_wants_any_more_is_not_sent() {
    let house = House::new();
    let few = v5::Connect {
        receive_max: NonZeroU16::new(1),
        ..connect("r")
    };
    let (mut reader, _) = Client::join(&house, few).await;
    reader.subscribe("#", 1).await;
    let (mut sender, _) = Client::join(&house, connect("s")).await;
    let with = |topic: &str, seconds, number| {
        let mut publish = message(topic, 1, number);
        publish.properties = Some(v5::PublishProperties {
            message_expiry_interval: NonZeroU32::new(seconds),
            ..v5::PublishProperties::default()
        });
        publish
    };
    for (topic, seconds, number) in [("first", 0, 1), ("short", 1, 2), ("long", 100, 3)] {
        sender.send(with(topic, seconds, number)).await;
        sender.next().await;
    }
    let first = reader.publish().await;
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    reader.acknowledge(first.packet_id.unwrap()).await;
    let second = reader.publish().await;
    assert_eq!(second.topic, "long");
    let left = second.properties.unwrap().message_expiry_interval.unwrap();
    assert!((95..100).contains(&left.get()), "{left}");
}

#[tokio::test]
async fn a_client_gets_no_packet_that_is_larger_than_it_takes() {
    let house = House::new();
    let small = v5::Connect {
        max_packet_size: NonZeroU32::new(64),
        ..connect("r")
    };
    let (mut reader, _) = Client::join(&house, small).await;
    reader.subscribe("#", 1).await;
    let (mut sender, _) = Client::join(&house, connect("s")).await;
    let mut large = message("large", 1, 1);
    large.payload = vec![0; 100].into();
    sender.send(large).await;
    sender.next().await;
    sender.send(message("small", 1, 2)).await;
    sender.next().await;
    assert_eq!(reader.publish().await.topic, "small");
}

#[tokio::test]
async fn a_message_that_comes_twice_at_once_is_not_acknowledged_before_it_is_kept() {
    let house = House::new();
    let (mut sender, _) = Client::join(&house, connect("s")).await;
    house.ports.full.store(true, Ordering::Relaxed);
    let twice = sender.bytes(vec![message("a", 2, 1).into(), message("a", 2, 1).into()]);
    sender.raw(&twice).await;
    assert_eq!(
        sender.next().await,
        v5::Packet::Disconnect(v5::Disconnect::new(v5::DisconnectReasonCode::ServerBusy))
    );
}

#[tokio::test]
async fn what_was_kept_is_acknowledged_though_what_follows_is_not() {
    let house = House::new();
    let (mut sender, _) = Client::join(&house, connect("s")).await;
    house.ports.most.store(1, Ordering::Relaxed);
    // Two runs: one of ordinary topics, and after a reserved one another.
    let all = sender.bytes(vec![
        message("a", 2, 1).into(),
        message("$aws/x", 2, 2).into(),
        message("b", 2, 3).into(),
    ]);
    sender.raw(&all).await;
    for number in [1, 2] {
        let answer = sender.next().await;
        assert_eq!(answer, v5::Packet::PublishReceived(ack(id(number))));
    }
    assert_eq!(
        sender.ended().await,
        Some(v5::DisconnectReasonCode::ServerBusy)
    );
    assert_eq!(house.ports.topics(), ["a"]);
}
