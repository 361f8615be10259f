//! Clients that break the rules, by mistake or on purpose.

use std::sync::atomic::Ordering;
use std::time::Duration;

use proptest::prelude::*;
use rmqtt_codec::v5;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use trunkline_mqtt::Limits;

use crate::client::{Client, connect, id, message, subscribe};
use crate::support::House;

#[tokio::test]
async fn a_connection_begins_with_connect() {
    let house = House::new();
    for first in [
        &b"GET / HTTP/1.1\r\n\r\n"[..],
        b"\x30\x03\x00\x01a",
        b"\xc0\x00",
        b"\x10\xff\xff\xff\xff\x7f",
        b"\x16\x03\x01\x02\x00\x01\x00",
    ] {
        let mut stream = house.dial(1_024);
        stream.write_all(first).await.unwrap();
        let mut answer = Vec::new();
        let read = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut answer));
        read.await.unwrap().unwrap();
        assert!(answer.is_empty(), "{first:?} {answer:?}");
    }
}

#[tokio::test]
async fn who_does_not_come_to_the_point_is_let_go() {
    let house = House::with(Limits {
        connect: Duration::from_millis(100),
        ..Limits::default()
    });
    let mut silent = house.dial(1_024);
    let mut slow = house.dial(1_024);
    slow.write_all(b"\x10").await.unwrap();
    for stream in [&mut silent, &mut slow] {
        let mut answer = Vec::new();
        let read = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut answer));
        assert_eq!(read.await.unwrap().unwrap(), 0);
    }
}

#[tokio::test]
async fn broken_rules_end_the_connection_with_their_reason() {
    let house = House::new();
    let cases: [(&str, &[u8], v5::DisconnectReasonCode); 13] = [
        (
            "a second CONNECT",
            b"\x10\x0d\x00\x04MQTT\x05\x02\x00\x3c\x00\x00\x00",
            v5::DisconnectReasonCode::ProtocolError,
        ),
        (
            "CONNACK",
            b"\x20\x03\x00\x00\x00",
            v5::DisconnectReasonCode::ProtocolError,
        ),
        (
            "a wildcard",
            b"\x30\x04\x00\x01+\x00",
            v5::DisconnectReasonCode::TopicNameInvalid,
        ),
        (
            "an empty topic",
            b"\x30\x03\x00\x00\x00",
            v5::DisconnectReasonCode::TopicNameInvalid,
        ),
        (
            "a topic that is no UTF-8",
            b"\x30\x04\x00\x01\xff\x00",
            v5::DisconnectReasonCode::MalformedPacket,
        ),
        (
            "a topic with a zero",
            b"\x30\x04\x00\x01\x00\x00",
            v5::DisconnectReasonCode::TopicNameInvalid,
        ),
        (
            "a topic of nine levels",
            b"\x30\x14\x00\x11a/b/c/d/e/f/g/h/i\x00",
            v5::DisconnectReasonCode::TopicNameInvalid,
        ),
        (
            "a property that nobody knows",
            b"\x30\x06\x00\x01a\x02\x7f\x00",
            v5::DisconnectReasonCode::MalformedPacket,
        ),
        (
            "a property of another packet",
            b"\x30\x08\x00\x01a\x04\x21\x00\x01x",
            v5::DisconnectReasonCode::MalformedPacket,
        ),
        (
            "a little more than was announced",
            b"\x30\x81\xa0\x08",
            v5::DisconnectReasonCode::PacketTooLarge,
        ),
        (
            "the quality 3",
            b"\x36\x06\x00\x01a\x00\x01\x00",
            v5::DisconnectReasonCode::MalformedPacket,
        ),
        (
            "an announced gigabyte",
            b"\x30\xff\xff\xff\x7f",
            v5::DisconnectReasonCode::PacketTooLarge,
        ),
        (
            "SUBSCRIBE without a filter",
            b"\x82\x03\x00\x01\x00",
            v5::DisconnectReasonCode::ProtocolError,
        ),
    ];
    for (name, bytes, reason) in cases {
        let (mut client, _) = Client::join(&house, connect("s")).await;
        client.raw(bytes).await;
        assert_eq!(client.ended().await, Some(reason), "{name}");
    }
}

#[tokio::test]
async fn a_topic_has_a_length() {
    let house = House::new();
    let (mut client, _) = Client::join(&house, connect("s")).await;
    client.send(message(&"a".repeat(256), 1, 1)).await;
    assert!(matches!(client.next().await, v5::Packet::PublishAck(_)));
    client.send(message(&"a".repeat(257), 1, 2)).await;
    assert_eq!(
        client.ended().await,
        Some(v5::DisconnectReasonCode::TopicNameInvalid)
    );
}

