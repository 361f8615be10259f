//! The wire by `rmqtt-codec`.

use std::num::{NonZeroU16, NonZeroU32};

use bytes::BytesMut;
use rmqtt_codec::error::DecodeError;
use rmqtt_codec::types::QoS;
use rmqtt_codec::version::{ProtocolVersion, VersionCodec};
use rmqtt_codec::{v3, v5};
use tokio_util::codec::{Decoder, Encoder};

use super::aliases::Aliases;
use super::packet::{
    Ack, Connect, ConnectAck, Disconnect, Options, Packet, Properties, Publish, Qos, Subscribe,
    Unsubscribe, Version, Will,
};
use super::{Malformed, Reason, Wire};

/// Version 3.1.1 says with this that a session has no end.
const FOR_EVER: u32 = u32::MAX;

/// The codec of one connection.
#[derive(Debug)]
pub(super) enum Rmqtt {
    V3(v3::Codec),
    V5(v5::Codec, Aliases),
}

impl Rmqtt {
    pub(super) fn detect(bytes: &mut BytesMut, maximum: u32) -> Result<Option<Self>, Malformed> {
        match VersionCodec
            .decode(bytes)
            .map_err(|error| refusal(&error))?
        {
            None => Ok(None),
            Some(ProtocolVersion::MQTT3) => Ok(Some(Self::V3(v3::Codec::new(maximum)))),
            Some(ProtocolVersion::MQTT5) => {
                let codec = v5::Codec::new(maximum, 0);
                Ok(Some(Self::V5(codec, Aliases::default())))
            }
        }
    }
}

impl Wire for Rmqtt {
    fn read(&mut self, bytes: &mut BytesMut) -> Result<Option<Packet>, Malformed> {
        match self {
            Self::V3(codec) => match codec.decode(bytes).map_err(|error| refusal(&error))? {
                Some((packet, _)) => from_v3(packet).map(Some),
                None => Ok(None),
            },
            Self::V5(codec, _) => match codec.decode(bytes).map_err(|error| refusal(&error))? {
                Some((packet, _)) => from_v5(packet).map(Some),
                None => Ok(None),
            },
        }
    }

    fn write(&mut self, packet: Packet, out: &mut BytesMut) -> bool {
        match (self, packet) {
            (Self::V3(codec), packet) => {
                into_v3(packet).is_some_and(|packet| encode(codec, packet, out))
            }
            (Self::V5(codec, aliases), Packet::Publish(publish)) => {
                write_publish(codec, aliases, publish, out)
            }
            (Self::V5(codec, _), packet) => write_v5(codec, packet, out),
        }
    }

    fn set_maximum_packet(&mut self, bytes: u32) {
        if let Self::V5(codec, _) = self {
            codec.set_max_outbound_size(bytes);
        }
    }

    fn set_topic_aliases(&mut self, maximum: u16) {
        if let Self::V5(_, aliases) = self {
            *aliases = Aliases::new(maximum);
        }
    }
}

/// Writes the whole of `packet` or nothing.
fn encode<C: Encoder<P>, P>(codec: &mut C, packet: P, out: &mut BytesMut) -> bool {
    let before = out.len();
    let written = codec.encode(packet, out).is_ok();
    if !written {
        out.truncate(before);
    }
    written
}

fn write_v5(codec: &mut v5::Codec, packet: Packet, out: &mut BytesMut) -> bool {
    into_v5(packet).is_some_and(|packet| encode(codec, packet, out))
}

/// Writes a message, with a number in the place of its topic where the client knows one.
fn write_publish(
    codec: &mut v5::Codec,
    aliases: &mut Aliases,
    mut publish: Box<Publish>,
    out: &mut BytesMut,
) -> bool {
    // A message that comes again has its whole topic: a client that has it already may not look at what else it says.
    let alias = if publish.dup {
        None
    } else {
        aliases.find(&publish.topic)
    };
    let Some(alias) = alias else {
        return write_v5(codec, Packet::Publish(publish), out);
    };
    // With a new number beside its topic it may be too large by just that.
    let plain = (!alias.known && codec.max_outbound_size() > 0).then(|| publish.clone());
    let topic = if alias.known {
        std::mem::take(&mut publish.topic)
    } else {
        publish.topic.clone()
    };
    publish.properties.topic_alias = Some(alias.number);
    if write_v5(codec, Packet::Publish(publish), out) {
        aliases.sent(alias, topic);
        return true;
    }
    plain.is_some_and(|publish| write_v5(codec, Packet::Publish(publish), out))
}

