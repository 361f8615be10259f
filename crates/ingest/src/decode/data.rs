//! Plain data objects that share a header.

use trunkline_lake::{RowSink, TableBuilder, tables};
use trunkline_log::{Offset, Record};

use super::decoder::unreadable;
use super::fields::{DEEP, FieldWriter, Layout, TIME};
use crate::json::{self, ScanError};
use crate::kind::{COMMIT_TYPE, DataHeader};

/// Writes the rows of a [`crate::kind::DATA`] record.
pub(super) fn decode(record: &Record, sink: &mut RowSink) {
    let header: DataHeader = match serde_json::from_slice(&record.header) {
        Ok(header) => header,
        Err(error) => {
            for (offset, message) in record.messages() {
                unreadable(
                    sink,
                    record,
                    offset,
                    message,
                    &format!("the record's header: {error}"),
                );
            }
            return;
        }
    };
    let mut failures = Vec::new();
    let mut reader = Reader {
        header: &header,
        record,
        id: String::new(),
    };
    if let Some(table) = typed_table(sink, &header.kind) {
        reader.typed(table, &mut failures);
    } else if let Some(table) = sink.table(tables::events::NAME) {
        reader.untyped(table, &mut failures);
    }
    for (offset, message, detail) in failures {
        unreadable(sink, record, offset, message, &detail);
    }
}

/// The table that holds events of a type, if one does.
pub(super) fn typed_table<'a>(
    sink: &'a mut RowSink,
    event_type: &str,
) -> Option<&'a mut TableBuilder> {
    if event_type == COMMIT_TYPE {
        sink.table(tables::commits::NAME)
    } else {
        sink.table_of_type(event_type)
    }
}

/// A message that could not be read, and why.
pub(super) type Failure<'a> = (Offset, &'a [u8], String);

pub(super) fn failure<'a>(offset: Offset, message: &'a [u8], error: ScanError) -> Failure<'a> {
    (
        offset,
        message,
        format!("byte {}: {}", error.at, error.what),
    )
}

#[derive(Debug)]
struct Reader<'a> {
    header: &'a DataHeader,
    record: &'a Record,
    id: String,
}

impl<'a> Reader<'a> {
    fn typed(&mut self, table: &mut TableBuilder, failures: &mut Vec<Failure<'a>>) {
        let layout = Layout::of(table.schema());
        let mut fields = FieldWriter::default();
        let mut raw_subject = String::new();
        json::write_string(
            self.header.subject.as_deref().unwrap_or_default(),
            &mut raw_subject,
        );
        for (offset, message, text) in texts(self.record) {
            let text = self.number(text);
            table.begin(offset, self.record.appended_at);
            fields.begin();
            if let Some(column) = layout.id {
                table.text_unless_empty(column, &self.id);
            }
            if let Some(column) = layout.source {
                table.text(column, &self.header.source);
            }
            if let Some(subject) = &self.header.subject {
                match layout.subject {
                    Some(column) => table.text(column, subject),
                    None => fields.keep("ce_subject", &raw_subject),
                }
            }
            if let Err(error) = fields.object(table, &layout, text, true) {
                failures.push(failure(offset, message, error));
            }
            fields.end(table, &layout);
        }
    }

    fn untyped(&mut self, table: &mut TableBuilder, failures: &mut Vec<Failure<'a>>) {
        use tables::events;
        for (offset, message, text) in texts(self.record) {
            let text = self.number(text);
            table.begin(offset, self.record.appended_at);
            table.text_unless_empty(events::ID, &self.id);
            table.text(events::SOURCE, &self.header.source);
            table.text(events::TYPE, &self.header.kind);
            if let Some(subject) = &self.header.subject {
                table.text(events::SUBJECT, subject);
            }
            table.timestamp(events::RECEIVED, self.record.appended_at);
            match own_time(text) {
                Ok(time) => {
                    if let Some(time) = time {
                        table.timestamp(TIME, time);
                    }
                    table.text(events::DATA, text);
                }
                Err(error) => failures.push(failure(offset, message, error)),
            }
            table.end();
        }
    }

    /// The object of a message; the number before it, if there is one, becomes the event's id.
    fn number<'t>(&mut self, text: &'t str) -> &'t str {
        self.id.clear();
        let Some(prefix) = &self.header.id else {
            return text;
        };
        let Some((number, object)) = text.split_once(' ') else {
            return text;
        };
        self.id.push_str(prefix);
        self.id.push('-');
        self.id.push_str(number);
        object.trim_ascii()
    }
}

/// The messages of a record with their text, without the white space around it. A message that is not text gives an empty one.
pub(super) fn texts(record: &Record) -> impl Iterator<Item = (Offset, &[u8], &str)> {
    // All at once is fastest; the messages of a record are text or none is.
    let whole = std::str::from_utf8(&record.body).ok();
    let mut start = 0;
    record.messages().map(move |(offset, message)| {
        let end = start + message.len();
        let text = match whole {
            Some(whole) => whole.get(start..end),
            None => std::str::from_utf8(message).ok(),
        };
        start = end;
        (offset, message, text.unwrap_or_default().trim_ascii())
    })
}

/// The time that the object itself says, by the same rule as for typed tables.
fn own_time(text: &str) -> Result<Option<trunkline_model::Timestamp>, ScanError> {
    let mut time = None;
    let mut members = json::members(text, DEEP);
    while let Some(member) = members.next()? {
        if time.is_none() && matches!(member.key.raw, "ts" | "time") {
            time = json::time_of(member.value);
        }
    }
    Ok(time)
}
