//! A message as it lies in the log.
//!
//! | bytes | what |
//! |---|---|
//! | 1 | the quality of service, and 4 where the message is retained |
//! | 2 and so many | topic; then in the same way client, principal, thing and content type, empty where there is none |
//! | the rest | the payload |

use trunkline_log::RecordKind;
use trunkline_mqtt::Received;

/// One MQTT message a log message. The number stands in every log; `trunkline_ingest` lists those of the other protocols.
pub(crate) const MESSAGE: RecordKind = RecordKind(9);

const RETAINED: u8 = 4;

/// Writes `received` to the end of `out`.
pub(crate) fn write(received: &Received, out: &mut Vec<u8>) {
    let (message, pass) = (&received.message, &received.pass);
    let retained = if message.is_retained() { RETAINED } else { 0 };
    out.push(message.quality() | retained);
    text(out, &message.topic);
    text(out, message.sender.as_deref().unwrap_or_default());
    text(out, &pass.principal);
    text(out, pass.thing.as_deref().unwrap_or_default());
    text(out, message.content_type().unwrap_or_default());
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
        Some(Self {
            quality: flags & 3,
            retained: flags & RETAINED != 0,
            topic,
            client,
            principal,
            thing,
            content_type,
            payload: rest,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    use bytes::Bytes;
    use trunkline_mqtt::{ClientLimits, Message, Pass};

    #[test]
    fn a_message_is_read_as_it_was_written() {
        let received = Received {
            message: Arc::new(Message::own("dt/pump-7/x", Bytes::from_static(b"\x00\xff"))),
            pass: Arc::new(Pass {
                principal: "tok_1".into(),
                credential: "tok_1".into(),
                thing: Some("pump-7".into()),
                publish: Vec::new(),
                subscribe: Vec::new(),
                limits: ClientLimits::device(),
            }),
        };
        let mut out = Vec::new();
        write(&received, &mut out);
        let wanted = Frame {
            quality: 1,
            retained: false,
            topic: "dt/pump-7/x",
            client: "",
            principal: "tok_1",
            thing: "pump-7",
            content_type: "",
            payload: b"\x00\xff",
        };
        assert_eq!(Frame::read(&out), Some(wanted));
        for length in 0..out.len() - 2 {
            assert_eq!(Frame::read(&out[..length]), None);
        }
    }
}
