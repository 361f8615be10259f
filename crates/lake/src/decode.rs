//! From records to rows, whatever the decoder does.

use std::panic::{AssertUnwindSafe, catch_unwind};

use trunkline_log::Record;
use trunkline_model::code;

use crate::rows::TableRows;
use crate::tables::dead_letters;
use crate::{Decode, RowSink};

/// Bytes of an undecodable record that are kept for people to look at.
const SHOWN: usize = 8 << 10;

/// The rows of `records`. Where the decoder panics, its record becomes a row of `dead_letters` and the others keep theirs.
pub(crate) fn rows_of(
    decoder: &dyn Decode,
    sink: &mut RowSink,
    records: &[Record],
) -> Vec<TableRows> {
    let together = catch_unwind(AssertUnwindSafe(|| {
        for record in records {
            sink.move_to(record.base);
            decoder.decode(record, sink);
        }
        sink.finish()
    }));
    match together {
        Ok(rows) => rows,
        Err(_) => {
            let each = records.iter();
            each.flat_map(|record| rows_of_one(decoder, sink, record))
                .collect()
        }
    }
}

/// The rows of one record; a sink that a panic left half filled is replaced by an empty one.
pub(crate) fn rows_of_one(
    decoder: &dyn Decode,
    sink: &mut RowSink,
    record: &Record,
) -> Vec<TableRows> {
    *sink = sink.fresh();
    sink.move_to(record.base);
    let decoded = catch_unwind(AssertUnwindSafe(|| {
        decoder.decode(record, sink);
        sink.finish()
    }));
    decoded.unwrap_or_else(|_| {
        *sink = sink.fresh();
        tracing::error!(offset = %record.base, kind = record.kind.0, "a record could not be decoded");
        bury(sink, record);
        sink.finish()
    })
}

fn bury(sink: &mut RowSink, record: &Record) {
    let Some(table) = sink.table(dead_letters::NAME) else {
        return;
    };
    let detail = format!(
        "the decoder failed at a record of kind {} with {} messages from offset {} on",
        record.kind.0,
        record.ends.len(),
        record.base
    );
    let head = record.body.get(..SHOWN).unwrap_or(&record.body);
    table.begin(record.base, record.appended_at);
    table.text(dead_letters::PROTOCOL, "lake");
    table.text(dead_letters::CODE, code::LAKE_INTERNAL.code);
    table.text(dead_letters::DETAIL, &detail);
    table.text(dead_letters::PAYLOAD, &String::from_utf8_lossy(head));
    table.integer(
        dead_letters::BYTES,
        i64::try_from(record.body.len()).unwrap_or(i64::MAX),
    );
    table.end();
}
