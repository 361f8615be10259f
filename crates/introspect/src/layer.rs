//! A layer that turns what the program says of itself into log records and spans.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use opentelemetry_proto::tonic::common::v1::AnyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;
use trunkline_model::{Clock, IdGen};

use super::record::{Fields, severity};
use super::send::{Item, Telemetry, channel};

/// Traces that are kept of one second. More would make a busy platform a log of itself: each request would write a second event.
const TRACES_A_SECOND: u32 = 100;

/// How many traces began in the current second.
#[derive(Debug, Default)]
struct Sampling {
    second: AtomicU64,
    begun: AtomicU32,
}

impl Sampling {
    /// Whether one more trace may be kept at that time. Two threads at the turn of a second may let a few more through.
    fn keeps(&self, nanos: u64) -> bool {
        let second = nanos / 1_000_000_000;
        if self.second.swap(second, Ordering::Relaxed) != second {
            self.begun.store(0, Ordering::Relaxed);
        }
        self.begun.fetch_add(1, Ordering::Relaxed) < TRACES_A_SECOND
    }
}

/// Turns events of level info and above into log records, and spans into spans. It never waits: what does not fit is dropped and counted.
#[derive(Debug)]
pub struct OwnTelemetry {
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGen>,
    items: tokio::sync::mpsc::Sender<Item>,
    dropped: Arc<AtomicU64>,
    sampling: Sampling,
}

/// What a span keeps until it ends.
#[derive(Debug)]
struct Open {
    trace: Vec<u8>,
    span: Vec<u8>,
    parent: Vec<u8>,
    began: u64,
    fields: Fields,
}

impl OwnTelemetry {
    /// A layer, and what it fills.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, ids: Arc<dyn IdGen>) -> (Self, Telemetry) {
        let (items, dropped, telemetry) = channel();
        let layer = Self {
            clock,
            ids,
            items,
            dropped,
            sampling: Sampling::default(),
        };
        (layer, telemetry)
    }

    fn nanos(&self) -> u64 {
        u64::try_from(self.clock.now().as_micros())
            .unwrap_or_default()
            .saturating_mul(1_000)
    }

    fn chance(&self, bytes: usize) -> Vec<u8> {
        let mut id = vec![0; bytes];
        self.ids.fill_secret(&mut id);
        id
    }

    fn put(&self, item: Item) {
        if self.items.try_send(item).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for OwnTelemetry {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let began = self.nanos();
        let (trace, parent) = match span.parent() {
            Some(parent) => match parent.extensions().get::<Open>() {
                Some(open) => (open.trace.clone(), open.span.clone()),
                // The trace is not kept.
                None => return,
            },
            None if self.sampling.keeps(began) => (self.chance(16), Vec::new()),
            None => return,
        };
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        span.extensions_mut().insert(Open {
            trace,
            span: self.chance(8),
            parent,
            began,
            fields,
        });
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(open) = span.extensions_mut().get_mut::<Open>()
        {
            values.record(&mut open.fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let level = *event.metadata().level();
        if level > Level::INFO {
            return;
        }
        let mut fields = Fields::default();
        event.record(&mut fields);
        let now = self.nanos();
        let (number, text) = severity(level);
        let (trace_id, span_id) = context
            .event_span(event)
            .and_then(|span| {
                span.extensions()
                    .get::<Open>()
                    .map(|open| (open.trace.clone(), open.span.clone()))
            })
            .unwrap_or_default();
        self.put(Item::Log(
            event.metadata().target().to_owned(),
            Box::new(LogRecord {
                time_unix_nano: now,
                observed_time_unix_nano: now,
                severity_number: number.into(),
                severity_text: text.into(),
                body: Some(AnyValue {
                    value: Some(Value::StringValue(fields.message)),
                }),
                attributes: fields.attributes,
                trace_id,
                span_id,
                ..LogRecord::default()
            }),
        ));
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else {
            return;
        };
        let Some(open) = span.extensions_mut().remove::<Open>() else {
            return;
        };
        self.put(Item::Span(
            span.metadata().target().to_owned(),
            Box::new(Span {
                trace_id: open.trace,
                span_id: open.span,
                parent_span_id: open.parent,
                name: span.name().into(),
                kind: SpanKind::Server.into(),
                start_time_unix_nano: open.began,
                end_time_unix_nano: self.nanos(),
                attributes: open.fields.attributes,
                ..Span::default()
            }),
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_keeps_so_many_traces_and_the_next_begins_anew() {
        let sampling = Sampling::default();
        let kept = |nanos| (0..500).filter(|_| sampling.keeps(nanos)).count();
        assert_eq!(kept(5_000_000_000), 100);
        assert_eq!(kept(5_999_999_999), 0);
        assert_eq!(kept(6_000_000_000), 100);
    }
}
