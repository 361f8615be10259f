//! MQTT 3.1.1.

use std::collections::BTreeSet;

use bytes::Bytes;
use rumqttc::{
    AsyncClient, ConnectionError, Error, Event, MqttOptions, NetworkOptions, Outgoing, Packet,
    Publish, QoS, StateError, SubscribeFilter, SubscribeReasonCode, TlsConfiguration, Transport,
};
use tokio::sync::mpsc::Sender;

use super::link::{
    CONNECT, LARGEST_PACKET, NUMBERS, REQUESTS, TOGETHER, TopicLimits, describe, is_closed,
    silence, tell,
};
use super::{Hello, Loss, Signal, Target, Verdict};
use crate::Quality;
use crate::message::{Message, Properties};

/// Asks something of a connection.
#[derive(Clone, Debug)]
pub(crate) struct Requests(AsyncClient);

/// Connects and keeps the connection until it ends; how it did.
pub(super) async fn run(target: Target, told: &Sender<Signal>) -> Loss {
    let longest = silence(target.keep_alive);
    let topics = target.topics;
    let (client, mut connection) = AsyncClient::new(options(target), REQUESTS);
    let mut network = NetworkOptions::new();
    network.set_tcp_nodelay(true);
    network.set_connection_timeout(CONNECT.as_secs());
    connection.set_network_options(network);
    let signal = |event: Event| match event {
        Event::Incoming(Packet::ConnAck(ack)) => Some(Signal::Connected(
            hello(ack.session_present, topics),
            super::Requests::Three(Requests(client.clone())),
        )),
        Event::Incoming(Packet::SubAck(ack)) => Some(Signal::Subscribed(
            ack.return_codes.into_iter().map(granted).collect(),
        )),
        Event::Incoming(Packet::UnsubAck(_)) => Some(Signal::Unsubscribed(Ok(()))),
        Event::Incoming(Packet::Publish(publish)) => Some(message(publish)),
        Event::Incoming(Packet::PubAck(ack)) => {
            Some(Signal::Acknowledged(ack.pkid, Verdict::Taken))
        }
        Event::Outgoing(Outgoing::Publish(number)) => Some(Signal::Sent(number)),
        _ => None,
    };
    loop {
        // A ping is an event too, so a connection on which nothing happens is dead, although nobody says so.
        let (events, end) = match tokio::time::timeout(longest, connection.poll()).await {
            Ok(Ok(event)) => (vec![event], None),
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
    let largest = usize::try_from(LARGEST_PACKET).unwrap_or(usize::MAX);
    let mut options = MqttOptions::new(target.client_id, target.host, target.port);
    options
        .set_clean_session(target.expiry == 0)
        .set_keep_alive(target.keep_alive)
        .set_manual_acks(true)
        .set_inflight(NUMBERS)
        .set_max_packet_size(largest, largest);
    if let Some((username, password)) = target.credentials {
        options.set_credentials(username, password);
    }
    if let Some(tls) = target.tls {
        options.set_transport(Transport::tls_with_config(TlsConfiguration::Rustls(tls)));
    }
    options
}

/// A broker of this version refuses a message by closing the connection, and cannot say why.
fn blames_us(error: &ConnectionError) -> bool {
    match error {
        ConnectionError::MqttState(
            StateError::ConnectionAborted
            | StateError::Deserialization(Error::OutgoingPacketTooLarge { .. }),
        ) => true,
        ConnectionError::Io(error)
        | ConnectionError::MqttState(
            StateError::Io(error) | StateError::Deserialization(Error::Io(error)),
        ) => is_closed(error.kind()),
        _ => false,
    }
}

/// A broker of this version says nothing of what it takes.
const fn hello(session_present: bool, topics: TopicLimits) -> Hello {
    Hello {
        session_present,
        receive_maximum: u16::MAX,
        packet_bytes: None,
        retains: true,
        sure: true,
        topics,
    }
}

fn granted(code: SubscribeReasonCode) -> Result<Quality, String> {
    match code {
        SubscribeReasonCode::Success(QoS::AtMostOnce) => Ok(Quality::AtMostOnce),
        SubscribeReasonCode::Success(_) => Ok(Quality::AtLeastOnce),
        SubscribeReasonCode::Failure => Err("it does not say why".into()),
    }
}

fn message(publish: Publish) -> Signal {
    let packet = (publish.qos != QoS::AtMostOnce).then_some(publish.pkid);
    let quality = if packet.is_some() {
        Quality::AtLeastOnce
    } else {
        Quality::AtMostOnce
    };
    let message = Message {
        topic: publish.topic,
        // A copy, so that no message that waits holds the connection's buffer.
        payload: Bytes::copy_from_slice(&publish.payload),
        quality,
        retain: publish.retain,
        properties: Properties::default(),
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
    pub(super) fn subscribe(&self, filters: &[(String, Quality)]) -> bool {
        filters.chunks(TOGETHER).all(|filters| {
            let filters: Vec<SubscribeFilter> = filters
                .iter()
                .map(|(filter, sure)| SubscribeFilter::new(filter.clone(), quality(*sure)))
                .collect();
            self.0.try_subscribe_many(filters).is_ok()
        })
    }

    pub(super) fn unsubscribe(&self, filters: &BTreeSet<String>) -> bool {
        filters
            .iter()
            .all(|filter| self.0.try_unsubscribe(filter).is_ok())
    }

    pub(super) fn publish(&self, message: &Message, retain: bool) -> bool {
        self.0
            .try_publish(
                message.topic.clone(),
                quality(message.quality),
                retain,
                message.payload.clone(),
            )
            .is_ok()
    }

    pub(super) fn acknowledge(&self, packet: u16) -> bool {
        let mut publish = Publish::from_bytes("", QoS::AtLeastOnce, Bytes::new());
        publish.pkid = packet;
        self.0.try_ack(&publish).is_ok()
    }

    pub(super) fn disconnect(&self) -> bool {
        self.0.try_disconnect().is_ok()
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
        assert!(blames_us(&StateError::ConnectionAborted.into()));
        assert!(blames_us(&read(ErrorKind::ConnectionReset)));
        assert!(blames_us(&ConnectionError::Io(
            ErrorKind::BrokenPipe.into()
        )));
        assert!(!blames_us(&read(ErrorKind::TimedOut)));
        assert!(!blames_us(&StateError::AwaitPingResp.into()));
        assert!(!blames_us(&ConnectionError::FlushTimeout));
    }
}
