//! Spans of traces.

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::{Event, Link};
use trunkline_lake::{RowSink, TableBuilder, tables};
use trunkline_log::{Offset, Record};
use trunkline_model::Timestamp;

use super::value::{
    ResourceColumns, Scope, hex, requests, write_attributes, write_id, write_members, write_time,
};
use crate::json::{ObjectWriter, write_array, write_string, write_whole};

/// Writes the rows of a [`crate::kind::OTLP_TRACES`] record.
pub(crate) fn decode_traces(record: &Record, sink: &mut RowSink) {
    requests(
        record,
        sink,
        |request: ExportTraceServiceRequest, offset, sink| {
            let Some(table) = sink.table(tables::spans::NAME) else {
                return;
            };
            let mut writer = Writer {
                table,
                offset,
                taken_at: record.appended_at,
                text: String::new(),
            };
            for resource in &request.resource_spans {
                let columns = ResourceColumns::of(resource.resource.as_ref());
                for scope in &resource.scope_spans {
                    let spans = &scope.spans;
                    let scope = Scope::of(scope.scope.as_ref());
                    for span in spans {
                        writer.row(span, &scope, &columns);
                    }
                }
            }
        },
    );
}

#[derive(Debug)]
struct Writer<'t> {
    table: &'t mut TableBuilder,
    offset: Offset,
    taken_at: Timestamp,
    text: String,
}

impl Writer<'_> {
    fn row(&mut self, span: &Span, scope: &Scope<'_>, resource: &ResourceColumns) {
        use tables::spans as columns;
        let table = &mut *self.table;
        table.begin(self.offset, self.taken_at);
        if span.start_time_unix_nano != 0 {
            table.timestamp(
                columns::TIME_INDEX,
                Timestamp::from_nanos(span.start_time_unix_nano),
            );
        }
        if span.end_time_unix_nano != 0 && span.start_time_unix_nano != 0 {
            let nanos = span
                .end_time_unix_nano
                .cast_signed()
                .wrapping_sub(span.start_time_unix_nano.cast_signed());
            table.integer(columns::DURATION, nanos / 1_000);
        }
        table.text_unless_empty(columns::SERVICE, &resource.service);
        table.text_unless_empty(columns::NAME_, &span.name);
        table.text_unless_empty(columns::TRACE_ID, hex(&span.trace_id, &mut self.text));
        table.text_unless_empty(columns::SPAN_ID, hex(&span.span_id, &mut self.text));
        // Some senders write a root's parent as zeros.
        if span.parent_span_id.iter().any(|byte| *byte != 0) {
            table.text(
                columns::PARENT_SPAN_ID,
                hex(&span.parent_span_id, &mut self.text),
            );
        }
        table.text_unless_empty(columns::KIND, kind(span.kind));
        if let Some(status) = &span.status {
            table.text_unless_empty(columns::STATUS, status_name(status.code));
            table.text_unless_empty(columns::STATUS_MESSAGE, &status.message);
        }
        table.text_unless_empty(columns::SCOPE, scope.name);
        table.text_unless_empty(columns::TRACE_STATE, &span.trace_state);
        self.text.clear();
        if write_attributes(
            &span.attributes,
            scope,
            span.dropped_attributes_count,
            &mut self.text,
        ) {
            table.text(columns::ATTRIBUTES, &self.text);
        }
        if !span.events.is_empty() {
            self.text.clear();
            write_array(&span.events, &mut self.text, write_event);
            table.text(columns::EVENTS, &self.text);
        }
        if !span.links.is_empty() {
            self.text.clear();
            write_array(&span.links, &mut self.text, write_link);
            table.text(columns::LINKS, &self.text);
        }
        table.text_unless_empty(columns::RESOURCE, &resource.json);
        table.end();
    }
}

const fn kind(number: i32) -> &'static str {
    match number {
        1 => "internal",
        2 => "server",
        3 => "client",
        4 => "producer",
        5 => "consumer",
        _ => "",
    }
}

const fn status_name(code: i32) -> &'static str {
    match code {
        1 => "ok",
        2 => "error",
        _ => "",
    }
}

fn write_event(event: &Event, out: &mut String) {
    let mut object = ObjectWriter::open(out);
    write_string(&event.name, object.name("name"));
    write_time(event.time_unix_nano, object.name("time"));
    if !event.attributes.is_empty() {
        let mut attributes = ObjectWriter::open(object.name("attributes"));
        write_members(&event.attributes, &mut attributes);
        attributes.close();
    }
    if event.dropped_attributes_count > 0 {
        write_whole(
            event.dropped_attributes_count,
            object.name("dropped_attributes_count"),
        );
    }
    object.close();
}

fn write_link(link: &Link, out: &mut String) {
    let mut object = ObjectWriter::open(out);
    write_id(&link.trace_id, object.name("trace_id"));
    write_id(&link.span_id, object.name("span_id"));
    if !link.trace_state.is_empty() {
        write_string(&link.trace_state, object.name("trace_state"));
    }
    if !link.attributes.is_empty() {
        let mut attributes = ObjectWriter::open(object.name("attributes"));
        write_members(&link.attributes, &mut attributes);
        attributes.close();
    }
    object.close();
}
