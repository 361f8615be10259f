//! Choosing the reader of a record by its kind.

use trunkline_lake::{Decode, RowSink, tables};
use trunkline_log::{Offset, Record};
use trunkline_model::code;

use super::{data, dead_letter, events, otlp, prometheus};
use crate::kind;

/// How much of an unreadable message its row keeps, in bytes.
const KEPT: usize = 8 << 10;

/// Turns the records that ingest wrote into rows.
#[derive(Clone, Copy, Debug, Default)]
pub struct Decoder;

impl Decode for Decoder {
    fn decode(&self, record: &Record, sink: &mut RowSink) {
        match record.kind {
            kind::CLOUD_EVENT => events::decode(record, sink),
            kind::DATA => data::decode(record, sink),
            kind::OTLP_LOGS => otlp::decode_logs(record, sink),
            kind::OTLP_METRICS => otlp::decode_metrics(record, sink),
            kind::OTLP_TRACES => otlp::decode_traces(record, sink),
            kind::REMOTE_WRITE_1 => prometheus::decode(record, sink, prometheus::Version::One),
            kind::REMOTE_WRITE_2 => prometheus::decode(record, sink, prometheus::Version::Two),
            kind::DEAD_LETTER => dead_letter::decode(record, sink),
            other => {
                for (offset, message) in record.messages() {
                    let detail = format!(
                        "no version of this platform writes records of kind {}",
                        other.0
                    );
                    unreadable(sink, record, offset, message, &detail);
                }
            }
        }
    }
}

/// Keeps a message that cannot be read as a row of `dead_letters`.
pub fn unreadable(
    sink: &mut RowSink,
    record: &Record,
    offset: Offset,
    message: &[u8],
    detail: &str,
) {
    let Some(table) = sink.table(tables::dead_letters::NAME) else {
        return;
    };
    let letter = dead_letter::Letter {
        protocol: "lake".into(),
        code: code::INGEST_MALFORMED.code.into(),
        detail: detail.into(),
        sender: "platform".into(),
        payload: crate::dead_letter::shown(message, KEPT),
        bytes: message.len() as u64,
    };
    letter.write(table, offset, record.appended_at);
}
