//! Packets of both versions in one shape; what version 3.1.1 does not have is empty there.

use std::num::NonZeroU16;

use bytes::Bytes;
use bytestring::ByteString;

use super::Reason;

/// The version that a client speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    /// 3.1, which 3.1.1 is read as.
    V3,
    /// 5.0.
    V5,
}

/// How surely a message is delivered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::enum_variant_names, reason = "the words of the standard")]
pub(crate) enum Qos {
    /// Once or not at all.
    #[default]
    AtMostOnce,
    /// Once or more often.
    AtLeastOnce,
    /// Once.
    ExactlyOnce,
}

impl Qos {
    /// 0, 1 or 2; nothing for another number.
    pub(crate) const fn from_number(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::AtMostOnce),
            1 => Some(Self::AtLeastOnce),
            2 => Some(Self::ExactlyOnce),
            _ => None,
        }
    }
}

/// What a message carries beside its payload.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Properties {
    pub(crate) topic_alias: Option<NonZeroU16>,
    /// Seconds until nobody wants it any more.
    pub(crate) expiry: Option<u32>,
    pub(crate) content_type: Option<ByteString>,
    pub(crate) response_topic: Option<ByteString>,
    pub(crate) correlation: Option<Bytes>,
    pub(crate) utf8: bool,
    pub(crate) subscription_ids: Vec<u32>,
    pub(crate) user: Vec<(ByteString, ByteString)>,
}

impl Properties {
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A message on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Publish {
    pub(crate) dup: bool,
    pub(crate) retain: bool,
    pub(crate) qos: Qos,
    pub(crate) topic: ByteString,
    /// Given where `qos` asks for an answer.
    pub(crate) id: Option<NonZeroU16>,
    pub(crate) payload: Bytes,
    pub(crate) properties: Properties,
}

/// The message that is sent when a client goes without a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Will {
    pub(crate) retain: bool,
    pub(crate) qos: Qos,
    pub(crate) topic: ByteString,
    pub(crate) payload: Bytes,
    pub(crate) properties: Properties,
    /// Seconds to wait for the client to come back.
    pub(crate) delay: u32,
}

/// A client's first packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Connect {
    pub(crate) version: Version,
    pub(crate) client: ByteString,
    pub(crate) clean_start: bool,
    /// Seconds; 0 for none.
    pub(crate) keep_alive: u16,
    /// Seconds that the session outlives the connection.
    pub(crate) session_expiry: u32,
    pub(crate) receive_maximum: u16,
    pub(crate) topic_alias_maximum: u16,
    /// The most bytes of a packet that the client takes; 0 for no limit.
    pub(crate) maximum_packet: u32,
    pub(crate) username: Option<ByteString>,
    pub(crate) password: Option<Bytes>,
    pub(crate) will: Option<Will>,
    /// Whether it wants to authenticate in several steps.
    pub(crate) extended_authentication: bool,
}

/// The answer to [`Connect`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ConnectAck {
    pub(crate) reason: Reason,
    pub(crate) session_present: bool,
    pub(crate) assigned_client: Option<ByteString>,
    /// What the broker decided otherwise than the client asked.
    pub(crate) keep_alive: Option<u16>,
    pub(crate) session_expiry: Option<u32>,
    pub(crate) receive_maximum: u16,
    pub(crate) topic_alias_maximum: u16,
    pub(crate) maximum_packet: u32,
}

/// A step of the acknowledgement of one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ack {
    pub(crate) id: NonZeroU16,
    pub(crate) reason: Reason,
}

/// How one subscription wants its messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Options {
    pub(crate) qos: Qos,
    /// Whether the subscriber's own messages are left out.
    pub(crate) no_local: bool,
    /// Whether messages keep their retain flag.
    pub(crate) retain_as_published: bool,
    /// When retained messages are sent: 0 at each subscribing, 1 at a new one, 2 never.
    pub(crate) retain_handling: u8,
    /// What the subscriber calls it; 0 for nothing.
    pub(crate) id: u32,
}

/// A wish for messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Subscribe {
    pub(crate) id: NonZeroU16,
    pub(crate) filters: Vec<(ByteString, Options)>,
}

/// The end of such a wish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unsubscribe {
    pub(crate) id: NonZeroU16,
    pub(crate) filters: Vec<ByteString>,
}

/// The last packet of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Disconnect {
    pub(crate) reason: Reason,
    pub(crate) session_expiry: Option<u32>,
}

/// A control packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Packet {
    Connect(Box<Connect>),
    ConnectAck(Box<ConnectAck>),
    Publish(Box<Publish>),
    PublishAck(Ack),
    PublishReceived(Ack),
    PublishRelease(Ack),
    PublishComplete(Ack),
    Subscribe(Subscribe),
    SubscribeAck(NonZeroU16, Vec<Reason>),
    Unsubscribe(Unsubscribe),
    UnsubscribeAck(NonZeroU16, Vec<Reason>),
    PingRequest,
    PingResponse,
    Disconnect(Disconnect),
    Auth,
}
