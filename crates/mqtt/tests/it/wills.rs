//! The last words of a client.

use std::time::Duration;

use rmqtt_codec::types::QoS;
use rmqtt_codec::v5;

use crate::client::{Client, connect, resume};
use crate::support::House;

fn with_will(mut connect: v5::Connect, topic: &str, delay: Option<u32>) -> v5::Connect {
    connect.last_will = Some(v5::LastWill {
        qos: QoS::AtLeastOnce,
        retain: false,
        topic: topic.to_owned().into(),
        message: "gone".into(),
        will_delay_interval_sec: delay,
        correlation_data: None,
        message_expiry_interval: None,
        content_type: None,
        user_properties: Vec::new(),
        is_utf8_payload: None,
        response_topic: None,
    });
    connect
}

async fn reader(house: &House) -> Client {
    let (mut reader, _) = Client::join(house, connect("r")).await;
    reader.subscribe("#", 1).await;
    reader
}

#[tokio::test]
async fn who_goes_without_a_word_has_a_will() {
    let house = House::new();
    let mut reader = reader(&house).await;
    let (client, _) = Client::join(&house, with_will(connect("c"), "will/c", None)).await;
    drop(client);
    let publish = reader.publish().await;
    assert_eq!(
        (&*publish.topic, &*publish.payload),
        ("will/c", &b"gone"[..])
    );
    assert_eq!(house.ports.topics(), ["will/c"]);
}

#[tokio::test]
async fn who_says_goodbye_has_none_unless_it_asks() {
    let house = House::new();
    let mut reader = reader(&house).await;
    let (mut client, _) = Client::join(&house, with_will(connect("c"), "will/c", None)).await;
    client
        .send(v5::Disconnect::new(
            v5::DisconnectReasonCode::NormalDisconnection,
        ))
        .await;
    reader.nothing().await;
    let (mut client, _) = Client::join(&house, with_will(connect("c"), "will/c", None)).await;
    client
        .send(v5::Disconnect::new(
            v5::DisconnectReasonCode::DisconnectWithWillMessage,
        ))
        .await;
    assert_eq!(reader.publish().await.topic, "will/c");
}

#[tokio::test]
async fn a_will_waits_for_its_client() {
    let house = House::new();
    let mut reader = reader(&house).await;
    let wanted = with_will(resume("c"), "will/c", Some(1));
    let (client, _) = Client::join(&house, wanted.clone()).await;
    drop(client);
    house.ports.wait_for("gone c").await;
    let (client, _) = Client::join(&house, wanted).await;
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    reader.nothing().await;
    drop(client);
    tokio::time::sleep(Duration::from_millis(1_000)).await;
    assert_eq!(reader.publish().await.topic, "will/c");
}

#[tokio::test]
async fn a_will_has_no_more_rights_than_its_client() {
    let house = House::new();
    let mut client = Client::dial(&house);
    client.send(with_will(connect("t1"), "t2/x", None)).await;
    assert_eq!(
        client.ack().await.reason_code,
        v5::ConnectAckReason::NotAuthorized
    );
    house.ports.wait_for("denied t1 will t2/x").await;
    let mut client = Client::dial(&house);
    client.send(with_will(connect("t1"), "t1/+", None)).await;
    let reason = client.ack().await.reason_code;
    assert_eq!(reason, v5::ConnectAckReason::TopicNameInvalid);
}

#[tokio::test]
async fn the_end_of_the_platform_is_no_reason_for_a_will() {
    let house = House::new();
    let (mut client, _) = Client::join(&house, with_will(connect("c"), "will/c", None)).await;
    house.closing.cancel();
    client.ended().await;
    house.ports.wait_for("gone c shutdown").await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(house.ports.topics().is_empty());
}

#[tokio::test]
async fn a_will_on_a_reserved_topic_is_a_request_like_any_other() {
    let house = House::new();
    let (mut listener, _) = Client::join(&house, connect("r")).await;
    listener.subscribe("$aws/#", 1).await;
    let topic = "$aws/things/t1/shadow/update";
    let (client, _) = Client::join(&house, with_will(connect("t1"), topic, None)).await;
    drop(client);
    assert_eq!(listener.publish().await.topic, format!("{topic}/accepted"));
    listener.nothing().await;
    assert!(house.ports.topics().is_empty());
}
