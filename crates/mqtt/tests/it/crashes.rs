//! What is there after the process ended without a word.
//!
//! `after_a_crash` makes a broker out of what was written down at that moment, while the old one still stands and knows more.

use std::sync::atomic::Ordering;

use rmqtt_codec::types::Publish;
use rmqtt_codec::v5;

use crate::client::{Client, ack, ack2, connect, id, message, resume};
use crate::support::{House, Record};

/// Sends `count` messages on `topic/1`, `topic/2`, ...
async fn send(house: &House, topic: &str, quality: u8, count: u16) {
    let (mut sender, _) = Client::join(house, connect("s")).await;
    for n in 1..=count {
        sender
            .send(message(&format!("{topic}/{n}"), quality, n))
            .await;
        sender.next().await;
        if quality == 2 {
            sender.send(v5::Packet::PublishRelease(ack2(id(n)))).await;
            sender.next().await;
        }
    }
}

async fn topics(client: &mut Client, count: u16) -> Vec<String> {
    let mut topics = Vec::new();
    for _ in 0..count {
        let publish = client.publish().await;
        if let Some(number) = publish.packet_id {
            client.acknowledge(number).await;
        }
        topics.push(publish.topic.to_string());
    }
    topics
}

#[tokio::test]
async fn what_a_client_asked_for_and_what_waits_for_it_is_there() {
    for with_checkpoint in [false, true] {
        let house = House::new();
        let (mut reader, _) = Client::join(&house, resume("r")).await;
        reader.subscribe("a/#", 1).await;
        reader.subscribe("b", 1).await;
        reader
            .send(v5::Unsubscribe {
                packet_id: id(7),
                user_properties: Vec::new(),
                topic_filters: vec!["b".to_owned().into()],
            })
            .await;
        reader.next().await;
        drop(reader);
        house.ports.wait_for("gone r").await;
        send(&house, "a", 1, 2).await;
        if with_checkpoint {
            house.checkpoint();
        }
        send(&house, "b", 1, 1).await;
        send(&house, "a", 1, 1).await;

        let house = house.after_a_crash();
        let (mut reader, present) = Client::join(&house, resume("r")).await;
        assert!(present);
        assert_eq!(topics(&mut reader, 3).await, ["a/1", "a/2", "a/1"]);
        reader.nothing().await;
        send(&house, "a", 1, 1).await;
        assert_eq!(topics(&mut reader, 1).await, ["a/1"]);
    }
}

#[tokio::test]
async fn what_a_client_has_does_not_come_again() {
    for with_checkpoint in [false, true] {
        let house = House::new();
        let (mut reader, _) = Client::join(&house, resume("r")).await;
        reader.subscribe("a/#", 1).await;
        send(&house, "a", 1, 3).await;
        if with_checkpoint {
            house.checkpoint();
        }
        let first = reader.publish().await;
        let second = reader.publish().await;
        reader.acknowledge(first.packet_id.unwrap()).await;
        // The answer to a ping says that the acknowledgement has come.
        reader.send(v5::Packet::PingRequest).await;
        while reader.next().await != v5::Packet::PingResponse {}
        house.broker.settle().await.unwrap();
        drop(second);

        let house = house.after_a_crash();
        let (mut reader, present) = Client::join(&house, resume("r")).await;
        assert!(present);
        assert_eq!(topics(&mut reader, 2).await, ["a/2", "a/3"]);
        reader.nothing().await;
    }
}

#[tokio::test]
async fn a_message_that_is_to_come_once_comes_under_its_number() {
    for with_checkpoint in [false, true] {
        let house = House::new();
        let (mut reader, _) = Client::join(&house, resume("r")).await;
        reader.subscribe("a/#", 2).await;
        send(&house, "a", 2, 3).await;
        let one = reader.publish().await;
        let two = reader.publish().await;
        let three = reader.publish().await;
        if with_checkpoint {
            house.checkpoint();
        }
        let number = |publish: &Publish| publish.packet_id.unwrap();
        for got in [&two, &three] {
            reader
                .send(v5::Packet::PublishReceived(ack(number(got))))
                .await;
            reader.next().await;
        }
        reader
            .send(v5::Packet::PublishComplete(ack2(number(&three))))
            .await;
        reader.send(v5::Packet::PingRequest).await;
        reader.next().await;
        house.broker.settle().await.unwrap();

        let house = house.after_a_crash();
        let (mut reader, present) = Client::join(&house, resume("r")).await;
        assert!(present);
        let again = reader.publish().await;
        assert!(again.dup);
        assert_eq!((again.packet_id, again.topic), (one.packet_id, one.topic));
        assert_eq!(
            reader.next().await,
            v5::Packet::PublishRelease(ack2(number(&two)))
        );
        reader.nothing().await;
    }
}

#[tokio::test]
async fn a_message_that_was_taken_once_is_not_taken_again() {
    for with_checkpoint in [false, true] {
        let house = House::new();
        let (mut sender, _) = Client::join(&house, resume("s")).await;
        if with_checkpoint {
            house.checkpoint();
        }
        sender.send(message("a", 2, 7)).await;
        sender.next().await;
        let mut house = house.after_a_crash();
        if with_checkpoint {
            // What was learnt from the log is in the next checkpoint.
            house.checkpoint();
            house = house.after_a_crash();
        }
        let (mut sender, present) = Client::join(&house, resume("s")).await;
        assert!(present);
        let again = Publish {
            dup: true,
            ..message("a", 2, 7)
        };
        sender.send(again).await;
        assert_eq!(sender.next().await, v5::Packet::PublishReceived(ack(id(7))));
        assert_eq!(house.ports.topics(), ["a"]);
        sender.send(v5::Packet::PublishRelease(ack2(id(7)))).await;
        sender.next().await;
        // The number may be used again, also for what only looks like one that has come.
        let (mut sender, _) = Client::join(&house.after_a_crash(), resume("s")).await;
        sender.send(message("b", 2, 7)).await;
        sender.next().await;
        assert_eq!(house.ports.topics(), ["a", "b"]);
    }
}

