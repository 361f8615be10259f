//! The envelope of a CloudEvent in structured JSON, read in place.

use xxhash_rust::xxh3::xxh3_128;

use crate::json::{self, ScanError, Value, ValueKind};

/// The attributes that CloudEvents and Trunkline name; the number is the place in [`Envelope::values`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Attribute {
    SpecVersion,
    Id,
    Source,
    Type,
    Subject,
    Time,
    DataContentType,
    DataSchema,
    CorrelationId,
    CausationId,
    Data,
    DataBase64,
}

/// How many named attributes there are.
const NAMED: usize = 12;

impl Attribute {
    /// The attribute called `name`.
    #[inline]
    pub(crate) fn find(name: &str) -> Option<Self> {
        Some(match name {
            "specversion" => Self::SpecVersion,
            "id" => Self::Id,
            "source" => Self::Source,
            "type" => Self::Type,
            "subject" => Self::Subject,
            "time" => Self::Time,
            "datacontenttype" => Self::DataContentType,
            "dataschema" => Self::DataSchema,
            "correlationid" => Self::CorrelationId,
            "causationid" => Self::CausationId,
            "data" => Self::Data,
            "data_base64" => Self::DataBase64,
            _ => return None,
        })
    }

    /// Its name.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::SpecVersion => "specversion",
            Self::Id => "id",
            Self::Source => "source",
            Self::Type => "type",
            Self::Subject => "subject",
            Self::Time => "time",
            Self::DataContentType => "datacontenttype",
            Self::DataSchema => "dataschema",
            Self::CorrelationId => "correlationid",
            Self::CausationId => "causationid",
            Self::Data => "data",
            Self::DataBase64 => "data_base64",
        }
    }
}

/// An event's envelope. An attribute that is `null` counts as absent, as the JSON format of CloudEvents says.
#[derive(Debug, Default)]
pub(crate) struct Envelope<'a> {
    values: [Option<Value<'a>>; NAMED],
    /// The first named attribute that stands twice.
    pub(crate) twice: Option<Attribute>,
}

impl<'a> Envelope<'a> {
    /// Reads the envelope of the event that `text` is, and hands every extension attribute to `extension`.
    pub(crate) fn read(
        text: &'a str,
        max_depth: u32,
        mut extension: impl FnMut(&'a str, Value<'a>),
    ) -> Result<Self, ScanError> {
        let mut envelope = Self::default();
        let mut members = json::members(text, max_depth);
        while let Some(member) = members.next()? {
            let named = if member.key.escaped {
                None
            } else {
                Attribute::find(member.key.raw)
            };
            match named {
                _ if member.value.kind == ValueKind::Null && named != Some(Attribute::Data) => {}
                Some(attribute) => envelope.set(attribute, member.value),
                None => extension(member.key.raw, member.value),
            }
        }
        Ok(envelope)
    }

    fn set(&mut self, attribute: Attribute, value: Value<'a>) {
        let place = &mut self.values[attribute as usize];
        if place.is_some() {
            self.twice = self.twice.or(Some(attribute));
        } else {
            *place = Some(value);
        }
    }

    /// The value of `attribute`.
    #[inline]
    pub(crate) fn get(&self, attribute: Attribute) -> Option<Value<'a>> {
        self.values[attribute as usize]
    }
}

/// What makes an event unique: its source and its id, each with its length before it so that no two pairs look alike.
pub(crate) fn dedupe_key(source: &str, id: &str, scratch: &mut Vec<u8>) -> u128 {
    scratch.clear();
    for part in [source, id] {
        scratch.extend_from_slice(&(part.len() as u64).to_le_bytes());
        scratch.extend_from_slice(part.as_bytes());
    }
    xxh3_128(scratch)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn named_attributes_are_found_by_their_names() {
        for name in ["specversion", "data_base64", "causationid", "time"] {
            assert_eq!(Attribute::find(name).map(Attribute::name), Some(name));
        }
        assert_eq!(Attribute::find("region"), None);
    }

    #[test]
    fn null_is_absent_and_a_second_value_is_told() {
        let text = r#"{"id":"1","subject":null,"region":"eu","id":"2","data":null}"#;
        let mut extensions = Vec::new();
        let envelope =
            Envelope::read(text, 9, |name, value| extensions.push((name, value.raw))).unwrap();
        assert_eq!(envelope.get(Attribute::Id).unwrap().raw, r#""1""#);
        assert_eq!(envelope.twice, Some(Attribute::Id));
        assert!(envelope.get(Attribute::Subject).is_none());
        assert_eq!(envelope.get(Attribute::Data).unwrap().kind, ValueKind::Null);
        assert_eq!(extensions, [("region", r#""eu""#)]);
    }

    #[test]
    fn keys_tell_pairs_apart() {
        let mut scratch = Vec::new();
        assert_ne!(
            dedupe_key("a", "bc", &mut scratch),
            dedupe_key("ab", "c", &mut scratch)
        );
        assert_eq!(
            dedupe_key("a", "b", &mut scratch),
            dedupe_key("a", "b", &mut scratch)
        );
    }
}
