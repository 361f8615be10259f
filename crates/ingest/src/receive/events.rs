//! CloudEvents in structured JSON: one, or an array of them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use trunkline_log::DedupeKey;
use trunkline_model::code;

use super::{Collected, Collector, MaySend};
use crate::envelope::{Attribute, Envelope, dedupe_key};
use crate::error::Refusal;
use crate::json::{self, ScanError, Value, ValueKind};
use crate::kind;
use crate::limits::{Limits, TimeWindow};

/// Depth to which the array of a batch is read at all; each event is then held against the configured depth.
const ARRAY_DEPTH: u32 = 122;

impl From<ScanError> for Refusal {
    fn from(error: ScanError) -> Self {
        let code = if error.depth {
            &code::INGEST_TOO_DEEP
        } else {
            &code::INGEST_MALFORMED
        };
        Self::new(code, format!("byte {}: {}", error.at, error.what))
    }
}

/// Checks CloudEvents one after another; keeps its buffers between them.
pub(crate) struct EventCheck<'a> {
    limits: Limits,
    window: TimeWindow,
    may_send: MaySend<'a>,
    /// The last type that the sender was found to be allowed, as it was written: most requests have one.
    allowed: String,
    source: String,
    id: String,
    scratch: Vec<u8>,
}

impl<'a> EventCheck<'a> {
    pub(crate) fn new(limits: Limits, window: TimeWindow, may_send: MaySend<'a>) -> Self {
        Self {
            limits,
            window,
            may_send,
            allowed: String::new(),
            source: String::new(),
            id: String::new(),
            scratch: Vec::new(),
        }
    }

    /// Checks that `text` is a CloudEvent that may be taken, and gives the key that makes it unique.
    pub(crate) fn check(&mut self, text: &str) -> Result<DedupeKey, Refusal> {
        if text.len() > self.limits.event_bytes {
            return Err(too_large(text.len(), self.limits.event_bytes));
        }
        let mut wrong = None;
        let envelope = Envelope::read(text, self.limits.depth, |name, value| {
            if wrong.is_none() {
                wrong = extension_fault(name, value);
            }
        })?;
        if let Some(refusal) = wrong {
            return Err(refusal);
        }
        if let Some(attribute) = envelope.twice {
            return Err(attribute_fault(attribute.name(), "stands twice"));
        }
        self.check_version(&envelope)?;
        self.check_payload(&envelope)?;
        for optional in [
            Attribute::Subject,
            Attribute::DataContentType,
            Attribute::DataSchema,
            Attribute::CorrelationId,
            Attribute::CausationId,
        ] {
            if envelope
                .get(optional)
                .is_some_and(|value| value.text().is_none())
            {
                return Err(attribute_fault(optional.name(), "is not a string"));
            }
        }
        let event_type = required(&envelope, Attribute::Type)?.text();
        if event_type.is_none_or(|text| text.raw != kind::COMMIT_TYPE) {
            self.check_time(&envelope)?;
        }
        self.check_sender(event_type)?;
        let id = required(&envelope, Attribute::Id)?.text();
        let source = required(&envelope, Attribute::Source)?.text();
        let id = id
            .and_then(|text| json::unescape(text, &mut self.id))
            .unwrap_or_default();
        let source = source
            .and_then(|text| json::unescape(text, &mut self.source))
            .unwrap_or_default();
        Ok(dedupe_key(source, id, &mut self.scratch))
    }

    fn check_sender(&mut self, event_type: Option<json::Text<'_>>) -> Result<(), Refusal> {
        let raw = event_type.as_ref().map_or("", |text| text.raw);
        if raw == self.allowed && !raw.is_empty() {
            return Ok(());
        }
        let topic = event_type.and_then(|text| json::unescape(text, &mut self.id));
        (self.may_send)(topic.unwrap_or_default())?;
        self.allowed.clear();
        self.allowed.push_str(raw);
        Ok(())
    }

    fn check_version(&self, envelope: &Envelope<'_>) -> Result<(), Refusal> {
        let version = required(envelope, Attribute::SpecVersion)?;
        if version.raw == "\"1.0\"" {
            return Ok(());
        }
        let version: String = version.raw.chars().take(20).collect();
        Err(attribute_fault(
            "specversion",
            &format!("is {version}; only \"1.0\" is taken"),
        ))
    }

