//! A message as it is kept: what it carries beside its payload as bytes.

use std::num::NonZeroU16;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use bytestring::ByteString;
use tokio::time::Instant;
use trunkline_model::Timestamp;

use crate::Message;
use crate::codec::{Properties, Qos};

/// A message that was read back.
#[derive(Clone, Copy, Debug)]
pub struct StoredMessage<'a> {
    /// What it is about.
    pub topic: &'a str,
    /// The client that sent it; empty where the platform did.
    pub sender: &'a str,
    /// 0, 1 or 2.
    pub quality: u8,
    /// Whether it is kept for those who come later.
    pub retained: bool,
    /// Its number, where it was to come exactly once.
    pub id: Option<NonZeroU16>,
    /// The type of its payload.
    pub content_type: &'a str,
    /// What [`Message::attributes`] gave.
    pub attributes: &'a [u8],
    /// What it says.
    pub payload: &'a [u8],
    /// When it was taken.
    pub at: Timestamp,
}

const RESPONSE_TOPIC: u8 = 1;
const CORRELATION: u8 = 2;
const USER: u8 = 3;
const EXPIRY: u8 = 4;
const UTF8: u8 = 5;

impl Message {
    /// What it carries beside topic, payload and content type, as bytes for [`StoredMessage::attributes`]; mostly none.
    #[must_use]
    pub fn attributes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let Some(properties) = &self.properties else {
            return out;
        };
        if let Some(topic) = &properties.response_topic {
            put(&mut out, RESPONSE_TOPIC, &[topic.as_bytes()]);
        }
        if let Some(correlation) = &properties.correlation {
            put(&mut out, CORRELATION, &[correlation]);
        }
        for (key, value) in &properties.user {
            // The length of a text of MQTT fits.
            let length = u16::try_from(key.len()).unwrap_or(u16::MAX).to_be_bytes();
            put(&mut out, USER, &[&length, key.as_bytes(), value.as_bytes()]);
        }
        if let Some(seconds) = properties.expiry {
            put(&mut out, EXPIRY, &[&seconds.to_be_bytes()]);
        }
        if properties.utf8 {
            put(&mut out, UTF8, &[]);
        }
        out
    }

    /// The message that lies at `place` in the log, `now`. Nothing where nobody wants it any more, or it is none.
    #[must_use]
    pub fn restored(
        stored: &StoredMessage<'_>,
        place: Option<u64>,
        now: Timestamp,
    ) -> Option<Self> {
        let mut properties = Properties {
            content_type: (!stored.content_type.is_empty()).then(|| stored.content_type.into()),
            ..Properties::default()
        };
        read(stored.attributes, &mut properties)?;
        let expires = match properties.expiry {
            None => None,
            Some(seconds) => {
                let age = now.as_micros().saturating_sub(stored.at.as_micros());
                let age = Duration::from_micros(age.try_into().unwrap_or_default());
                let left = Duration::from_secs(seconds.into()).checked_sub(age)?;
                Some(Instant::now() + left)
            }
        };
        let at = OnceLock::new();
        if let Some(place) = place {
            at.get_or_init(|| place);
        }
        Some(Self {
            topic: stored.topic.into(),
            payload: Bytes::copy_from_slice(stored.payload),
            sender: (!stored.sender.is_empty()).then(|| Arc::from(stored.sender)),
            qos: Qos::from_number(stored.quality)?,
            retain: stored.retained,
            properties: (!properties.is_empty()).then(|| Box::new(properties)),
            expires,
            place: at,
        })
    }
}

/// A tag, the length of what follows, and that.
fn put(out: &mut Vec<u8>, tag: u8, parts: &[&[u8]]) {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    out.push(tag);
    out.extend_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes());
    for part in parts {
        out.extend_from_slice(part);
    }
}

fn read(mut bytes: &[u8], properties: &mut Properties) -> Option<()> {
    while let Some((&tag, rest)) = bytes.split_first() {
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (value, rest) = rest.split_at_checked(length)?;
        bytes = rest;
        match tag {
            RESPONSE_TOPIC => properties.response_topic = Some(text(value)?),
            CORRELATION => properties.correlation = Some(Bytes::copy_from_slice(value)),
            USER => {
                let (length, value) = value.split_first_chunk::<2>()?;
                let (key, value) = value.split_at_checked(u16::from_be_bytes(*length).into())?;
                properties.user.push((text(key)?, text(value)?));
            }
            EXPIRY => properties.expiry = Some(u32::from_be_bytes(value.try_into().ok()?)),
            UTF8 => properties.utf8 = true,
            // Written by a later version.
            _ => {}
        }
    }
    Some(())
}

fn text(bytes: &[u8]) -> Option<ByteString> {
    std::str::from_utf8(bytes).ok().map(ByteString::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::Publish;
    use proptest::prelude::*;

    fn message(properties: Properties) -> Message {
        let publish = Publish {
            dup: false,
            retain: true,
            qos: Qos::ExactlyOnce,
            topic: "a/b".into(),
            id: NonZeroU16::new(7),
            payload: Bytes::from_static(b"\x00x"),
            properties,
        };
        Message::new(&publish, Some("c".into()), Instant::now())
    }

    fn stored<'a>(attributes: &'a [u8], content_type: &'a str, seconds: i64) -> StoredMessage<'a> {
        StoredMessage {
            topic: "a/b",
            sender: "c",
            quality: 2,
            retained: true,
            id: NonZeroU16::new(7),
            content_type,
            attributes,
            payload: b"\x00x",
            at: Timestamp::from_micros(-seconds * 1_000_000),
        }
    }

    proptest! {
        #[test]
        fn all_that_a_message_carries_comes_back(
            response in prop::option::of(".{0,9}"), correlation in prop::option::of(prop::collection::vec(any::<u8>(), 0..9)),
            user in prop::collection::vec((".{0,5}", ".{0,5}"), 0..4), utf8 in any::<bool>(),
        ) {
            let properties = Properties {
                response_topic: response.map(ByteString::from),
                correlation: correlation.map(Bytes::from),
                user: user.into_iter().map(|(key, value)| (key.into(), value.into())).collect(),
                utf8,
                content_type: Some("text/plain".into()),
                ..Properties::default()
            };
            let written = message(properties);
            let attributes = written.attributes();
            let back = Message::restored(&stored(&attributes, "text/plain", 1), Some(3), Timestamp::from_micros(0)).unwrap();
            prop_assert_eq!(&back.properties, &written.properties);
            prop_assert_eq!((back.place(), back.retain, back.qos, &back.sender), (Some(3), true, Qos::ExactlyOnce, &written.sender));
            prop_assert_eq!(back.known_by(), written.known_by());
        }

        #[test]
        fn bytes_that_are_no_attributes_do_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            drop(Message::restored(&stored(&bytes, "", 1), None, Timestamp::from_micros(0)));
        }
    }

    #[test]
    fn a_message_whose_time_is_over_does_not_come_back() {
        let properties = Properties {
            expiry: Some(10),
            ..Properties::default()
        };
        let attributes = message(properties).attributes();
        let now = Timestamp::from_micros(0);
        let left = |seconds| Message::restored(&stored(&attributes, "", seconds), None, now);
        let young = left(9).unwrap().expires.unwrap();
        assert!(young <= Instant::now() + Duration::from_secs(1));
        assert!(left(11).is_none());
    }
}