const fn malformed(reason: Reason, detail: &'static str) -> Malformed {
    Malformed { reason, detail }
}

fn refusal(error: &DecodeError) -> Malformed {
    match error {
        DecodeError::InvalidProtocol | DecodeError::UnsupportedProtocolLevel => malformed(
            Reason::UnsupportedVersion,
            "the protocol is not MQTT 3.1, 3.1.1 or 5",
        ),
        DecodeError::MaxSizeExceeded { .. } => {
            malformed(Reason::PacketTooLarge, "a packet is larger than the limit")
        }
        DecodeError::InvalidClientId => malformed(
            Reason::ClientIdentifierNotValid,
            "an empty client id needs a clean session",
        ),
        DecodeError::InvalidTopicName => {
            malformed(Reason::TopicNameInvalid, "a topic is not valid")
        }
        DecodeError::InvalidTopicFilter => {
            malformed(Reason::ProtocolError, "a subscription names no filter")
        }
        DecodeError::Utf8Error => malformed(Reason::MalformedPacket, "a text is not UTF-8"),
        DecodeError::InvalidConnectFlags | DecodeError::ConnectReservedFlagSet => malformed(
            Reason::ProtocolError,
            "the flags of CONNECT contradict one another",
        ),
        DecodeError::UnsupportedPacketType => malformed(
            Reason::ProtocolError,
            "a packet has a type or flags that are not known",
        ),
        _ => malformed(Reason::MalformedPacket, "a packet is not well-formed"),
    }
}

const UNEXPECTED: Malformed = malformed(
    Reason::ProtocolError,
    "the client sent what only a server sends",
);

const fn qos(qos: QoS) -> Qos {
    match qos {
        QoS::AtMostOnce => Qos::AtMostOnce,
        QoS::AtLeastOnce => Qos::AtLeastOnce,
        QoS::ExactlyOnce => Qos::ExactlyOnce,
    }
}

const fn qos_out(qos: Qos) -> QoS {
    match qos {
        Qos::AtMostOnce => QoS::AtMostOnce,
        Qos::AtLeastOnce => QoS::AtLeastOnce,
        Qos::ExactlyOnce => QoS::ExactlyOnce,
    }
}

const fn ack(id: NonZeroU16) -> Ack {
    Ack {
        id,
        reason: Reason::Success,
    }
}

/// The reason of a client's acknowledgement: all that matters of it is whether it is a failure.
const fn client_reason(code: u8) -> Reason {
    match code {
        0 => Reason::Success,
        16 => Reason::NoMatchingSubscribers,
        146 => Reason::PacketIdNotFound,
        _ if code < 128 => Reason::Success,
        _ => Reason::Unspecified,
    }
}

fn publish_in(publish: rmqtt_codec::types::Publish) -> Packet {
    let properties = publish
        .properties
        .map_or_else(Properties::default, |properties| Properties {
            topic_alias: properties.topic_alias,
            expiry: properties.message_expiry_interval.map(NonZeroU32::get),
            content_type: properties.content_type,
            response_topic: properties.response_topic,
            correlation: properties.correlation_data,
            utf8: properties.is_utf8_payload,
            subscription_ids: properties
                .subscription_ids
                .iter()
                .map(|id| id.get())
                .collect(),
            user: properties.user_properties,
        });
    Packet::Publish(Box::new(Publish {
        dup: publish.dup,
        retain: publish.retain,
        qos: qos(publish.qos),
        topic: publish.topic,
        id: publish.packet_id,
        payload: publish.payload,
        properties,
    }))
}

fn publish_out(
    publish: Publish,
    properties: Option<v5::PublishProperties>,
) -> rmqtt_codec::types::Publish {
    rmqtt_codec::types::Publish {
        dup: publish.dup,
        retain: publish.retain,
        qos: qos_out(publish.qos),
        topic: publish.topic,
        packet_id: publish.id,
        payload: publish.payload,
        properties,
    }
}

