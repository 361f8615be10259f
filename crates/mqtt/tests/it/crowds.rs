//! Clients that come too often, and too many of them at once.

use std::time::Duration;

use rmqtt_codec::v5;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use trunkline_mqtt::Limits;

use crate::client::{Client, connect};
use crate::support::House;

/// More tries than any limit of these tests lets through in their time.
const MANY: usize = 10_000;
const ELSEWHERE: [u8; 4] = [10, 0, 0, 1];

/// A broker that counts clients alone.
fn by_client() -> House {
    House::with(Limits {
        handshakes_per_address: 0,
        ..Limits::default()
    })
}

async fn tried(house: &House, connect: v5::Connect) -> v5::ConnectAckReason {
    let mut client = Client::over(house.dial_from(ELSEWHERE, 1_024).unwrap());
    client.send(connect).await;
    client.ack().await.reason_code
}

/// Connects again and again until it is too often; how many were let in.
async fn storm(house: &House, name: &str) -> usize {
    for count in 0..MANY {
        match tried(house, connect(name)).await {
            v5::ConnectAckReason::Success => {}
            v5::ConnectAckReason::ConnectionRateExceeded => return count,
            other => panic!("{other:?}"),
        }
    }
    panic!("`{name}` may come without an end")
}

#[tokio::test]
async fn a_client_that_comes_too_often_is_told_so_and_others_come_in() {
    let house = by_client();
    assert!(storm(&house, "s").await >= 5);
    house
        .ports
        .wait_for("crowded s 10.0.0.1 client-rate 0")
        .await;
    assert_eq!(house.broker.stats().refused, 1);
    let other = tried(&house, connect("other")).await;
    assert_eq!(other, v5::ConnectAckReason::Success);
    // The older version has no word for it.
    let mut bytes = [0; 4];
    for _ in 0..MANY {
        let mut old = house.dial_from(ELSEWHERE, 1_024).unwrap();
        old.write_all(b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x3c\x00\x01s")
            .await
            .unwrap();
        old.read_exact(&mut bytes).await.unwrap();
        if bytes[3] != 0 {
            break;
        }
    }
    assert_eq!(bytes, [0x20, 2, 0, 3]);
    let told = house.ports.told();
    let crowded = told.iter().filter(|told| told.starts_with("crowded"));
    assert_eq!(crowded.count(), 1);
}

#[tokio::test]
async fn who_tries_the_name_of_another_does_not_keep_it_out() {
    let house = by_client();
    for _ in 0..20 {
        let mut wrong = connect("s");
        wrong.password = Some("wrong".into());
        let refused = tried(&house, wrong).await;
        assert_eq!(refused, v5::ConnectAckReason::BadUserNameOrPassword);
    }
    let let_in = tried(&house, connect("s")).await;
    assert_eq!(let_in, v5::ConnectAckReason::Success);
}

#[tokio::test]
async fn an_address_from_which_too_many_come_is_closed_without_a_word() {
    let house = House::new();
    let begun = (0..MANY)
        .take_while(|_| house.broker.arrive(ELSEWHERE.into()).is_some())
        .count();
    assert!((50..MANY).contains(&begun), "{begun}");
    house
        .ports
        .wait_for("crowded  10.0.0.1 address-rate 0")
        .await;
    assert_eq!(house.broker.stats().refused, 1);
    assert!(house.broker.arrive([10, 0, 0, 2].into()).is_some());
    assert!((0..1_000).all(|_| house.broker.arrive([127, 0, 0, 1].into()).is_some()));
}

#[tokio::test]
async fn who_opens_connections_and_says_nothing_does_not_keep_others_out() {
    let house = House::with(Limits {
        handshakes_under_way: 8,
        connect: Duration::from_secs(60),
        ..Limits::default()
    });
    let mut silent = vec![
        house.dial_from(ELSEWHERE, 64).unwrap(),
        house.dial_from(ELSEWHERE, 64).unwrap(),
    ];
    assert!(house.dial_from(ELSEWHERE, 64).is_none());
    house.ports.wait_for("crowded  10.0.0.1 handshakes 0").await;
    for host in [2, 2, 3, 3, 4, 4] {
        silent.push(house.dial_from([10, 0, 0, host], 64).unwrap());
    }
    assert!(house.dial_from([10, 0, 0, 5], 64).is_none());
    house.ports.wait_for("crowded  10.0.0.5 handshakes 0").await;
    // Who is in, or gone, is not on its way any more.
    let mut client = Client::over(silent.pop().unwrap());
    client.send(connect("s")).await;
    client.ack().await;
    assert!(house.dial_from([10, 0, 0, 5], 64).is_some());
    drop(silent);
    for _ in 0..500 {
        if house.dial_from(ELSEWHERE, 64).is_some() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the places stay taken");
}
