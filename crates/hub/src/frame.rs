//! A message as it lies in the log.
//!
//! | bytes | what |
//! |---|---|
//! | 1 | the quality of service, and flags: 4 where the message is retained, 8, 16 and 32 where the parts below are there |
//! | 2 and so many | topic; then in the same way client, principal, thing and content type, empty where there is none |
//! | 2 | with flag 16: the number by which the client knows it |
//! | 4 and so many | with flag 8: what else it carries, as `Message::attributes` writes it |
//! | 4 and so many | with flag 32: what topic rules made of it, see [`crate::outcome`] |
//! | the rest | the payload |

use std::num::NonZeroU16;

use trunkline_log::RecordKind;
use trunkline_model::Timestamp;
use trunkline_mqtt::{Message, Received, StoredMessage};

/// One MQTT message a log message. The number stands in every log; `trunkline_ingest` lists those of the other protocols.
pub(crate) const MESSAGE: RecordKind = RecordKind(9);
/// What became of an MQTT session, as JSON.
pub(crate) const SESSION: RecordKind = RecordKind(10);

const QUALITY: u8 = 3;
const RETAINED: u8 = 4;
const ATTRIBUTES: u8 = 8;
const NUMBER: u8 = 16;
const OUTCOMES: u8 = 32;

/// Writes `received` and what topic rules made of it to the end of `out`.
pub(crate) fn write(received: &Received, outcomes: &[u8], out: &mut Vec<u8>) {
    let pass = &received.pass;
    let thing = pass.thing.as_deref().unwrap_or_default();
    write_message(
        &received.message,
        (&pass.principal, thing),
        received.id,
        outcomes,
        out,
    );
}

/// Writes a message of `principal`, which is `thing`, to the end of `out`.
pub(crate) fn write_message(
    message: &Message,
    (principal, thing): (&str, &str),
    id: Option<NonZeroU16>,
    outcomes: &[u8],
    out: &mut Vec<u8>,
) {
    let attributes = message.attributes();
    let flag = |set: bool, flag: u8| if set { flag } else { 0 };
    out.push(
        message.quality()
            | flag(message.is_retained(), RETAINED)
            | flag(!attributes.is_empty(), ATTRIBUTES)
            | flag(id.is_some(), NUMBER)
            | flag(!outcomes.is_empty(), OUTCOMES),
    );
    text(out, &message.topic);
    text(out, message.sender.as_deref().unwrap_or_default());
    text(out, principal);
    text(out, thing);
    text(out, message.content_type().unwrap_or_default());
    if let Some(id) = id {
        out.extend_from_slice(&id.get().to_be_bytes());
    }
    for part in [&*attributes, outcomes] {
        if !part.is_empty() {
            // Made of one packet, which is much shorter.
            let length = u32::try_from(part.len()).unwrap_or(u32::MAX);
            out.extend_from_slice(&length.to_be_bytes());
            out.extend_from_slice(part);
        }
    }
    out.extend_from_slice(&message.payload);
}

fn text(out: &mut Vec<u8>, text: &str) {
    // MQTT's own texts are no longer, and principals are much shorter.
    let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(&text.as_bytes()[..length.into()]);
}

/// A message that was read back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Frame<'a> {
    pub(crate) quality: u8,
    pub(crate) retained: bool,
    pub(crate) topic: &'a str,
    pub(crate) client: &'a str,
    pub(crate) principal: &'a str,
    pub(crate) thing: &'a str,
    pub(crate) content_type: &'a str,
    pub(crate) id: Option<NonZeroU16>,
    pub(crate) attributes: &'a [u8],
    /// What topic rules made of it.
    pub(crate) outcomes: &'a [u8],
    pub(crate) payload: &'a [u8],
}

impl<'a> Frame<'a> {
    /// Reads what [`write`] wrote; nothing where it is something else.
    pub(crate) fn read(bytes: &'a [u8]) -> Option<Self> {
        let (&flags, mut rest) = bytes.split_first()?;
        let mut next = || {
            let (length, after) = rest.split_first_chunk::<2>()?;
            let (text, after) = after.split_at_checked(u16::from_be_bytes(*length).into())?;
            rest = after;
            std::str::from_utf8(text).ok()
        };
        let (topic, client, principal, thing, content_type) =
            (next()?, next()?, next()?, next()?, next()?);
        let mut id = None;
        if flags & NUMBER != 0 {
            let (number, after) = rest.split_first_chunk::<2>()?;
            id = NonZeroU16::new(u16::from_be_bytes(*number));
            rest = after;
        }
        let mut part = |flag: u8| -> Option<&'a [u8]> {
            if flags & flag == 0 {
                return Some(&[]);
            }
            let (length, after) = rest.split_first_chunk::<4>()?;
            let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
            let (part, after) = after.split_at_checked(length)?;
            rest = after;
            Some(part)
        };
        let (attributes, outcomes) = (part(ATTRIBUTES)?, part(OUTCOMES)?);
        Some(Self {
            quality: flags & QUALITY,
            retained: flags & RETAINED != 0,
            topic,
            client,
            principal,
            thing,
            content_type,
            id,
            attributes,
            outcomes,
            payload: rest,
        })
    }

    /// The message, which was taken at `at`.
    pub(crate) const fn stored(&self, at: Timestamp) -> StoredMessage<'a> {
        StoredMessage {
            topic: self.topic,
            sender: self.client,
            quality: self.quality,
            retained: self.retained,
            id: self.id,
            content_type: self.content_type,
            attributes: self.attributes,
            payload: self.payload,
            at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    use bytes::Bytes;
    use trunkline_mqtt::{ClientLimits, Pass};

    #[test]
    fn a_message_is_read_as_it_was_written() {
        let received = Received {
            message: Arc::new(Message::own("dt/pump-7/x", Bytes::from_static(b"\x00\xff"))),
            pass: Arc::new(Pass {
                principal: "tok_1".into(),
                credential: "tok_1".into(),
                thing: Some("pump-7".into()),
                publish: Vec::new(),
                withheld: Vec::new(),
                subscribe: Vec::new(),
                limits: ClientLimits::device(),
            }),
            id: NonZeroU16::new(258),
        };
        let mut out = Vec::new();
        write(&received, b"rows", &mut out);
        let wanted = Frame {
            quality: 1,
            retained: false,
            topic: "dt/pump-7/x",
            client: "",
            principal: "tok_1",
            thing: "pump-7",
            content_type: "",
            id: NonZeroU16::new(258),
            attributes: b"",
            outcomes: b"rows",
            payload: b"\x00\xff",
        };
        assert_eq!(Frame::read(&out), Some(wanted));
        for length in 0..out.len() - 2 {
            assert_eq!(Frame::read(&out[..length]), None);
        }
    }

    #[test]
    fn attributes_stand_before_the_payload() {
        let attributes = [4, 0, 0, 0, 4, 0, 0, 0, 9];
        let stored = StoredMessage {
            topic: "a",
            sender: "c",
            quality: 2,
            retained: true,
            id: None,
            content_type: "text/plain",
            attributes: &attributes,
            payload: b"x",
            at: Timestamp::from_micros(0),
        };
        let message = Message::restored(&stored, None, stored.at).unwrap();
        let mut out = Vec::new();
        write_message(&message, ("p", ""), None, b"", &mut out);
        let frame = Frame::read(&out).unwrap();
        assert_eq!(
            (frame.attributes, frame.payload),
            (&attributes[..], &b"x"[..])
        );
        assert_eq!((frame.content_type, frame.retained), ("text/plain", true));
    }
}