fn properties_out(properties: &mut Properties) -> v5::PublishProperties {
    v5::PublishProperties {
        topic_alias: properties.topic_alias,
        correlation_data: properties.correlation.take(),
        message_expiry_interval: properties.expiry.and_then(NonZeroU32::new),
        content_type: properties.content_type.take(),
        user_properties: std::mem::take(&mut properties.user),
        is_utf8_payload: properties.utf8,
        response_topic: properties.response_topic.take(),
        subscription_ids: properties
            .subscription_ids
            .iter()
            .filter_map(|id| NonZeroU32::new(*id))
            .collect(),
    }
}

fn from_v3(packet: v3::Packet) -> Result<Packet, Malformed> {
    Ok(match packet {
        v3::Packet::Connect(connect) => Packet::Connect(Box::new(connect_v3(*connect))),
        v3::Packet::Publish(publish) => publish_in(*publish),
        v3::Packet::PublishAck { packet_id } => Packet::PublishAck(ack(packet_id)),
        v3::Packet::PublishReceived { packet_id } => Packet::PublishReceived(ack(packet_id)),
        v3::Packet::PublishRelease { packet_id } => Packet::PublishRelease(ack(packet_id)),
        v3::Packet::PublishComplete { packet_id } => Packet::PublishComplete(ack(packet_id)),
        v3::Packet::Subscribe {
            packet_id,
            topic_filters,
        } => Packet::Subscribe(Subscribe {
            id: packet_id,
            filters: topic_filters
                .into_iter()
                .map(|(filter, wanted)| {
                    let options = Options {
                        qos: qos(wanted),
                        ..Options::default()
                    };
                    (filter, options)
                })
                .collect(),
        }),
        v3::Packet::Unsubscribe {
            packet_id,
            topic_filters,
        } => Packet::Unsubscribe(Unsubscribe {
            id: packet_id,
            filters: topic_filters,
        }),
        v3::Packet::PingRequest => Packet::PingRequest,
        v3::Packet::Disconnect => Packet::Disconnect(Disconnect {
            reason: Reason::Success,
            session_expiry: None,
        }),
        _ => return Err(UNEXPECTED),
    })
}

fn connect_v3(connect: v3::Connect) -> Connect {
    Connect {
        version: Version::V3,
        client: connect.client_id,
        clean_start: connect.clean_session,
        keep_alive: connect.keep_alive,
        session_expiry: if connect.clean_session { 0 } else { FOR_EVER },
        receive_maximum: u16::MAX,
        topic_alias_maximum: 0,
        maximum_packet: 0,
        username: connect.username,
        password: connect.password,
        will: connect.last_will.map(|will| Will {
            retain: will.retain,
            qos: qos(will.qos),
            topic: will.topic,
            payload: will.message,
            properties: Properties::default(),
            delay: 0,
        }),
        extended_authentication: false,
    }
}

fn connect_v5(connect: v5::Connect) -> Connect {
    Connect {
        version: Version::V5,
        client: connect.client_id,
        clean_start: connect.clean_start,
        keep_alive: connect.keep_alive,
        session_expiry: connect.session_expiry_interval_secs,
        receive_maximum: connect.receive_max.map_or(u16::MAX, NonZeroU16::get),
        topic_alias_maximum: connect.topic_alias_max,
        maximum_packet: connect.max_packet_size.map_or(0, NonZeroU32::get),
        username: connect.username,
        password: connect.password,
        will: connect.last_will.map(|will| Will {
            retain: will.retain,
            qos: qos(will.qos),
            topic: will.topic,
            payload: will.message,
            properties: Properties {
                expiry: will.message_expiry_interval.map(NonZeroU32::get),
                content_type: will.content_type,
                response_topic: will.response_topic,
                correlation: will.correlation_data,
                utf8: will.is_utf8_payload.unwrap_or(false),
                user: will.user_properties,
                ..Properties::default()
            },
            delay: will.will_delay_interval_sec.unwrap_or(0),
        }),
        extended_authentication: connect.auth_method.is_some(),
    }
}

