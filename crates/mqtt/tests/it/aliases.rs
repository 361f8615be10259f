//! Topics that are sent once and have a number from then on.

use std::num::{NonZeroU16, NonZeroU32};

use rmqtt_codec::types::Publish;
use rmqtt_codec::v5;

use crate::client::{Client, connect, message, resume};
use crate::support::House;

/// The topic and the number of a message as it came.
fn named(publish: &Publish) -> (&str, u16) {
    let properties = publish.properties.as_ref().unwrap();
    (
        &publish.topic,
        properties.topic_alias.map_or(0, NonZeroU16::get),
    )
}

fn taking(connect: v5::Connect, aliases: u16) -> v5::Connect {
    v5::Connect {
        topic_alias_max: aliases,
        ..connect
    }
}

/// Sends messages on `topics`, which are numbered from `first`.
async fn send(sender: &mut Client, first: u16, topics: &[&str]) {
    for (number, topic) in (first..).zip(topics) {
        sender.send(message(topic, 1, number)).await;
        sender.next().await;
    }
}

#[tokio::test]
async fn a_topic_goes_once_to_a_client_that_takes_numbers() {
    let house = House::new();
    let (mut reader, _) = Client::join(&house, taking(connect("r"), 2)).await;
    let (mut plain, _) = Client::join(&house, connect("p")).await;
    let topics = ["plant/a", "plant/b", "plant/a", "plant/c", "plant/b", "x"];
    reader.subscribe("#", 1).await;
    plain.subscribe("#", 1).await;
    let (mut sender, _) = Client::join(&house, connect("s")).await;
    send(&mut sender, 1, &topics).await;
    let wanted = [
        ("plant/a", 1),
        ("plant/b", 2),
        ("", 1),
        ("plant/c", 2),
        ("plant/b", 1),
        ("x", 0),
    ];
    for ((number, topic), wanted) in (1..).zip(topics).zip(wanted) {
        let publish = reader.publish().await;
        assert_eq!(named(&publish), wanted);
        assert_eq!(publish.payload, format!("{topic} {number}"));
        assert_eq!(named(&plain.publish().await), (topic, 0));
    }
}

#[tokio::test]
async fn retained_messages_and_those_of_quality_0_have_numbers_too() {
    let house = House::new();
    let (mut sender, _) = Client::join(&house, connect("s")).await;
    let mut kept = message("plant/a", 1, 1);
    kept.retain = true;
    sender.send(kept).await;
    sender.next().await;
    let (mut reader, _) = Client::join(&house, taking(connect("r"), 65_535)).await;
    reader.subscribe("#", 0).await;
    assert_eq!(named(&reader.publish().await), ("plant/a", 1));
    sender.send(message("plant/a", 0, 0)).await;
    assert_eq!(named(&reader.publish().await), ("", 1));
    for number in 2..=16 {
        let topic = format!("plant/{number}");
        sender.send(message(&topic, 0, 0)).await;
        assert_eq!(named(&reader.publish().await), (&*topic, number));
    }
    sender.send(message("plant/17", 0, 0)).await;
    assert_eq!(named(&reader.publish().await), ("plant/17", 1));
}

#[tokio::test]
async fn what_comes_again_has_its_whole_topic_and_numbers_end_with_their_connection() {
    let house = House::new();
    let (mut reader, _) = Client::join(&house, taking(resume("r"), 10)).await;
    reader.subscribe("#", 1).await;
    let (mut sender, _) = Client::join(&house, connect("s")).await;
    send(&mut sender, 1, &["plant/a", "plant/a"]).await;
    assert_eq!(named(&reader.publish().await), ("plant/a", 1));
    assert_eq!(named(&reader.publish().await), ("", 1));
    drop(reader);
    house.ports.wait_for("gone r").await;
    send(&mut sender, 3, &["plant/a"]).await;
    let (mut reader, _) = Client::join(&house, taking(resume("r"), 10)).await;
    for _ in 0..2 {
        let again = reader.publish().await;
        assert!(again.dup);
        assert_eq!(named(&again), ("plant/a", 0));
    }
    send(&mut sender, 4, &["plant/a"]).await;
    assert_eq!(named(&reader.publish().await), ("plant/a", 1));
    assert_eq!(named(&reader.publish().await), ("", 1));
    // One that takes no numbers any more gets none.
    drop(reader);
    let (mut reader, _) = Client::join(&house, resume("r")).await;
    for _ in 0..4 {
        assert_eq!(named(&reader.publish().await), ("plant/a", 0));
    }
}

#[tokio::test]
async fn a_number_does_not_make_a_message_too_large() {
    let house = House::new();
    let small = v5::Connect {
        max_packet_size: NonZeroU32::new(64),
        ..taking(connect("r"), 10)
    };
    let (mut reader, _) = Client::join(&house, small).await;
    reader.subscribe("#", 1).await;
    let (mut sender, _) = Client::join(&house, connect("s")).await;
    // Of 64 bytes the head may take 5, the topic takes 9, the message's number 2 and the length of the properties 1.
    let sized = |bytes: usize, number| {
        let mut publish = message("plant/a", 1, number);
        publish.payload = vec![b'x'; bytes].into();
        publish
    };
    for (number, bytes) in [(1, 47), (2, 48), (3, 44), (4, 48), (5, 51), (6, 52), (7, 1)] {
        sender.send(sized(bytes, number)).await;
        sender.next().await;
    }
    let wanted = [
        (47, ("plant/a", 0)),
        (44, ("plant/a", 1)),
        (48, ("", 1)),
        (51, ("", 1)),
        (1, ("", 1)),
    ];
    for (bytes, wanted) in wanted {
        let publish = reader.publish().await;
        assert_eq!((publish.payload.len(), named(&publish)), (bytes, wanted));
    }
}
