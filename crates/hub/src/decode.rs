//! From the log into tables.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use trunkline_lake::{Decode, RowSink, tables};
use trunkline_log::{Offset, Record};
use trunkline_model::code;

use crate::frame::{Frame, MESSAGE, SESSION};
use crate::outcome::{self, Outcome};

/// The column `time`, which stands in the same place in all tables.
const TIME_INDEX: usize = 1;
/// Bytes of a payload that are shown where nothing was made of it.
const SHOWN: usize = 8 * 1024;

/// Reads MQTT messages, and leaves every other record to the decoder of `ingest`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Decoder(trunkline_ingest::Decoder);

impl Decode for Decoder {
    fn decode(&self, record: &Record, sink: &mut RowSink) {
        match record.kind {
            MESSAGE => messages(record, sink),
            // What becomes of sessions is for the broker alone.
            SESSION => {}
            _ => self.0.decode(record, sink),
        }
    }
}

fn messages(record: &Record, sink: &mut RowSink) {
    use tables::messages as columns;
    let (mut bad, mut made) = (Vec::new(), Vec::new());
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
            if !frame.outcomes.is_empty() {
                made.push((offset, frame));
            }
        }
    }
    for (offset, frame) in made {
        outcomes(record, offset, &frame, sink);
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

/// What topic rules made of a message.
fn outcomes(record: &Record, offset: Offset, frame: &Frame<'_>, sink: &mut RowSink) {
    use tables::dead_letters as columns;
    let Some(all) = outcome::read(frame.outcomes) else {
        let why = "what topic rules made of the message cannot be read";
        trunkline_ingest::unreadable(sink, record, offset, frame.outcomes, why);
        return;
    };
    for outcome in all {
        match outcome {
            Outcome::Row { table, time, cells } => {
                // A table that was removed since has no rows any more.
                let Some(table) = sink.table(table) else {
                    continue;
                };
                table.begin(offset, record.appended_at);
                table.timestamp(TIME_INDEX, time);
                for (column, cell) in &cells {
                    outcome::set(table, column, cell);
                }
                table.end();
            }
            Outcome::Failure { rule, reason } => {
                let Some(table) = sink.table(columns::NAME) else {
                    continue;
                };
                let (payload, _) = readable(frame.payload);
                let shown = payload.floor_char_boundary(SHOWN);
                table.begin(offset, record.appended_at);
                table.text(columns::PROTOCOL, "mqtt");
                table.text(columns::CODE, code::INGEST_MALFORMED.code);
                table.text(
                    columns::DETAIL,
                    &format!("topic `{}`, rule `{rule}`: {reason}", frame.topic),
                );
                table.text(columns::SENDER, frame.client);
                table.text(columns::PAYLOAD, &payload[..shown]);
                let bytes = i64::try_from(frame.payload.len()).unwrap_or(i64::MAX);
                table.integer(columns::BYTES, bytes);
                table.end();
            }
        }
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
