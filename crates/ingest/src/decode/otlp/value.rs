//! What the three signals share: values, attributes, resources and scopes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue};
use opentelemetry_proto::tonic::resource::v1::Resource;
use prost::Message;
use trunkline_lake::RowSink;
use trunkline_log::Record;
use trunkline_model::Timestamp;

use crate::decode::decoder::unreadable;
use crate::json::{ObjectWriter, write_array, write_float, write_string, write_whole};

/// Hands each request of a record to `each`; one that cannot be read becomes a dead letter.
pub(super) fn requests<M: Message + Default>(
    record: &Record,
    sink: &mut RowSink,
    mut each: impl FnMut(M, trunkline_log::Offset, &mut RowSink),
) {
    for (offset, message) in record.messages() {
        match M::decode(message) {
            Ok(request) => each(request, offset, sink),
            Err(error) => unreadable(sink, record, offset, message, &error.to_string()),
        }
    }
}

/// Writes a value as JSON of its own type; bytes become base64, and what JSON has no number for becomes a word.
pub(super) fn write_value(value: Option<&AnyValue>, out: &mut String) {
    match value.and_then(|value| value.value.as_ref()) {
        Some(Value::StringValue(text)) => write_string(text, out),
        Some(Value::BoolValue(truth)) => out.push_str(if *truth { "true" } else { "false" }),
        Some(Value::IntValue(number)) => write_whole(number, out),
        Some(Value::DoubleValue(number)) => write_float(*number, out),
        Some(Value::ArrayValue(array)) => write_array(&array.values, out, |value, out| {
            write_value(Some(value), out);
        }),
        Some(Value::KvlistValue(list)) => {
            let mut object = ObjectWriter::open(out);
            write_members(&list.values, &mut object);
            object.close();
        }
        Some(Value::BytesValue(bytes)) => {
            out.push('"');
            STANDARD.encode_string(bytes, out);
            out.push('"');
        }
        // An index into a dictionary that only profiles have.
        Some(Value::StringValueStrindex(_)) | None => out.push_str("null"),
    }
}

/// Writes attributes as the members of an object.
pub(super) fn write_members(attributes: &[KeyValue], object: &mut ObjectWriter<'_>) {
    for attribute in attributes {
        write_value(attribute.value.as_ref(), object.name(&attribute.key));
    }
}

/// Writes attributes as an object, with what the scope and the limits of the sender add to them; says whether there are any.
///
/// The names of the additions are those that OpenTelemetry gives them for protocols without a place for them.
pub(super) fn write_attributes(
    attributes: &[KeyValue],
    scope: &Scope<'_>,
    dropped: u32,
    out: &mut String,
) -> bool {
    let mut object = ObjectWriter::open(out);
    write_members(attributes, &mut object);
    if !scope.version.is_empty() {
        write_string(scope.version, object.name("otel.scope.version"));
    }
    for attribute in scope.attributes {
        write_value(
            attribute.value.as_ref(),
            object.name(&format!("otel.scope.{}", attribute.key)),
        );
    }
    if dropped > 0 {
        write_whole(dropped, object.name("otel.dropped_attributes_count"));
    }
    let any = !object.is_empty();
    object.close();
    any
}

/// The scope of records, spans or points.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scope<'a> {
    pub(super) name: &'a str,
    version: &'a str,
    attributes: &'a [KeyValue],
}

impl<'a> Scope<'a> {
    pub(super) fn of(scope: Option<&'a InstrumentationScope>) -> Self {
        match scope {
            Some(scope) => Self {
                name: &scope.name,
                version: &scope.version,
                attributes: &scope.attributes,
            },
            None => Self {
                name: "",
                version: "",
                attributes: &[],
            },
        }
    }
}

/// A resource in the form of its columns; made once for all of its rows.
#[derive(Clone, Debug, Default)]
pub(super) struct ResourceColumns {
    /// The value of `service.name`.
    pub(super) service: String,
    /// All attributes as JSON; empty where there are none.
    pub(super) json: String,
}

impl ResourceColumns {
    pub(super) fn of(resource: Option<&Resource>) -> Self {
        let mut columns = Self::default();
        let attributes = resource.map_or(&[][..], |resource| &resource.attributes);
        for attribute in attributes {
            if attribute.key == "service.name"
                && let Some(Value::StringValue(name)) = attribute
                    .value
                    .as_ref()
                    .and_then(|value| value.value.as_ref())
            {
                columns.service.clone_from(name);
            }
        }
        if !attributes.is_empty() {
            let mut object = ObjectWriter::open(&mut columns.json);
            write_members(attributes, &mut object);
            object.close();
        }
        columns
    }
}

/// Writes an id in hex to `out`, which is emptied before.
pub(super) fn hex<'a>(id: &[u8], out: &'a mut String) -> &'a str {
    out.clear();
    write_hex(id, out);
    out
}

/// Writes bytes in hex.
pub(super) fn write_hex(bytes: &[u8], out: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for byte in bytes {
        out.push(char::from(DIGITS[usize::from(byte >> 4)]));
        out.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
}

/// Writes an id as a JSON string.
pub(super) fn write_id(id: &[u8], out: &mut String) {
    out.push('"');
    write_hex(id, out);
    out.push('"');
}

/// Writes a time as a JSON string.
pub(super) fn write_time(nanos: u64, out: &mut String) {
    write_string(&Timestamp::from_nanos(nanos).to_string(), out);
}
