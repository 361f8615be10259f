//! One pretend request: its spans, its log record, its measured points.

use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, SeverityNumber};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use opentelemetry_proto::tonic::trace::v1::{Span, Status};

use crate::SERVICE_PREFIX;
use crate::chance::Chance;

/// The services, from the outermost to the innermost, each with what it does and how long that usually takes, in microseconds.
pub(super) const SERVICES: [(&str, &str, u64); 3] = [
    ("gateway", "POST /checkout", 3_000),
    ("orders", "create order", 8_000),
    ("payments", "authorize card", 20_000),
];

/// One request through all services, innermost last.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) spans: Vec<Span>,
    pub(super) logs: Vec<(usize, LogRecord)>,
    pub(super) failed: bool,
}

pub(super) fn text(key: &str, value: &str) -> KeyValue {
    KeyValue {
        key: key.into(),
        value: Some(AnyValue {
            value: Some(Value::StringValue(value.into())),
        }),
        ..KeyValue::default()
    }
}

fn number(key: &str, value: i64) -> KeyValue {
    KeyValue {
        key: key.into(),
        value: Some(AnyValue {
            value: Some(Value::IntValue(value)),
        }),
        ..KeyValue::default()
    }
}

/// What names the service at `place`.
pub(super) fn resource(place: usize) -> Resource {
    let name = SERVICES.get(place).map_or("", |(name, _, _)| name);
    Resource {
        attributes: vec![
            text("service.name", &format!("{SERVICE_PREFIX}{name}")),
            text("service.version", "1.4.2"),
            text("deployment.environment.name", "sample"),
        ],
        ..Resource::default()
    }
}

/// A request that ends at `ended`, nanoseconds since the epoch.
pub(super) fn request(chance: Chance<'_>, ended: u64) -> Request {
    let trace = chance.bytes(16);
    let ids: Vec<Vec<u8>> = SERVICES.iter().map(|_| chance.bytes(8)).collect();
    let failed = chance.one_in(40);
    let mut inner = 0;
    let mut spans = Vec::new();
    for (place, (_, name, usual)) in SERVICES.iter().enumerate().rev() {
        let took = inner + chance.duration(*usual);
        let began = ended.saturating_sub(took * 1_000);
        let parent = place
            .checked_sub(1)
            .and_then(|above| ids.get(above))
            .cloned();
        let kind = if place == 0 {
            SpanKind::Server
        } else {
            SpanKind::Internal
        };
        let code = if failed {
            StatusCode::Error
        } else {
            StatusCode::Unset
        };
        spans.push(Span {
            trace_id: trace.clone(),
            span_id: ids.get(place).cloned().unwrap_or_default(),
            parent_span_id: parent.unwrap_or_default(),
            name: (*name).into(),
            kind: kind.into(),
            start_time_unix_nano: began,
            end_time_unix_nano: ended.saturating_sub(inner * 100),
            attributes: vec![
                number("http.response.status_code", if failed { 502 } else { 200 }),
                text("sample", "true"),
            ],
            status: Some(Status {
                code: code.into(),
                message: if failed {
                    "card network unreachable".into()
                } else {
                    String::new()
                },
            }),
            ..Span::default()
        });
        inner = took;
    }
    spans.reverse();
    let logs = logs(chance, &trace, &ids, ended, failed);
    Request {
        spans,
        logs,
        failed,
    }
}

fn logs(
    chance: Chance<'_>,
    trace: &[u8],
    ids: &[Vec<u8>],
    at: u64,
    failed: bool,
) -> Vec<(usize, LogRecord)> {
    let order = chance.below(90_000) + 10_000;
    let record = |place: usize, severity: SeverityNumber, word: &str, body: String| {
        let record = LogRecord {
            time_unix_nano: at,
            observed_time_unix_nano: at,
            severity_number: severity.into(),
            severity_text: word.into(),
            body: Some(AnyValue {
                value: Some(Value::StringValue(body)),
            }),
            attributes: vec![
                number("order.id", i64::try_from(order).unwrap_or_default()),
                text("sample", "true"),
            ],
            trace_id: trace.to_vec(),
            span_id: ids.get(place).cloned().unwrap_or_default(),
            ..LogRecord::default()
        };
        (place, record)
    };
    if failed {
        vec![
            record(
                2,
                SeverityNumber::Error,
                "ERROR",
                format!("authorization of order {order} failed: card network unreachable"),
            ),
            record(
                0,
                SeverityNumber::Warn,
                "WARN",
                format!("answered 502 to checkout of order {order}"),
            ),
        ]
    } else {
        vec![record(
            1,
            SeverityNumber::Info,
            "INFO",
            format!("order {order} created"),
        )]
    }
}

#[cfg(test)]
mod tests {
    use trunkline_model::SeededIds;

    use super::*;

    #[test]
    fn spans_of_a_request_nest_and_share_a_trace() {
        let ids = SeededIds::new(3);
        for _ in 0..50 {
            let made = request(Chance(&ids), 1_000_000_000_000);
            assert_eq!(made.spans.len(), SERVICES.len());
            assert!(made.spans[0].parent_span_id.is_empty());
            for pair in made.spans.windows(2) {
                assert_eq!(pair[1].parent_span_id, pair[0].span_id);
                assert_eq!(pair[1].trace_id, pair[0].trace_id);
                assert!(pair[1].start_time_unix_nano >= pair[0].start_time_unix_nano);
            }
            let errors = made
                .logs
                .iter()
                .filter(|(_, record)| record.severity_text == "ERROR")
                .count();
            assert_eq!(errors, usize::from(made.failed));
        }
    }
}
