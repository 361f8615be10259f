//! MQTT 5.

use std::collections::BTreeSet;
use std::time::Duration;

use bytes::Bytes;
use rumqttc::v5::mqttbytes::v5::{
    ConnAck, ConnectProperties, DisconnectReasonCode, Filter, Packet, PubAck, PubAckReason,
    Publish, PublishProperties, RetainForwardRule, SubscribeReasonCode, UnsubAck, UnsubAckReason,
};
use rumqttc::v5::mqttbytes::{Error, QoS};
use rumqttc::v5::{AsyncClient, ConnectionError, Event, EventLoop, MqttOptions, StateError};
use rumqttc::{NetworkOptions, Outgoing, TlsConfiguration, Transport};
use tokio::sync::mpsc::Sender;

use super::link::{
    CONNECT, LARGEST_PACKET, NUMBERS, REQUESTS, TOGETHER, TopicLimits, describe, is_closed,
    silence, tell,
};
use super::{Hello, Loss, Signal, Target, Verdict};
use crate::message::{Message, Properties};
use crate::{Quality, Side};

/// Asks something of a connection.
#[derive(Clone, Debug)]
pub(crate) struct Requests {
    client: AsyncClient,
    side: Side,
}

/// Connects and keeps the connection until it ends; how it did.
pub(super) async fn run(target: Target, told: &Sender<Signal>) -> Loss {
    let ours = target.keep_alive;
    let mut longest = silence(ours);
    let topics = target.topics;
    let side = target.side;
    let (client, mut connection) = AsyncClient::new(options(target), REQUESTS);
    let signal = |event: Event| match event {
        Event::Incoming(Packet::ConnAck(ack)) => {
            let requests = Requests {
                client: client.clone(),
                side,
            };
            let requests = super::Requests::Five(requests);
            Some(Signal::Connected(hello(&ack, topics), requests))
        }
        Event::Incoming(Packet::SubAck(ack)) => Some(Signal::Subscribed(
            ack.return_codes.into_iter().map(granted).collect(),
        )),
        Event::Incoming(Packet::UnsubAck(ack)) => Some(Signal::Unsubscribed(let_go(&ack))),
        Event::Incoming(Packet::Publish(publish)) => Some(message(publish)),
        Event::Incoming(Packet::PubAck(ack)) => Some(Signal::Acknowledged(ack.pkid, verdict(&ack))),
        Event::Outgoing(Outgoing::Publish(number)) => Some(Signal::Sent(number)),
        _ => None,
    };
    loop {
        // A ping is an event too, so a connection on which nothing happens is dead, although nobody says so.
        let (events, end) = match tokio::time::timeout(longest, connection.poll()).await {
            Ok(Ok(event)) => {
                if let Event::Incoming(Packet::ConnAck(ack)) = &event {
                    let said = ack
                        .properties
                        .as_ref()
                        .and_then(|all| all.server_keep_alive);
                    longest = silence(try_out(&mut connection, ours, said));
                }
                (vec![event], None)
            }
            // What the broker said before the end counts.
            Ok(Err(error)) => (
                connection.state.events.drain(..).collect(),
                Some(Loss {
                    why: describe(&error),
                    blames_us: blames_us(&error),
                }),
            ),
            Err(_) => (Vec::new(), Some(Loss::of("the broker does not answer"))),
        };
        if let Some(end) = tell(told, events.into_iter().filter_map(&signal), end).await {
            return end;
        }
    }
}

fn options(target: Target) -> MqttOptions {
    let mut options = MqttOptions::new(target.client_id, target.host, target.port);
    let mut network = NetworkOptions::new();
    network.set_tcp_nodelay(true);
    network.set_connection_timeout(CONNECT.as_secs());
    let properties = ConnectProperties {
        session_expiry_interval: Some(target.expiry),
        receive_maximum: Some(target.receive_maximum),
        max_packet_size: Some(LARGEST_PACKET),
        ..ConnectProperties::new()
    };
    options
        .set_clean_start(target.expiry == 0)
        .set_keep_alive(target.keep_alive)
        .set_manual_acks(true)
        .set_connection_timeout(CONNECT.as_secs())
        .set_connect_properties(properties)
        .set_outgoing_inflight_upper_limit(NUMBERS)
        .set_network_options(network);
    if let Some((username, password)) = target.credentials {
        options.set_credentials(username, password);
    }
    if let Some(tls) = target.tls {
        options.set_transport(Transport::tls_with_config(TlsConfiguration::Rustls(tls)));
    }
    options
}

/// How often the connection is tried out: as often as the broker says, where it says so, and else as often as we would. A broker that
/// wants no such thing is asked too, since a dead connection is not known otherwise.
fn try_out(connection: &mut EventLoop, ours: Duration, said: Option<u16>) -> Duration {
    match said {
        None => ours,
        Some(0) => {
            // The client would take 0 for a wait of no time, and ask without end.
            connection.options.set_keep_alive(ours);
            ours
        }
        Some(seconds) => Duration::from_secs(seconds.into()),
    }
}

