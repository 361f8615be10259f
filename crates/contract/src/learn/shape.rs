//! The shape of the JSON that was seen: types, formats and which properties were always there.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::segment;

/// How deep a body is looked into.
const DEPTH: usize = 12;
/// Items of one array that are looked at.
const ITEMS: usize = 50;

/// What may still be kept, and how wide an object may be.
#[derive(Debug)]
pub(super) struct Room<'a> {
    /// Parts of shapes that are kept in all.
    pub(super) parts: &'a mut usize,
    pub(super) most_parts: usize,
    pub(super) most_properties: usize,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Shape {
    seen: u64,
    null: bool,
    boolean: bool,
    integer: bool,
    number: bool,
    string: bool,
    format: Format,
    #[serde(skip_serializing_if = "Option::is_none")]
    items: Option<Box<Shape>>,
    array: bool,
    objects: u64,
    properties: BTreeMap<String, Shape>,
    /// What stands under names that are values.
    #[serde(skip_serializing_if = "Option::is_none")]
    others: Option<Box<Shape>>,
}

/// What all texts so far have in common.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
enum Format {
    #[default]
    Unseen,
    Uuid,
    DateTime,
    Date,
    Email,
    Uri,
    None,
}

impl Shape {
    /// Adds what `value` looks like.
    pub(super) fn observe(&mut self, value: &Value, room: &mut Room<'_>) {
        self.add(value, room, 0);
    }

    fn add(&mut self, value: &Value, room: &mut Room<'_>, depth: usize) {
        self.seen += 1;
        match value {
            Value::Null => self.null = true,
            Value::Bool(_) => self.boolean = true,
            Value::Number(number) if number.is_f64() => self.number = true,
            Value::Number(_) => self.integer = true,
            Value::String(text) => {
                self.string = true;
                self.format = self.format.and(Format::of(text));
            }
            Value::Array(items) => {
                self.array = true;
                if depth < DEPTH && !items.is_empty() {
                    let shape = self.items.get_or_insert_default();
                    items
                        .iter()
                        .take(ITEMS)
                        .for_each(|item| shape.add(item, room, depth + 1));
                }
            }
            Value::Object(object) => {
                self.objects += 1;
                if depth < DEPTH {
                    self.add_object(object, room, depth);
                }
            }
        }
    }

    fn add_object(&mut self, object: &Map<String, Value>, room: &mut Room<'_>, depth: usize) {
        for (name, value) in object {
            if let Some(shape) = self.properties.get_mut(name) {
                shape.add(value, room, depth + 1);
                continue;
            }
            let full =
                self.properties.len() >= room.most_properties || *room.parts >= room.most_parts;
            if full || segment::value(name).is_some() || name.len() > 64 {
                self.others
                    .get_or_insert_default()
                    .add(value, room, depth + 1);
            } else {
                *room.parts += 1;
                let mut shape = Self::default();
                shape.add(value, room, depth + 1);
                self.properties.insert(name.clone(), shape);
            }
        }
    }

    /// Adds another shape.
    pub(super) fn merge(&mut self, other: Self) {
        self.seen += other.seen;
        self.null |= other.null;
        self.boolean |= other.boolean;
        self.integer |= other.integer;
        self.number |= other.number;
        self.string |= other.string;
        self.array |= other.array;
        self.objects += other.objects;
        self.format = self.format.and(other.format);
        if let Some(items) = other.items {
            self.items.get_or_insert_default().merge(*items);
        }
        if let Some(others) = other.others {
            self.others.get_or_insert_default().merge(*others);
        }
        for (name, shape) in other.properties {
            self.properties.entry(name).or_default().merge(shape);
        }
    }

    /// The JSON Schema of what was seen.
    pub(super) fn schema(&self) -> Value {
        let mut types = Vec::new();
        let kinds = [
            (self.objects > 0, "object"),
            (self.array, "array"),
            (self.string, "string"),
            (self.number, "number"),
            (self.integer && !self.number, "integer"),
            (self.boolean, "boolean"),
            (self.null, "null"),
        ];
        types.extend(
            kinds
                .iter()
                .filter(|(seen, _)| *seen)
                .map(|(_, name)| *name),
        );
        let mut schema = Map::new();
        match types.as_slice() {
            [] => {}
            [only] => {
                schema.insert("type".to_owned(), json!(only));
            }
            several => {
                schema.insert("type".to_owned(), json!(several));
            }
        }
        if let Some(format) = self.format.name() {
            schema.insert("format".to_owned(), json!(format));
        }
        if self.array {
            let items = self
                .items
                .as_ref()
                .map_or_else(|| json!({}), |items| items.schema());
            schema.insert("items".to_owned(), items);
        }
        self.object_schema(&mut schema);
        Value::Object(schema)
    }