#[tokio::test]
async fn retained_messages_are_there_with_all_that_they_carry() {
    for with_checkpoint in [false, true] {
        let house = House::new();
        let (mut sender, _) = Client::join(&house, connect("s")).await;
        for (n, topic) in [(1, "a"), (2, "b"), (3, "c")] {
            let kept = Publish {
                retain: true,
                properties: Some(v5::PublishProperties {
                    response_topic: Some("answer".to_owned().into()),
                    user_properties: vec![("k".to_owned().into(), "v".to_owned().into())],
                    ..v5::PublishProperties::default()
                }),
                ..message(topic, 1, n)
            };
            sender.send(kept).await;
            sender.next().await;
        }
        if with_checkpoint {
            house.checkpoint();
        }
        let forgotten = Publish {
            retain: true,
            payload: Default::default(),
            ..message("b", 1, 4)
        };
        sender.send(forgotten).await;
        sender.next().await;

        let house = house.after_a_crash();
        let (mut reader, _) = Client::join(&house, connect("r")).await;
        reader.subscribe("#", 0).await;
        for topic in ["a", "c"] {
            let got = reader.publish().await;
            assert!(got.retain);
            assert_eq!(got.topic, topic);
            let properties = got.properties.unwrap();
            assert_eq!(properties.response_topic.as_deref(), Some("answer"));
            assert_eq!(properties.user_properties.len(), 1);
        }
        reader.nothing().await;
    }
}

#[tokio::test]
async fn a_session_that_ended_stays_away() {
    let house = House::new();
    let (mut reader, _) = Client::join(&house, resume("r")).await;
    reader.subscribe("a/#", 1).await;
    house.checkpoint();
    // It begins anew, and for this connection only.
    let (reader, present) = Client::join(&house, connect("r")).await;
    assert!(!present);
    drop(reader);
    send(&house, "a", 1, 1).await;
    assert_eq!(house.after_a_crash().broker.stats().sessions, 0);
    // The same where the checkpoint has to say it.
    house.checkpoint();
    let house = house.after_a_crash();
    let (mut reader, present) = Client::join(&house, resume("r")).await;
    assert!(!present);
    reader.nothing().await;
}

#[tokio::test]
async fn nothing_is_promised_that_is_not_durable() {
    let house = House::new();
    let (mut reader, _) = Client::join(&house, resume("r")).await;
    house.ports.full.store(true, Ordering::Relaxed);
    reader.send(crate::client::subscribe(1, "a/#", 1)).await;
    assert_eq!(
        reader.ended().await,
        Some(v5::DisconnectReasonCode::ServerBusy)
    );
}

#[tokio::test]
async fn one_of_a_group_gets_what_nobody_had() {
    let house = House::new();
    let (mut first, _) = Client::join(&house, resume("r1")).await;
    first.subscribe("$share/g/a/#", 1).await;
    drop(first);
    house.ports.wait_for("gone r1").await;
    let (mut second, _) = Client::join(&house, connect("r2")).await;
    second.subscribe("$share/g/a/#", 1).await;
    send(&house, "a", 1, 2).await;
    // Those who are there go first; this one is done with one of the two.
    let got = second.publish().await;
    second.publish().await;
    second.acknowledge(got.packet_id.unwrap()).await;
    second.send(v5::Packet::PingRequest).await;
    second.next().await;
    house.broker.settle().await.unwrap();
    let house = house.after_a_crash();
    let (mut first, _) = Client::join(&house, resume("r1")).await;
    assert_eq!(topics(&mut first, 1).await, ["a/2"]);
    first.nothing().await;
}

#[tokio::test]
async fn an_answer_of_the_platform_waits_too() {
    let house = House::new();
    let (mut device, _) = Client::join(&house, resume("t1")).await;
    device.subscribe("$aws/things/t1/x/accepted", 1).await;
    drop(device);
    house.ports.wait_for("gone t1").await;
    let (mut service, _) = Client::join(&house, connect("s")).await;
    service.send(message("$aws/things/t1/x", 1, 1)).await;
    service.next().await;
    let house = house.after_a_crash();
    let (mut device, _) = Client::join(&house, resume("t1")).await;
    assert_eq!(topics(&mut device, 1).await, ["$aws/things/t1/x/accepted"]);
}

#[tokio::test]
async fn what_has_no_room_in_memory_comes_from_the_log() {
    let house = House::new();
    house.ports.small_queue.store(true, Ordering::Relaxed);
    let (mut reader, _) = Client::join(&house, resume("r")).await;
    reader.subscribe("a/#", 1).await;
    drop(reader);
    house.ports.wait_for("gone r").await;
    send(&house, "a", 1, 200).await;
    house.checkpoint();
    {
        let mut log = house.ports.log.lock().unwrap();
        let lost = log.iter().position(
            |record| matches!(record, Record::Message(message) if message.topic == "a/100"),
        );
        log[lost.unwrap()] = Record::Gone;
    }
    for house in [house.after_a_crash(), house] {
        let (mut reader, present) = Client::join(&house, resume("r")).await;
        assert!(present);
        let wanted: Vec<String> = (1..=200)
            .filter(|n| *n != 100)
            .map(|n| format!("a/{n}"))
            .collect();
        assert_eq!(topics(&mut reader, 199).await, wanted);
        house.ports.wait_for("dropped r log").await;
    }
}