fn from_v5(packet: v5::Packet) -> Result<Packet, Malformed> {
    let first = |ack: v5::PublishAck| Ack {
        id: ack.packet_id,
        reason: client_reason(ack.reason_code.into()),
    };
    let second = |ack: v5::PublishAck2| Ack {
        id: ack.packet_id,
        reason: client_reason(ack.reason_code.into()),
    };
    Ok(match packet {
        v5::Packet::Connect(connect) => Packet::Connect(Box::new(connect_v5(*connect))),
        v5::Packet::Publish(publish) => {
            let named = publish.properties.as_ref();
            if named.is_some_and(|properties| !properties.subscription_ids.is_empty()) {
                return Err(UNEXPECTED);
            }
            publish_in(*publish)
        }
        v5::Packet::PublishAck(ack) => Packet::PublishAck(first(ack)),
        v5::Packet::PublishReceived(ack) => Packet::PublishReceived(first(ack)),
        v5::Packet::PublishRelease(ack) => Packet::PublishRelease(second(ack)),
        v5::Packet::PublishComplete(ack) => Packet::PublishComplete(second(ack)),
        v5::Packet::Subscribe(subscribe) => {
            let id = subscribe.id.map_or(0, NonZeroU32::get);
            Packet::Subscribe(Subscribe {
                id: subscribe.packet_id,
                filters: subscribe
                    .topic_filters
                    .into_iter()
                    .map(|(filter, options)| (filter, options_in(options, id)))
                    .collect(),
            })
        }
        v5::Packet::Unsubscribe(unsubscribe) => Packet::Unsubscribe(Unsubscribe {
            id: unsubscribe.packet_id,
            filters: unsubscribe.topic_filters,
        }),
        v5::Packet::PingRequest => Packet::PingRequest,
        v5::Packet::Disconnect(disconnect) => Packet::Disconnect(Disconnect {
            reason: if disconnect.reason_code == v5::DisconnectReasonCode::NormalDisconnection {
                Reason::Success
            } else {
                Reason::WithWill
            },
            session_expiry: disconnect.session_expiry_interval_secs,
        }),
        v5::Packet::Auth(_) => Packet::Auth,
        _ => return Err(UNEXPECTED),
    })
}

const fn options_in(options: v5::SubscriptionOptions, id: u32) -> Options {
    Options {
        qos: qos(options.qos),
        no_local: options.no_local,
        retain_as_published: options.retain_as_published,
        retain_handling: match options.retain_handling {
            v5::RetainHandling::AtSubscribe => 0,
            v5::RetainHandling::AtSubscribeNew => 1,
            v5::RetainHandling::NoAtSubscribe => 2,
        },
        id,
    }
}

/// Nothing where version 3.1.1 has no such packet.
fn into_v3(packet: Packet) -> Option<v3::Packet> {
    Some(match packet {
        Packet::ConnectAck(ack) => v3::Packet::ConnectAck(v3::ConnectAck {
            return_code: match ack.reason {
                Reason::Success => v3::ConnectAckReason::ConnectionAccepted,
                Reason::UnsupportedVersion => v3::ConnectAckReason::UnacceptableProtocolVersion,
                Reason::ClientIdentifierNotValid => v3::ConnectAckReason::IdentifierRejected,
                Reason::BadUserNameOrPassword => v3::ConnectAckReason::BadUserNameOrPassword,
                Reason::NotAuthorized => v3::ConnectAckReason::NotAuthorized,
                _ => v3::ConnectAckReason::ServiceUnavailable,
            },
            session_present: ack.session_present,
        }),
        Packet::Publish(publish) => v3::Packet::Publish(Box::new(publish_out(*publish, None))),
        Packet::PublishAck(ack) => v3::Packet::PublishAck { packet_id: ack.id },
        Packet::PublishReceived(ack) => v3::Packet::PublishReceived { packet_id: ack.id },
        Packet::PublishRelease(ack) => v3::Packet::PublishRelease { packet_id: ack.id },
        Packet::PublishComplete(ack) => v3::Packet::PublishComplete { packet_id: ack.id },
        Packet::SubscribeAck(packet_id, reasons) => v3::Packet::SubscribeAck {
            packet_id,
            status: reasons
                .into_iter()
                .map(|reason| match reason {
                    Reason::Success => v3::SubscribeReturnCode::Success(QoS::AtMostOnce),
                    Reason::GrantedAtLeastOnce => {
                        v3::SubscribeReturnCode::Success(QoS::AtLeastOnce)
                    }
                    Reason::GrantedExactlyOnce => {
                        v3::SubscribeReturnCode::Success(QoS::ExactlyOnce)
                    }
                    _ => v3::SubscribeReturnCode::Failure,
                })
                .collect(),
        },
        Packet::UnsubscribeAck(packet_id, _) => v3::Packet::UnsubscribeAck { packet_id },
        Packet::PingResponse => v3::Packet::PingResponse,
        _ => return None,
    })
}