fn blames_us(error: &ConnectionError) -> bool {
    match error {
        ConnectionError::MqttState(
            StateError::ConnectionAborted
            | StateError::OutgoingPacketTooLarge { .. }
            | StateError::Deserialization(Error::OutgoingPacketTooLarge { .. }),
        ) => true,
        ConnectionError::MqttState(StateError::ServerDisconnect { reason_code, .. }) => {
            is_for_a_message(*reason_code)
        }
        ConnectionError::Io(error)
        | ConnectionError::MqttState(
            StateError::Io(error) | StateError::Deserialization(Error::Io(error)),
        ) => is_closed(error.kind()),
        _ => false,
    }
}

/// Whether a broker that ends the connection for this reason may mean a message that it was sent.
const fn is_for_a_message(code: DisconnectReasonCode) -> bool {
    matches!(
        code,
        DisconnectReasonCode::UnspecifiedError
            | DisconnectReasonCode::MalformedPacket
            | DisconnectReasonCode::ProtocolError
            | DisconnectReasonCode::ImplementationSpecificError
            | DisconnectReasonCode::NotAuthorized
            | DisconnectReasonCode::TopicNameInvalid
            | DisconnectReasonCode::PacketTooLarge
            | DisconnectReasonCode::PayloadFormatInvalid
            | DisconnectReasonCode::RetainNotSupported
            | DisconnectReasonCode::QoSNotSupported
    )
}

fn hello(ack: &ConnAck, topics: TopicLimits) -> Hello {
    let properties = ack.properties.as_ref();
    let bytes = properties.and_then(|all| all.max_packet_size);
    Hello {
        session_present: ack.session_present,
        receive_maximum: properties
            .and_then(|all| all.receive_max)
            .unwrap_or(u16::MAX),
        packet_bytes: bytes.and_then(|bytes| usize::try_from(bytes).ok()),
        retains: properties.and_then(|all| all.retain_available) != Some(0),
        sure: properties.and_then(|all| all.max_qos) != Some(0),
        topics,
    }
}

fn granted(code: SubscribeReasonCode) -> Result<Quality, String> {
    match code {
        SubscribeReasonCode::Success(QoS::AtMostOnce) => Ok(Quality::AtMostOnce),
        SubscribeReasonCode::Success(_) => Ok(Quality::AtLeastOnce),
        SubscribeReasonCode::NotAuthorized => Err("it is not allowed".into()),
        SubscribeReasonCode::TopicFilterInvalid => Err("the filter is not taken".into()),
        SubscribeReasonCode::QuotaExceeded => Err("there are too many".into()),
        other => Err(format!("{other:?}")),
    }
}

fn let_go(ack: &UnsubAck) -> Result<(), String> {
    let refusal = ack.reasons.iter().find(|reason| {
        !matches!(
            reason,
            UnsubAckReason::Success | UnsubAckReason::NoSubscriptionExisted
        )
    });
    refusal.map_or(Ok(()), |reason| Err(format!("{reason:?}")))
}

const fn verdict(ack: &PubAck) -> Verdict {
    match ack.reason {
        PubAckReason::Success | PubAckReason::NoMatchingSubscribers => Verdict::Taken,
        PubAckReason::NotAuthorized => Verdict::Refused("it may not be published"),
        PubAckReason::TopicNameInvalid => Verdict::Refused("its topic is not taken"),
        PubAckReason::PayloadFormatInvalid => Verdict::Refused("its payload is not taken"),
        PubAckReason::QuotaExceeded => Verdict::NotNow("a quota is exceeded"),
        PubAckReason::PacketIdentifierInUse => Verdict::NotNow("the packet's number is in use"),
        PubAckReason::UnspecifiedError | PubAckReason::ImplementationSpecificError => {
            Verdict::NotNow("an error that it does not name")
        }
    }
}

fn message(publish: Publish) -> Signal {
    let packet = (publish.qos != QoS::AtMostOnce).then_some(publish.pkid);
    let Ok(topic) = std::str::from_utf8(&publish.topic) else {
        return Signal::Message(packet, None);
    };
    let quality = if packet.is_some() {
        Quality::AtLeastOnce
    } else {
        Quality::AtMostOnce
    };
    let said = publish.properties.unwrap_or_default();
    let properties = Properties {
        format: said.payload_format_indicator,
        expiry: said.message_expiry_interval,
        response_topic: said.response_topic,
        correlation: said.correlation_data,
        content_type: said.content_type,
        user: said.user_properties,
    };
    let message = Message {
        topic: topic.to_owned(),
        // A copy, so that no message that waits holds the connection's buffer.
        payload: Bytes::copy_from_slice(&publish.payload),
        quality,
        retain: publish.retain,
        properties,
    };
    Signal::Message(packet, Some(message))
}

const fn quality(quality: Quality) -> QoS {
    match quality {
        Quality::AtMostOnce => QoS::AtMostOnce,
        Quality::AtLeastOnce => QoS::AtLeastOnce,
    }
}

