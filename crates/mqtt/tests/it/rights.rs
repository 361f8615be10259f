//! Who may come in, and what a client may do.

use rmqtt_codec::{v3, v5};

use crate::client::{Client, Old, connect, id, message, subscribe};
use crate::support::House;

#[tokio::test]
async fn a_wrong_password_is_refused_before_there_is_a_session() {
    let house = House::new();
    let mut client = Client::dial(&house);
    let mut wrong = connect("s");
    wrong.username = Some("s".into());
    wrong.password = Some("wrong".into());
    client.send(wrong).await;
    assert_eq!(
        client.ack().await.reason_code,
        v5::ConnectAckReason::BadUserNameOrPassword
    );
    assert_eq!(client.ended().await, None);
    house.ports.wait_for("refused s Credentials").await;
    let stats = house.broker.stats();
    assert_eq!((stats.sessions, stats.refused), (0, 1));
}

#[tokio::test]
async fn a_device_publishes_on_its_own_topics_alone() {
    let house = House::new();
    let (mut reader, _) = Client::join(&house, connect("r")).await;
    reader.subscribe("#", 1).await;
    let (mut device, _) = Client::join(&house, connect("t1")).await;
    for (number, qos) in [(1, 1), (2, 2)] {
        device.send(message("t2/x", qos, number)).await;
        let refused = match device.next().await {
            v5::Packet::PublishAck(ack) | v5::Packet::PublishReceived(ack) => ack,
            other => panic!("{other:?}"),
        };
        assert_eq!(refused.reason_code, v5::PublishAckReason::NotAuthorized);
    }
    device.send(message("t2/x", 0, 0)).await;
    reader.nothing().await;
    house.ports.wait_for("denied t1 publish t2/x").await;
    device.send(message("t1/x", 1, 3)).await;
    assert_eq!(reader.publish().await.topic, "t1/x");
    assert_eq!(house.ports.topics(), ["t1/x"]);
}

#[tokio::test]
async fn an_old_client_that_may_not_publish_is_not_told_that_all_is_well() {
    let house = House::new();
    let mut device = Old::join(&house, "t1", true).await;
    let mut publish = message("t2/x", 1, 1);
    publish.properties = None;
    device.send(v3::Packet::Publish(Box::new(publish))).await;
    assert_eq!(device.next().await, None);
    assert!(house.ports.topics().is_empty());
}

#[tokio::test]
async fn a_device_subscribes_to_what_lies_within_its_own_topics() {
    let house = House::new();
    let (mut device, _) = Client::join(&house, connect("t1")).await;
    for filter in ["t1/+/get/#", "t1/#", "t1", "$aws/things/t1/shadow/get/+"] {
        let granted = device.subscribe(filter, 1).await;
        assert_eq!(granted, v5::SubscribeAckReason::GrantedQos1, "{filter}");
    }
    for filter in [
        "#",
        "+/x",
        "t2/#",
        "$aws/things/+/shadow/get",
        "$share/g/t2/x",
    ] {
        let refused = device.subscribe(filter, 1).await;
        assert_eq!(refused, v5::SubscribeAckReason::NotAuthorized, "{filter}");
    }
    for filter in ["t1/#/x", "t1/a+", "$share/g", "a/b/c/d/e/f/g/h/i"] {
        let refused = device.subscribe(filter, 1).await;
        assert_eq!(
            refused,
            v5::SubscribeAckReason::TopicFilterInvalid,
            "{filter}"
        );
    }
    house.ports.wait_for("denied t1 subscribe +/x").await;
}

#[tokio::test]
async fn a_device_has_a_number_of_subscriptions() {
    let house = House::new();
    let (mut device, _) = Client::join(&house, connect("t1")).await;
    for n in 0..50 {
        let granted = device.subscribe(&format!("t1/{n}"), 0).await;
        assert_eq!(granted, v5::SubscribeAckReason::GrantedQos0);
    }
    assert_eq!(
        device.subscribe("t1/51", 0).await,
        v5::SubscribeAckReason::QuotaExceeded
    );
    // One that it has already may be made anew, and many at once are counted one by one.
    let mut many = subscribe(1, "t1/0", 0);
    many.topic_filters
        .push(subscribe(1, "t1/52", 0).topic_filters[0].clone());
    device.send(many).await;
    let answer = device.next().await;
    assert!(
        matches!(&answer, v5::Packet::SubscribeAck(ack) if ack.status == [v5::SubscribeAckReason::GrantedQos0, v5::SubscribeAckReason::QuotaExceeded])
    );
    assert_eq!(
        device.subscribe("t1/7", 1).await,
        v5::SubscribeAckReason::GrantedQos1
    );
}

#[tokio::test]
async fn reserved_topics_are_answered_and_not_passed_on() {
    let house = House::new();
    let (mut all, _) = Client::join(&house, connect("all")).await;
    all.subscribe("$aws/things/#", 1).await;
    let (mut device, _) = Client::join(&house, connect("t1")).await;
    device.subscribe("$aws/things/t1/shadow/get/+", 1).await;
    device
        .send(message("$aws/things/t1/shadow/get", 1, 1))
        .await;
    let mut acked = false;
    loop {
        match device.next().await {
            v5::Packet::PublishAck(ack) => acked = ack.packet_id == id(1),
            v5::Packet::Publish(publish) => {
                assert_eq!(publish.topic, "$aws/things/t1/shadow/get/accepted");
                break;
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(
        all.publish().await.topic,
        "$aws/things/t1/shadow/get/accepted"
    );
    all.nothing().await;
    assert!(acked || matches!(device.next().await, v5::Packet::PublishAck(_)));
    assert!(house.ports.topics().is_empty());
}

#[tokio::test]
async fn a_private_answer_goes_to_who_asked_alone() {
    let house = House::new();
    let (mut asker, _) = Client::join(&house, connect("a")).await;
    let (mut other, _) = Client::join(&house, connect("b")).await;
    for client in [&mut asker, &mut other] {
        client.subscribe("$aws/#", 1).await;
    }
    asker.send(message("$aws/x/secret", 1, 1)).await;
    let mut topics = Vec::new();
    for _ in 0..2 {
        if let v5::Packet::Publish(publish) = asker.next().await {
            topics.push(publish.topic.to_string());
        }
    }
    assert_eq!(topics, ["$aws/x/secret/accepted"]);
    other.nothing().await;
    asker.send(message("$aws/x/open", 1, 2)).await;
    assert_eq!(other.publish().await.topic, "$aws/x/open/accepted");
}