    fn check_time(&self, envelope: &Envelope<'_>) -> Result<(), Refusal> {
        let Some(value) = envelope.get(Attribute::Time) else {
            return Ok(());
        };
        let time = match value.kind {
            ValueKind::String { .. } => json::time_of(value),
            _ => None,
        };
        let time = time.ok_or_else(|| attribute_fault("time", "is not an RFC 3339 time"))?;
        self.window.check(time)
    }

    fn check_payload(&mut self, envelope: &Envelope<'_>) -> Result<(), Refusal> {
        let Some(encoded) = envelope.get(Attribute::DataBase64) else {
            return Ok(());
        };
        if envelope.get(Attribute::Data).is_some() {
            return Err(attribute_fault("data_base64", "stands beside `data`"));
        }
        let text = encoded
            .text()
            .and_then(|text| json::unescape(text, &mut self.id));
        self.scratch.clear();
        let decoded = text.map(|text| STANDARD.decode_vec(text, &mut self.scratch));
        if matches!(decoded, Some(Ok(()))) {
            return Ok(());
        }
        Err(attribute_fault("data_base64", "is not base64"))
    }
}

pub(super) fn too_large(bytes: usize, limit: usize) -> Refusal {
    let detail = format!("the event has {bytes} bytes, {limit} are allowed");
    Refusal::new(&code::INGEST_TOO_LARGE, detail)
}

fn attribute_fault(name: &str, fault: &str) -> Refusal {
    Refusal::new(
        &code::INGEST_ATTRIBUTE,
        format!("the attribute `{name}` {fault}"),
    )
}

fn required<'a>(envelope: &Envelope<'a>, attribute: Attribute) -> Result<Value<'a>, Refusal> {
    match envelope.get(attribute) {
        None => Err(attribute_fault(attribute.name(), "is missing")),
        Some(value) => match value.text() {
            None => Err(attribute_fault(attribute.name(), "is not a string")),
            Some(text) if text.raw.is_empty() => Err(attribute_fault(attribute.name(), "is empty")),
            Some(_) => Ok(value),
        },
    }
}

fn extension_fault(name: &str, value: Value<'_>) -> Option<Refusal> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    if name.is_empty() || !name.bytes().all(plain) {
        let name: String = name.chars().take(40).collect();
        return Some(attribute_fault(
            &name,
            "has a name of other than lower-case letters and digits",
        ));
    }
    matches!(value.kind, ValueKind::Object | ValueKind::Array)
        .then(|| attribute_fault(name, "is neither a string, a number nor a boolean"))
}

/// Reads a request that is one event.
pub(crate) fn read_one(
    body: &Bytes,
    limits: Limits,
    window: TimeWindow,
    may_send: MaySend<'_>,
) -> Collected {
    let mut collector = Collector::in_place(body.clone(), 1);
    let checked =
        text_of(body).and_then(|text| EventCheck::new(limits, window, may_send).check(text));
    match checked {
        Ok(key) => {
            collector.take(0, body.len());
            collector.key(key);
        }
        Err(refusal) => collector.reject(refusal, 0, body.len()),
    }
    collector.finish(kind::CLOUD_EVENT, Bytes::new())
}

/// Reads a request that is an array of events.
///
/// # Errors
/// A refusal of the whole request where the array itself cannot be read.
pub(crate) fn read_array(
    body: &Bytes,
    limits: Limits,
    window: TimeWindow,
    may_send: MaySend<'_>,
) -> Result<Collected, Refusal> {
    let text = text_of(body)?;
    let mut collector = Collector::copying(body.clone(), 16);
    let mut check = EventCheck::new(limits, window, may_send);
    let mut elements = json::elements(text, ARRAY_DEPTH);
    while let Some(element) = elements.next()? {
        limits.check_events(collector.seen() + 1)?;
        let to = elements.position();
        let from = to - element.raw.len();
        match check.check(element.raw) {
            Ok(key) => {
                collector.take(from, to);
                collector.key(key);
            }
            Err(refusal) => collector.reject(refusal, from, to),
        }
    }
    Ok(collector.finish(kind::CLOUD_EVENT, Bytes::new()))
}

pub(super) fn text_of(body: &[u8]) -> Result<&str, Refusal> {
    std::str::from_utf8(body).map_err(|error| {
        let detail = format!("byte {}: not UTF-8", error.valid_up_to());
        Refusal::new(&code::INGEST_MALFORMED, detail)
    })
}
