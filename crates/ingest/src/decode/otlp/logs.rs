//! Log records.

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use trunkline_lake::{RowSink, TableBuilder, tables};
use trunkline_log::{Offset, Record};
use trunkline_model::Timestamp;

use super::value::{ResourceColumns, Scope, hex, requests, write_attributes, write_value};

/// Writes the rows of a [`crate::kind::OTLP_LOGS`] record.
pub(crate) fn decode_logs(record: &Record, sink: &mut RowSink) {
    requests(
        record,
        sink,
        |request: ExportLogsServiceRequest, offset, sink| {
            let Some(table) = sink.table(tables::logs::NAME) else {
                return;
            };
            let mut writer = Writer {
                table,
                offset,
                taken_at: record.appended_at,
                text: String::new(),
            };
            for resource in &request.resource_logs {
                let columns = ResourceColumns::of(resource.resource.as_ref());
                for scope in &resource.scope_logs {
                    let records = &scope.log_records;
                    let scope = Scope::of(scope.scope.as_ref());
                    for record in records {
                        writer.row(record, &scope, &columns);
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
    fn row(&mut self, record: &LogRecord, scope: &Scope<'_>, resource: &ResourceColumns) {
        use tables::logs as columns;
        let table = &mut *self.table;
        table.begin(self.offset, self.taken_at);
        let nanos = match record.time_unix_nano {
            0 => record.observed_time_unix_nano,
            nanos => nanos,
        };
        if nanos != 0 {
            table.timestamp(columns::TIME_INDEX, Timestamp::from_nanos(nanos));
        }
        table.text_unless_empty(columns::SERVICE, &resource.service);
        table.text_unless_empty(
            columns::SEVERITY,
            severity(record.severity_number, &record.severity_text),
        );
        if record.severity_number != 0 {
            table.integer(columns::SEVERITY_NUMBER, i64::from(record.severity_number));
        }
        match record.body.as_ref().and_then(|body| body.value.as_ref()) {
            None => {}
            Some(Value::StringValue(text)) => table.text(columns::BODY, text),
            Some(_) => {
                self.text.clear();
                write_value(record.body.as_ref(), &mut self.text);
                table.text(columns::BODY, &self.text);
            }
        }
        table.text_unless_empty(columns::TRACE_ID, hex(&record.trace_id, &mut self.text));
        table.text_unless_empty(columns::SPAN_ID, hex(&record.span_id, &mut self.text));
        table.text_unless_empty(columns::SCOPE, scope.name);
        table.text_unless_empty(columns::EVENT_NAME, &record.event_name);
        self.text.clear();
        if write_attributes(
            &record.attributes,
            scope,
            record.dropped_attributes_count,
            &mut self.text,
        ) {
            table.text(columns::ATTRIBUTES, &self.text);
        }
        table.text_unless_empty(columns::RESOURCE, &resource.json);
        table.end();
    }
}

/// The name of a severity: by its number, else by the word that the source uses for it.
fn severity(number: i32, text: &str) -> &str {
    const WORDS: [(&str, &str); 9] = [
        ("trace", "trace"),
        ("debug", "debug"),
        ("info", "info"),
        ("notice", "info"),
        ("warn", "warn"),
        ("err", "error"),
        ("crit", "fatal"),
        ("fatal", "fatal"),
        ("emerg", "fatal"),
    ];
    match number {
        1..=4 => "trace",
        5..=8 => "debug",
        9..=12 => "info",
        13..=16 => "warn",
        17..=20 => "error",
        21..=24 => "fatal",
        _ => {
            let starts = |word: &str| {
                text.get(..word.len())
                    .is_some_and(|head| head.eq_ignore_ascii_case(word))
            };
            WORDS
                .iter()
                .find(|(word, _)| starts(word))
                .map_or(text, |(_, name)| name)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::severity;

    #[test]
    fn a_severity_has_one_name() {
        assert_eq!(severity(10, "NOTICE"), "info");
        assert_eq!(severity(0, "WARNING"), "warn");
        assert_eq!(severity(0, "ERR"), "error");
        assert_eq!(severity(0, "whatever"), "whatever");
        assert_eq!(severity(99, ""), "");
    }
}