    fn object_schema(&self, schema: &mut Map<String, Value>) {
        if !self.properties.is_empty() {
            let properties: Map<_, _> = self
                .properties
                .iter()
                .map(|(name, shape)| (name.clone(), shape.schema()))
                .collect();
            schema.insert("properties".to_owned(), Value::Object(properties));
            let always = self
                .properties
                .iter()
                .filter(|(_, shape)| shape.seen >= self.objects);
            let required: Vec<_> = always.map(|(name, _)| name.as_str()).collect();
            if !required.is_empty() {
                schema.insert("required".to_owned(), json!(required));
            }
        }
        if let Some(others) = &self.others {
            schema.insert("additionalProperties".to_owned(), others.schema());
        }
    }
}

impl Format {
    fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let digits = |range: std::ops::Range<usize>| {
            bytes
                .get(range)
                .is_some_and(|part| part.iter().all(u8::is_ascii_digit))
        };
        let date = bytes.len() >= 10
            && digits(0..4)
            && bytes[4] == b'-'
            && digits(5..7)
            && bytes[7] == b'-'
            && digits(8..10);
        if segment::is_uuid(text) {
            Self::Uuid
        } else if date && bytes.len() == 10 {
            Self::Date
        } else if date && bytes.len() >= 20 && bytes[10] == b'T' && bytes[13] == b':' {
            let zone = text.ends_with('Z') || text[19..].contains(['+', '-']);
            if zone { Self::DateTime } else { Self::None }
        } else if text.starts_with("https://") || text.starts_with("http://") {
            Self::Uri
        } else if is_email(text) {
            Self::Email
        } else {
            Self::None
        }
    }

    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Unseen, format) | (format, Self::Unseen) => format,
            (one, other) if one == other => one,
            _ => Self::None,
        }
    }

    const fn name(self) -> Option<&'static str> {
        match self {
            Self::Uuid => Some("uuid"),
            Self::DateTime => Some("date-time"),
            Self::Date => Some("date"),
            Self::Email => Some("email"),
            Self::Uri => Some("uri"),
            Self::Unseen | Self::None => None,
        }
    }
}

fn is_email(text: &str) -> bool {
    let plain = text.len() < 255 && !text.contains(char::is_whitespace);
    plain
        && text.split_once('@').is_some_and(|(user, host)| {
            !user.is_empty() && host.contains('.') && !host.contains('@')
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learnt(values: &[Value]) -> Value {
        let mut parts = 0;
        let mut room = Room {
            parts: &mut parts,
            most_parts: 100,
            most_properties: 3,
        };
        let mut shape = Shape::default();
        values
            .iter()
            .for_each(|value| shape.observe(value, &mut room));
        shape.schema()
    }

    #[test]
    fn what_was_always_there_is_required() {
        assert_eq!(
            learnt(&[json!({"a": 1, "b": "x"}), json!({"a": 1.5, "c": null})]),
            json!({"type": "object", "required": ["a"], "properties": {"a": {"type": "number"}, "b": {"type": "string"}, "c": {"type": "null"}}})
        );
    }

    #[test]
    fn formats_are_kept_while_all_agree() {
        assert_eq!(
            learnt(&[json!("2026-11-25"), json!("2026-11-26")]),
            json!({"type": "string", "format": "date"})
        );
        assert_eq!(
            learnt(&[json!("2026-11-25T10:00:00Z")]),
            json!({"type": "string", "format": "date-time"})
        );
        assert_eq!(
            learnt(&[json!("a@b.example"), json!("none")]),
            json!({"type": "string"})
        );
    }

    #[test]
    fn maps_and_wide_objects_do_not_grow() {
        assert_eq!(
            learnt(&[json!({"12345": 1, "67890": 2})]),
            json!({"type": "object", "additionalProperties": {"type": "integer"}})
        );
        let wide = learnt(&[json!({"a": 1, "b": 1, "c": 1, "d": 1, "e": 1})]);
        assert_eq!(wide["properties"].as_object().unwrap().len(), 3);
        assert_eq!(wide["additionalProperties"], json!({"type": "integer"}));
    }
}
