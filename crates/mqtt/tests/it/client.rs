//! A client of version 5 or 3.1.1 that a test leads step by step.

use std::num::NonZeroU16;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use rmqtt_codec::types::{Publish, QoS};
use rmqtt_codec::{v3, v5};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio_util::codec::{Decoder, Encoder};

use crate::support::House;

/// How long a test waits for what has to come.
const SOON: Duration = Duration::from_secs(5);
/// How long it waits for what must not come.
const NEVER: Duration = Duration::from_millis(150);

/// A client of version 5.
pub(crate) struct Client {
    stream: DuplexStream,
    codec: v5::Codec,
    read: BytesMut,
}

pub(crate) fn id(number: u16) -> NonZeroU16 {
    NonZeroU16::new(number).unwrap()
}

/// CONNECT as `name`, which begins anew.
pub(crate) fn connect(name: &str) -> v5::Connect {
    v5::Connect {
        clean_start: true,
        keep_alive: 60,
        client_id: name.to_owned().into(),
        ..v5::Connect::default()
    }
}

/// CONNECT as `name`, whose session stays.
pub(crate) fn resume(name: &str) -> v5::Connect {
    v5::Connect {
        clean_start: false,
        session_expiry_interval_secs: 3_600,
        ..connect(name)
    }
}

pub(crate) fn message(topic: &str, qos: u8, number: u16) -> Publish {
    Publish {
        dup: false,
        retain: false,
        qos: QoS::try_from(qos).unwrap(),
        topic: topic.to_owned().into(),
        packet_id: NonZeroU16::new(number),
        payload: Bytes::from(format!("{topic} {number}")),
        properties: Some(v5::PublishProperties::default()),
    }
}

pub(crate) fn subscribe(number: u16, filter: &str, qos: u8) -> v5::Subscribe {
    v5::Subscribe {
        packet_id: id(number),
        id: None,
        user_properties: Vec::new(),
        topic_filters: vec![(
            filter.to_owned().into(),
            v5::SubscriptionOptions {
                qos: QoS::try_from(qos).unwrap(),
                no_local: false,
                retain_as_published: false,
                retain_handling: v5::RetainHandling::AtSubscribe,
            },
        )],
    }
}

impl Client {
    pub(crate) fn dial(house: &House) -> Self {
        Self::over(house.dial(1 << 20))
    }

    pub(crate) fn over(stream: DuplexStream) -> Self {
        Self {
            stream,
            codec: v5::Codec::new(0, 0),
            read: BytesMut::new(),
        }
    }

    /// Connects; the answer says whether the session was there.
    pub(crate) async fn join(house: &House, connect: v5::Connect) -> (Self, bool) {
        let mut client = Self::dial(house);
        client.send(connect).await;
        let ack = client.ack().await;
        assert_eq!(ack.reason_code, v5::ConnectAckReason::Success);
        (client, ack.session_present)
    }

    pub(crate) async fn ack(&mut self) -> v5::ConnectAck {
        match self.next().await {
            v5::Packet::ConnectAck(ack) => *ack,
            other => panic!("not CONNACK: {other:?}"),
        }
    }

    pub(crate) fn bytes(&mut self, packets: Vec<v5::Packet>) -> BytesMut {
        let mut out = BytesMut::new();
        for packet in packets {
            self.codec.encode(packet, &mut out).unwrap();
        }
        out
    }

    pub(crate) async fn send(&mut self, packet: impl Into<v5::Packet>) {
        let bytes = self.bytes(vec![packet.into()]);
        self.raw(&bytes).await;
    }

    pub(crate) async fn raw(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }

    /// The next packet; nothing at the end of the connection.
    pub(crate) async fn poll(&mut self) -> Option<v5::Packet> {
        loop {
            if let Some((packet, _)) = self.codec.decode(&mut self.read).unwrap() {
                return Some(packet);
            }
            if self.stream.read_buf(&mut self.read).await.unwrap_or(0) == 0 {
                return None;
            }
        }
    }

    pub(crate) async fn next(&mut self) -> v5::Packet {
        tokio::time::timeout(SOON, self.poll())
            .await
            .expect("a packet comes")
            .expect("the connection goes on")
    }

    pub(crate) async fn nothing(&mut self) {
        if let Ok(packet) = tokio::time::timeout(NEVER, self.poll()).await {
            panic!("{packet:?} came");
        }
    }

    /// Waits for the end of the connection; the reason that was given.
    pub(crate) async fn ended(&mut self) -> Option<v5::DisconnectReasonCode> {
        let mut reason = None;
        while let Some(packet) = tokio::time::timeout(SOON, self.poll())
            .await
            .expect("it ends")
        {
            if let v5::Packet::Disconnect(goodbye) = packet {
                reason = Some(goodbye.reason_code);
            }
        }
        reason
    }

    pub(crate) async fn publish(&mut self) -> Publish {
        match self.next().await {
            v5::Packet::Publish(publish) => *publish,
            other => panic!("not PUBLISH: {other:?}"),
        }
    }

    /// Subscribes; what was granted.
    pub(crate) async fn subscribe(&mut self, filter: &str, qos: u8) -> v5::SubscribeAckReason {
        self.send(subscribe(9_999, filter, qos)).await;
        match self.next().await {
            v5::Packet::SubscribeAck(ack) => ack.status[0],
            other => panic!("not SUBACK: {other:?}"),
        }
    }

    pub(crate) async fn acknowledge(&mut self, number: NonZeroU16) {
        self.send(ack(number)).await;
    }
}

pub(crate) fn ack(number: NonZeroU16) -> v5::PublishAck {
    v5::PublishAck {
        packet_id: number,
        reason_code: v5::PublishAckReason::Success,
        properties: Vec::new(),
        reason_string: None,
    }
}

pub(crate) fn ack2(number: NonZeroU16) -> v5::PublishAck2 {
    v5::PublishAck2 {
        packet_id: number,
        reason_code: v5::PublishAck2Reason::Success,
        properties: Vec::new(),
        reason_string: None,
    }
}

/// The same of version 3.1.1, as far as tests want it.
pub(crate) struct Old {
    stream: DuplexStream,
    codec: v3::Codec,
    read: BytesMut,
}

impl Old {
    pub(crate) async fn join(house: &House, name: &str, clean: bool) -> Self {
        let mut client = Self {
            stream: house.dial(1 << 20),
            codec: v3::Codec::new(0),
            read: BytesMut::new(),
        };
        client
            .send(v3::Packet::Connect(Box::new(v3::Connect {
                clean_session: clean,
                keep_alive: 60,
                client_id: name.to_owned().into(),
                ..v3::Connect::default()
            })))
            .await;
        let answer = client.next().await;
        assert!(
            matches!(answer, Some(v3::Packet::ConnectAck(ack)) if ack.return_code == v3::ConnectAckReason::ConnectionAccepted)
        );
        client
    }

    pub(crate) async fn send(&mut self, packet: v3::Packet) {
        let mut out = BytesMut::new();
        self.codec.encode(packet, &mut out).unwrap();
        self.stream.write_all(&out).await.unwrap();
    }

    /// The next packet; nothing at the end of the connection.
    pub(crate) async fn next(&mut self) -> Option<v3::Packet> {
        loop {
            if let Some((packet, _)) = self.codec.decode(&mut self.read).unwrap() {
                return Some(packet);
            }
            let more = tokio::time::timeout(SOON, self.stream.read_buf(&mut self.read));
            if more.await.unwrap().unwrap_or(0) == 0 {
                return None;
            }
        }
    }
}