#[tokio::test]
async fn a_connect_that_is_not_well_formed_is_answered_and_counted() {
    let house = House::new();
    let large = {
        let mut bytes = b"\x10\x81\xa0\x08\x00\x04MQTT\x05\x02\x00\x3c".to_vec();
        bytes.resize(200, 0);
        bytes
    };
    let cases: [(&[u8], v5::ConnectAckReason); 2] = [
        (
            b"\x10\x10\x00\x04MQTT\x05\x02\x00\x3c\x02\x7f\x00\x00\x01s",
            v5::ConnectAckReason::MalformedPacket,
        ),
        (&large, v5::ConnectAckReason::PacketTooLarge),
    ];
    for (bytes, reason) in cases {
        let mut client = Client::dial(&house);
        client.raw(bytes).await;
        assert_eq!(client.ack().await.reason_code, reason);
        assert_eq!(client.ended().await, None);
    }
    assert_eq!(house.broker.stats().refused, 2);
}

#[tokio::test]
async fn names_of_clients_are_plain() {
    let house = House::new();
    let long = "c".repeat(129);
    for name in ["a/b", "a+", "#", "a\u{1}", &long] {
        let mut client = Client::dial(&house);
        client.send(connect(name)).await;
        let reason = client.ack().await.reason_code;
        assert_eq!(
            reason,
            v5::ConnectAckReason::ClientIdentifierNotValid,
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_client_that_does_not_take_its_messages_is_let_go() {
    let house = House::with(Limits {
        write: Duration::from_millis(200),
        ..Limits::default()
    });
    let mut reader = Client::over(house.dial(256));
    reader.send(connect("r")).await;
    reader.ack().await;
    reader.subscribe("#", 0).await;
    let (mut sender, _) = Client::join(&house, connect("s")).await;
    for n in 1..=50 {
        sender.send(message("a", 1, n)).await;
        sender.next().await;
    }
    house.ports.wait_for("gone r slow").await;
}

#[tokio::test]
async fn a_full_queue_ends_the_connection_and_is_counted() {
    let house = House::new();
    house.ports.small_queue.store(true, Ordering::Relaxed);
    let mut reader = Client::over(house.dial(256));
    reader.send(connect("r")).await;
    reader.ack().await;
    reader.subscribe("#", 1).await;
    let (mut sender, _) = Client::join(&house, connect("s")).await;
    for n in 1..=100 {
        sender.send(message("a", 1, n)).await;
        sender.next().await;
    }
    assert!(house.broker.stats().dropped > 0);
    house.ports.wait_for("dropped r queue").await;
    house.ports.wait_for("connected s").await;
    reader.ended().await;
    house.ports.wait_for("gone r slow").await;
}

#[tokio::test]
async fn a_device_that_floods_is_slowed_and_loses_nothing_that_it_was_promised() {
    let house = House::new();
    let (mut device, _) = Client::join(&house, connect("t1")).await;
    let began = std::time::Instant::now();
    let all = (1..=130).map(|n| message("t1/x", 1, n).into()).collect();
    let bytes = device.bytes(all);
    device.raw(&bytes).await;
    for n in 1..=130 {
        let answer = device.next().await;
        assert!(matches!(answer, v5::Packet::PublishAck(ack) if ack.packet_id == id(n)));
    }
    assert!(began.elapsed() >= Duration::from_millis(250));
    for _ in 0..200 {
        device.send(message("t1/y", 0, 0)).await;
    }
    device.send(message("t1/z", 1, 1)).await;
    device.next().await;
    let lost = house.broker.stats().dropped;
    assert!(lost > 100, "{lost}");
    house.ports.wait_for("dropped t1 rate").await;
}

/// A session that lasts, a subscription, messages of both better qualities and a ping, as MQTT 3.1.1 writes them.
const OLD: &[u8] = b"\x10\x0d\x00\x04MQTT\x04\x00\x00\x3c\x00\x01s\
    \x82\x08\x00\x01\x00\x03a/+\x02\
    \x34\x08\x00\x03a/b\x00\x02x\
    \x62\x02\x00\x02\
    \x32\x08\x00\x03a/c\x00\x03y\
    \xc0\x00";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    /// Whatever comes, once and again into the same session, nothing breaks down and others are served.
    #[test]
    fn any_bytes_leave_the_broker_well(
        old in any::<bool>(),
        change in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        tail in prop::collection::vec(any::<u8>(), 0..64),
        cut in any::<prop::sample::Index>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let house = House::new();
            let mut client = Client::dial(&house);
            let mut bytes = client.bytes(vec![
                connect("s").into(),
                subscribe(1, "a/+", 2).into(),
                message("a/b", 2, 2).into(),
                message("a/c", 1, 3).into(),
                v5::Packet::PingRequest,
            ]).to_vec();
            if old {
                bytes = OLD.to_vec();
            }
            for (place, byte) in change {
                let place = place.index(bytes.len());
                bytes[place] = byte;
            }
            bytes.truncate(cut.index(bytes.len()) + 1);
            bytes.extend_from_slice(&tail);
            for _ in 0..2 {
                let mut stream = house.dial(1 << 20);
                stream.write_all(&bytes).await.unwrap();
                tokio::time::sleep(Duration::from_millis(2)).await;
                drop(stream);
            }
            let (mut other, _) = Client::join(&house, connect("other")).await;
            other.send(v5::Packet::PingRequest).await;
            assert_eq!(other.next().await, v5::Packet::PingResponse);
            house.nobody_broke_down().await;
        });
    }
}