fn into_v5(packet: Packet) -> Option<v5::Packet> {
    Some(match packet {
        Packet::ConnectAck(ack) => v5::Packet::ConnectAck(Box::new(connect_ack_v5(*ack)?)),
        Packet::Publish(mut publish) => {
            let properties = properties_out(&mut publish.properties);
            v5::Packet::Publish(Box::new(publish_out(*publish, Some(properties))))
        }
        Packet::PublishAck(ack) => v5::Packet::PublishAck(ack_v5(ack)?),
        Packet::PublishReceived(ack) => v5::Packet::PublishReceived(ack_v5(ack)?),
        Packet::PublishRelease(ack) => v5::Packet::PublishRelease(ack2_v5(ack)),
        Packet::PublishComplete(ack) => v5::Packet::PublishComplete(ack2_v5(ack)),
        Packet::SubscribeAck(packet_id, reasons) => v5::Packet::SubscribeAck(v5::SubscribeAck {
            packet_id,
            properties: Vec::new(),
            reason_string: None,
            status: reasons
                .into_iter()
                .map(|reason| {
                    v5::SubscribeAckReason::try_from(reason as u8)
                        .unwrap_or(v5::SubscribeAckReason::UnspecifiedError)
                })
                .collect(),
        }),
        Packet::UnsubscribeAck(packet_id, reasons) => {
            v5::Packet::UnsubscribeAck(v5::UnsubscribeAck {
                packet_id,
                properties: Vec::new(),
                reason_string: None,
                status: reasons
                    .into_iter()
                    .map(|reason| {
                        v5::UnsubscribeAckReason::try_from(reason as u8)
                            .unwrap_or(v5::UnsubscribeAckReason::UnspecifiedError)
                    })
                    .collect(),
            })
        }
        Packet::PingResponse => v5::Packet::PingResponse,
        Packet::Disconnect(disconnect) => v5::Packet::Disconnect(v5::Disconnect::new(
            v5::DisconnectReasonCode::try_from(disconnect.reason as u8)
                .unwrap_or(v5::DisconnectReasonCode::UnspecifiedError),
        )),
        _ => return None,
    })
}

fn connect_ack_v5(ack: ConnectAck) -> Option<v5::ConnectAck> {
    Some(v5::ConnectAck {
        session_present: ack.session_present,
        reason_code: v5::ConnectAckReason::try_from(ack.reason as u8)
            .unwrap_or(v5::ConnectAckReason::UnspecifiedError),
        session_expiry_interval_secs: ack.session_expiry,
        receive_max: NonZeroU16::new(ack.receive_maximum)?,
        max_packet_size: (ack.maximum_packet > 0).then_some(ack.maximum_packet),
        assigned_client_id: ack.assigned_client,
        topic_alias_max: ack.topic_alias_maximum,
        server_keepalive_sec: ack.keep_alive,
        ..v5::ConnectAck::default()
    })
}

fn ack_v5(ack: Ack) -> Option<v5::PublishAck> {
    Some(v5::PublishAck {
        packet_id: ack.id,
        reason_code: v5::PublishAckReason::try_from(ack.reason as u8).ok()?,
        properties: Vec::new(),
        reason_string: None,
    })
}

fn ack2_v5(ack: Ack) -> v5::PublishAck2 {
    v5::PublishAck2 {
        packet_id: ack.id,
        reason_code: if ack.reason == Reason::Success {
            v5::PublishAck2Reason::Success
        } else {
            v5::PublishAck2Reason::PacketIdNotFound
        },
        properties: Vec::new(),
        reason_string: None,
    }
}
