//! A message on its way through a bridge, whichever version of MQTT it came by.

use bytes::Bytes;
use serde::Serialize;

/// How surely a message is carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Quality {
    /// Quality of service 0: an outage loses it.
    AtMostOnce,
    /// Quality of service 1.
    AtLeastOnce,
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) topic: String,
    pub(crate) payload: Bytes,
    pub(crate) quality: Quality,
    pub(crate) retain: bool,
    pub(crate) properties: Properties,
}

/// What MQTT 5 says beside topic and payload.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Properties {
    pub(crate) format: Option<u8>,
    pub(crate) expiry: Option<u32>,
    pub(crate) response_topic: Option<String>,
    pub(crate) correlation: Option<Bytes>,
    pub(crate) content_type: Option<String>,
    pub(crate) user: Vec<(String, String)>,
}

impl Message {
    /// Bytes of the packet that it becomes with MQTT 5.
    pub(crate) fn packet_bytes(&self) -> usize {
        let number = match self.quality {
            Quality::AtMostOnce => 0,
            Quality::AtLeastOnce => 2,
        };
        let properties = self.properties.bytes();
        let rest = 2
            + self.topic.len()
            + number
            + length_bytes(properties)
            + properties
            + self.payload.len();
        1 + length_bytes(rest) + rest
    }

    /// About how much memory it takes.
    pub(crate) fn memory(&self) -> usize {
        self.packet_bytes() + 128
    }
}

/// Bytes in which MQTT writes such a length: seven bits to each.
const fn length_bytes(length: usize) -> usize {
    match length {
        0..0x80 => 1,
        0x80..0x4000 => 2,
        0x4000..0x20_0000 => 3,
        _ => 4,
    }
}

impl Properties {
    fn bytes(&self) -> usize {
        let text = |text: &Option<String>| text.as_ref().map_or(0, |text| text.len() + 3);
        let user: usize = self
            .user
            .iter()
            .map(|(key, value)| key.len() + value.len() + 5)
            .sum();
        self.format.map_or(0, |_| 2)
            + self.expiry.map_or(0, |_| 5)
            + text(&self.response_topic)
            + text(&self.content_type)
            + self.correlation.as_ref().map_or(0, |data| data.len() + 3)
            + user
    }
}
