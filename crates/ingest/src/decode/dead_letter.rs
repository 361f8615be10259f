//! What was refused, as it lies in the log.

use serde::{Deserialize, Serialize};
use trunkline_lake::{RowSink, TableBuilder, tables};
use trunkline_log::{Offset, Record};
use trunkline_model::Timestamp;

use super::decoder::unreadable;

/// A refused event or request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Letter {
    /// How it came.
    pub(crate) protocol: String,
    /// The error code.
    pub(crate) code: String,
    /// What was wrong, and where.
    pub(crate) detail: String,
    /// Who sent it.
    pub(crate) sender: String,
    /// The beginning of it, as text.
    pub(crate) payload: String,
    /// The length of all of it.
    pub(crate) bytes: u64,
}

impl Letter {
    /// Writes its row.
    pub(super) fn write(&self, table: &mut TableBuilder, offset: Offset, taken_at: Timestamp) {
        use tables::dead_letters as columns;
        table.begin(offset, taken_at);
        table.text(columns::PROTOCOL, &self.protocol);
        table.text(columns::CODE, &self.code);
        table.text(columns::DETAIL, &self.detail);
        table.text(columns::SENDER, &self.sender);
        table.text(columns::PAYLOAD, &self.payload);
        table.integer(
            columns::BYTES,
            i64::try_from(self.bytes).unwrap_or(i64::MAX),
        );
        table.end();
    }
}

/// Writes the rows of a [`crate::kind::DEAD_LETTER`] record.
pub(super) fn decode(record: &Record, sink: &mut RowSink) {
    for (offset, message) in record.messages() {
        match serde_json::from_slice::<Letter>(message) {
            Ok(letter) => {
                if let Some(table) = sink.table(tables::dead_letters::NAME) {
                    letter.write(table, offset, record.appended_at);
                }
            }
            Err(error) => unreadable(sink, record, offset, message, &error.to_string()),
        }
    }
}
