//! From the log into tables.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use trunkline_lake::{Decode, RowSink, tables};
use trunkline_log::Record;

use crate::frame::{Frame, MESSAGE};

/// Reads MQTT messages, and leaves every other record to the decoder of `ingest`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Decoder(trunkline_ingest::Decoder);

impl Decode for Decoder {
    fn decode(&self, record: &Record, sink: &mut RowSink) {
        if record.kind == MESSAGE {
            messages(record, sink);
        } else {
            self.0.decode(record, sink);
        }
    }
}

fn messages(record: &Record, sink: &mut RowSink) {
    use tables::messages as columns;
    let mut bad = Vec::new();
    if let Some(table) = sink.table(columns::NAME) {
        for (offset, message) in record.messages() {
            let Some(frame) = Frame::read(message) else {
                bad.push((offset, message));
                continue;
            };
            let (payload, encoding) = readable(frame.payload);
            table.begin(offset, record.appended_at);
            table.text(columns::TOPIC, frame.topic);
            table.text_unless_empty(columns::CLIENT, frame.client);
            table.text_unless_empty(columns::PRINCIPAL, frame.principal);
            table.text_unless_empty(columns::THING, frame.thing);
            table.integer(columns::QOS, frame.quality.into());
            table.boolean(columns::RETAINED, frame.retained);
            table.text_unless_empty(columns::CONTENT_TYPE, frame.content_type);
            table.text(columns::PAYLOAD, &payload);
            table.text(columns::ENCODING, encoding);
            let bytes = i64::try_from(frame.payload.len()).unwrap_or(i64::MAX);
            table.integer(columns::BYTES, bytes);
            table.end();
        }
    }
    for (offset, message) in bad {
        trunkline_ingest::unreadable(
            sink,
            record,
            offset,
            message,
            "the record is no MQTT message",
        );
    }
}

/// The payload as text, and how it was made text.
fn readable(payload: &[u8]) -> (Cow<'_, str>, &'static str) {
    match std::str::from_utf8(payload) {
        Ok(text) => (Cow::Borrowed(text), "text"),
        Err(_) => (Cow::Owned(STANDARD.encode(payload)), "base64"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_byte_of_a_payload_is_lost() {
        assert_eq!(readable(b"{\"a\":1}"), (Cow::Borrowed("{\"a\":1}"), "text"));
        assert_eq!(readable(b"\x00\xff"), (Cow::Borrowed("AP8="), "base64"));
    }
}
