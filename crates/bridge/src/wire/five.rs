//! MQTT 5.

use bytes::Bytes;
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::{
    ConnAck, ConnectProperties, Filter, Packet, PubAck, PubAckReason, Publish, PublishProperties,
    RetainForwardRule, SubscribeReasonCode,
};
use rumqttc::v5::{AsyncClient, Event, MqttOptions};
use rumqttc::{NetworkOptions, Outgoing, TlsConfiguration, Transport};
use tokio::sync::mpsc::Sender;

use super::link::{
    CONNECT, LARGEST_PACKET, NUMBERS, REQUESTS, TOGETHER, TopicLimits, describe, tell,
};
use super::{Hello, Plan, Signal, Target, Verdict};
use crate::message::{Message, Properties};
use crate::{Quality, Side};

/// Asks something of a connection.
#[derive(Clone, Debug)]
pub(crate) struct Requests {
    client: AsyncClient,
    side: Side,
}

/// Connects and keeps the connection until it ends; the reason for that.
pub(super) async fn run(target: Target, told: &Sender<Signal>) -> String {
    let longest = target.keep_alive * 2 + CONNECT;
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
        Event::Incoming(Packet::Publish(publish)) => Some(message(publish)),
        Event::Incoming(Packet::PubAck(ack)) => Some(Signal::Acknowledged(ack.pkid, verdict(&ack))),
        Event::Outgoing(Outgoing::Publish(number)) => Some(Signal::Sent(number)),
        Event::Outgoing(Outgoing::Disconnect) => Some(Signal::Lost("disconnected".into())),
        _ => None,
    };
    loop {
        // A ping is an event too, so a connection on which nothing happens is dead, although nobody says so.
        let (events, end) = match tokio::time::timeout(longest, connection.poll()).await {
            Ok(Ok(event)) => (vec![event], None),
            // What the broker said before the end counts.
            Ok(Err(error)) => (
                connection.state.events.drain(..).collect(),
                Some(describe(&error)),
            ),
            Err(_) => (Vec::new(), Some("the broker does not answer".into())),
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

impl Requests {
    pub(super) fn ask(&self, plan: &Plan) -> bool {
        let mut gone = plan.unsubscribe.iter();
        let mut wanted = plan.subscribe.chunks(TOGETHER);
        gone.all(|filter| self.client.try_unsubscribe(filter).is_ok())
            && wanted.all(|filters| {
                let filters: Vec<Filter> = filters
                    .iter()
                    .map(|(filter, sure)| self.filter(filter, *sure))
                    .collect();
                self.client.try_subscribe_many(filters).is_ok()
            })
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
        let said = message.properties.clone();
        let properties = PublishProperties {
            payload_format_indicator: said.format,
            message_expiry_interval: said.expiry,
            topic_alias: None,
            response_topic: said.response_topic,
            correlation_data: said.correlation,
            user_properties: said.user,
            subscription_identifiers: Vec::new(),
            content_type: said.content_type,
        };
        self.client
            .try_publish_with_properties(
                message.topic.clone(),
                quality(message.quality),
                retain,
                message.payload.clone(),
                properties,
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
