//! CloudEvents in structured JSON.

use trunkline_lake::{RowSink, TableBuilder, tables};
use trunkline_log::{Offset, Record};

use super::data::{Failure, failure, texts, typed_table};
use super::decoder::unreadable;
use super::fields::{DEEP, FieldWriter, Layout, TIME};
use crate::envelope::{Attribute, Envelope};
use crate::json::{self, ScanError, Value, ValueKind};
use crate::receive::binary::is_json;

/// Writes the rows of a [`crate::kind::CLOUD_EVENT`] record.
pub(super) fn decode(record: &Record, sink: &mut RowSink) {
    let mut failures: Vec<Failure<'_>> = Vec::new();
    let mut reader = Reader::default();
    for (offset, message, text) in texts(record) {
        if let Err(error) = reader.event(record, offset, text, sink) {
            failures.push(failure(offset, message, error));
        }
    }
    for (offset, message, detail) in failures {
        unreadable(sink, record, offset, message, &detail);
    }
}

/// Reads events one after another; keeps its buffers between them.
#[derive(Debug, Default)]
struct Reader {
    fields: FieldWriter,
    /// The type and the layout of the table that the writer has learnt.
    learnt: Option<(String, Layout)>,
    extensions: String,
    scratch: String,
}

impl Reader {
    fn event(
        &mut self,
        record: &Record,
        offset: Offset,
        text: &str,
        sink: &mut RowSink,
    ) -> Result<(), ScanError> {
        self.extensions.clear();
        let extensions = &mut self.extensions;
        let envelope = Envelope::read(text, DEEP, |name, value| {
            push_member(extensions, name, value.raw);
        })?;
        let event_type = envelope.get(Attribute::Type).and_then(Value::text);
        let event_type = event_type.and_then(|text| json::unescape(text, &mut self.scratch));
        if let Some(event_type) = event_type
            && let Some(table) = typed_table(sink, event_type)
        {
            if self
                .learnt
                .as_ref()
                .is_none_or(|(learnt, _)| learnt != event_type)
            {
                self.learnt = Some((event_type.to_owned(), Layout::of(table.schema())));
                self.fields = FieldWriter::default();
            }
            if let Some((_, layout)) = self.learnt {
                table.begin(offset, record.appended_at);
                return self.typed(table, &layout, &envelope);
            }
        }
        if let Some(table) = sink.table(tables::events::NAME) {
            table.begin(offset, record.appended_at);
            self.untyped(table, &envelope, record);
        }
        Ok(())
    }

    fn typed(
        &mut self,
        table: &mut TableBuilder,
        layout: &Layout,
        envelope: &Envelope<'_>,
    ) -> Result<(), ScanError> {
        self.fields.begin();
        let columns = [
            (Attribute::Id, layout.id),
            (Attribute::Source, layout.source),
            (Attribute::Subject, layout.subject),
            (Attribute::CorrelationId, layout.correlation),
            (Attribute::CausationId, layout.causation),
            (Attribute::DataSchema, None),
        ];
        let commits = table.schema().name == tables::commits::NAME;
        for (attribute, column) in columns {
            match (envelope.get(attribute), column) {
                (Some(value), Some(column)) => self.text(table, column, value),
                (Some(value), None) if !commits => self.keep_attribute(attribute.name(), value),
                _ => {}
            }
        }
        if let Some(content_type) = foreign_content_type(envelope) {
            self.keep_attribute(Attribute::DataContentType.name(), content_type);
        }
        self.keep_extensions();
        let time = envelope.get(Attribute::Time).and_then(json::time_of);
        if let Some(time) = time {
            table.timestamp(TIME, time);
        }
        let written = self.payload(table, layout, envelope, time.is_none());
        self.fields.end(table, layout);
        written
    }

    fn payload(
        &mut self,
        table: &mut TableBuilder,
        layout: &Layout,
        envelope: &Envelope<'_>,
        timed: bool,
    ) -> Result<(), ScanError> {
        match envelope.get(Attribute::Data) {
            Some(data) if data.kind == ValueKind::Object => {
                self.fields.object(table, layout, data.raw, timed)?;
            }
            Some(data) if data.kind != ValueKind::Null => self.fields.keep("data", data.raw),
            _ => {}
        }
        if let Some(encoded) = envelope.get(Attribute::DataBase64) {
            self.fields.keep("data_base64", encoded.raw);
        }
        Ok(())
    }

    /// Attributes that the table has no column for are kept under the names that CloudEvents gives them in other protocols.
    fn keep_attribute(&mut self, name: &str, value: Value<'_>) {
        self.scratch.clear();
        self.scratch.push_str("ce_");
        self.scratch.push_str(name);
        self.fields.keep(&self.scratch, value.raw);
    }

    fn keep_extensions(&mut self) {
        if self.extensions.is_empty() {
            return;
        }
        self.extensions.push('}');
        let extensions = std::mem::take(&mut self.extensions);
        let mut members = json::members(&extensions, DEEP);
        while let Ok(Some(member)) = members.next() {
            self.keep_attribute(member.key.raw, member.value);
        }
        self.extensions = extensions;
    }

    fn untyped(&mut self, table: &mut TableBuilder, envelope: &Envelope<'_>, record: &Record) {
        use tables::events;
        for (attribute, column) in [
            (Attribute::Id, events::ID),
            (Attribute::Source, events::SOURCE),
            (Attribute::Type, events::TYPE),
            (Attribute::Subject, events::SUBJECT),
            (Attribute::CorrelationId, events::CORRELATION),
            (Attribute::CausationId, events::CAUSATION),
        ] {
            if let Some(value) = envelope.get(attribute) {
                self.text(table, column, value);
            }
        }
        if let Some(time) = envelope.get(Attribute::Time).and_then(json::time_of) {
            table.timestamp(TIME, time);
        }
        if let Some(content_type) = foreign_content_type(envelope) {
            self.text(table, events::CONTENT_TYPE, content_type);
        }
        if let Some(schema) = envelope.get(Attribute::DataSchema) {
            push_member(
                &mut self.extensions,
                Attribute::DataSchema.name(),
                schema.raw,
            );
        }
        if !self.extensions.is_empty() {
            self.extensions.push('}');
            table.text(events::EXTENSIONS, &self.extensions);
        }
        // At most one of the two is there.
        for attribute in [Attribute::Data, Attribute::DataBase64] {
            match envelope.get(attribute) {
                Some(data) if data.kind != ValueKind::Null => table.text(events::DATA, data.raw),
                _ => {}
            }
        }
        table.timestamp(events::RECEIVED, record.appended_at);
        table.end();
    }

    fn text(&mut self, table: &mut TableBuilder, column: usize, value: Value<'_>) {
        if let Some(text) = value
            .text()
            .and_then(|text| json::unescape(text, &mut self.scratch))
        {
            table.text(column, text);
        }
    }
}

fn push_member(object: &mut String, name: &str, raw: &str) {
    object.push(if object.is_empty() { '{' } else { ',' });
    object.push('"');
    object.push_str(name);
    object.push_str("\":");
    object.push_str(raw);
}

/// The content type of the data where it is not JSON.
fn foreign_content_type<'a>(envelope: &Envelope<'a>) -> Option<Value<'a>> {
    let value = envelope.get(Attribute::DataContentType)?;
    let json = value.text().is_some_and(|text| is_json(text.raw));
    (!json).then_some(value)
}