fn said(properties: &Properties) -> PublishProperties {
    let said = properties.clone();
    PublishProperties {
        payload_format_indicator: said.format,
        message_expiry_interval: said.expiry,
        topic_alias: None,
        response_topic: said.response_topic,
        correlation_data: said.correlation,
        user_properties: said.user,
        subscription_identifiers: Vec::new(),
        content_type: said.content_type,
    }
}

impl Requests {
    pub(super) fn subscribe(&self, filters: &[(String, Quality)]) -> bool {
        filters.chunks(TOGETHER).all(|filters| {
            let filters: Vec<Filter> = filters
                .iter()
                .map(|(filter, sure)| self.filter(filter, *sure))
                .collect();
            self.client.try_subscribe_many(filters).is_ok()
        })
    }

    pub(super) fn unsubscribe(&self, filters: &BTreeSet<String>) -> bool {
        filters
            .iter()
            .all(|filter| self.client.try_unsubscribe(filter).is_ok())
    }

    /// At our broker, what the bridge itself brought in is not wanted back, and who retained a message is. Other brokers need not know
    /// these options.
    fn filter(&self, filter: &str, sure: Quality) -> Filter {
        let mut filter = Filter::new(filter, quality(sure));
        if self.side == Side::Local {
            filter.nolocal = true;
            filter.preserve_retain = true;
            filter.retain_forward_rule = RetainForwardRule::OnNewSubscribe;
        }
        filter
    }

    pub(super) fn publish(&self, message: &Message, retain: bool) -> bool {
        self.client
            .try_publish_with_properties(
                message.topic.clone(),
                quality(message.quality),
                retain,
                message.payload.clone(),
                said(&message.properties),
            )
            .is_ok()
    }

    pub(super) fn acknowledge(&self, packet: u16) -> bool {
        let publish = Publish {
            qos: QoS::AtLeastOnce,
            pkid: packet,
            ..Publish::default()
        };
        self.client.try_ack(&publish).is_ok()
    }

    pub(super) fn disconnect(&self) -> bool {
        self.client.try_disconnect().is_ok()
    }
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use super::*;

    #[test]
    fn a_closed_connection_may_be_our_fault_and_a_dead_one_is_not() {
        let read = |kind: ErrorKind| {
            ConnectionError::MqttState(StateError::Deserialization(Error::Io(kind.into())))
        };
        let told = |reason_code| {
            ConnectionError::MqttState(StateError::ServerDisconnect {
                reason_code,
                reason_string: None,
            })
        };
        assert!(blames_us(&StateError::ConnectionAborted.into()));
        assert!(blames_us(&read(ErrorKind::ConnectionReset)));
        assert!(blames_us(&told(DisconnectReasonCode::PacketTooLarge)));
        assert!(blames_us(&told(DisconnectReasonCode::NotAuthorized)));
        assert!(!blames_us(&told(DisconnectReasonCode::SessionTakenOver)));
        assert!(!blames_us(&told(DisconnectReasonCode::ServerShuttingDown)));
        assert!(!blames_us(&read(ErrorKind::TimedOut)));
        assert!(!blames_us(&StateError::AwaitPingResp.into()));
    }

    #[test]
    fn the_broker_says_how_often_the_connection_is_tried_out() {
        let ours = Duration::from_secs(60);
        for (said, seconds) in [(None, 60), (Some(0), 60), (Some(2), 2), (Some(600), 600)] {
            let (_client, mut connection) =
                AsyncClient::new(MqttOptions::new("x", "a.example", 1_883), 1);
            let keep_alive = try_out(&mut connection, ours, said);
            assert_eq!(keep_alive, Duration::from_secs(seconds), "{said:?}");
        }
        // A broker that asks seldom has time to be asked before it counts as dead.
        assert!(silence(Duration::from_secs(600)) > Duration::from_secs(900));
    }

    #[test]
    fn the_size_of_a_packet_is_known_to_the_byte() {
        let mut message = Message {
            topic: "dt/x".into(),
            payload: Bytes::from_static(b"21"),
            quality: Quality::AtLeastOnce,
            retain: false,
            properties: Properties::default(),
        };
        let size = |message: &Message| {
            Publish {
                qos: quality(message.quality),
                pkid: 7,
                topic: Bytes::from(message.topic.clone()),
                payload: message.payload.clone(),
                properties: Some(said(&message.properties)),
                ..Publish::default()
            }
            .size()
        };
        assert_eq!(message.packet_bytes(), size(&message));
        message.quality = Quality::AtMostOnce;
        assert_eq!(message.packet_bytes(), size(&message));
        message.properties = Properties {
            format: Some(1),
            expiry: Some(60),
            response_topic: Some("answer".into()),
            correlation: Some(Bytes::from_static(b"123")),
            content_type: Some("text/plain".into()),
            user: vec![("site".into(), "7".repeat(200))],
        };
        message.quality = Quality::AtLeastOnce;
        for bytes in [0, 100, 127, 128, 16_000, 16_384, 2_097_152] {
            message.payload = Bytes::from(vec![b'x'; bytes]);
            assert_eq!(message.packet_bytes(), size(&message), "{bytes}");
        }
    }
}
