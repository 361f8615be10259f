//! What a payload says, whatever it was written in.

use std::borrow::Cow;

use serde::ser::{Error as _, SerializeMap as _, SerializeSeq as _};
use serde::{Serialize, Serializer};
use trunkline_model::Timestamp;

/// A value of a payload. Texts of JSON are borrowed from it where they have no escapes.
///
/// A tree of its own and not `serde_json::Value`: whole numbers of 64 bits are exact with either sign, there are times, a value can say
/// why it cannot be read without spoiling the others, and nothing is copied that need not be.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value<'a> {
    Null,
    Boolean(bool),
    Integer(i128),
    Float(f64),
    Text(Cow<'a, str>),
    Time(Timestamp),
    Array(Vec<Value<'a>>),
    /// Members in their order; the last one of a name counts.
    Object(Vec<(Cow<'a, str>, Value<'a>)>),
    /// Something that cannot be read, and why. It matters only to who asks for it.
    Broken(String),
}

/// A way to a part of a value.
pub(crate) type Path = Vec<Step>;

/// A step of such a way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Member(String),
    Element(usize),
}

impl<'a> Value<'a> {
    /// A text that is borrowed.
    pub(crate) const fn text(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }

    /// An object of these members.
    pub(crate) fn object<const N: usize>(members: [(&'static str, Self); N]) -> Self {
        let members = members.map(|(name, value)| (Cow::Borrowed(name), value));
        Self::Object(members.into())
    }

    /// The part that `path` leads to. What is broken on the way is the part itself.
    pub(crate) fn at(&self, path: &[Step]) -> Option<&Self> {
        path.iter()
            .try_fold(self, |value, step| match (value, step) {
                (Self::Broken(_), _) => Some(value),
                (Self::Object(members), Step::Member(wanted)) => members
                    .iter()
                    .rev()
                    .find_map(|(name, value)| (name == wanted).then_some(value)),
                (Self::Array(elements), Step::Element(place)) => elements.get(*place),
                _ => None,
            })
    }

    /// The same value with nothing borrowed.
    pub(crate) fn into_owned(self) -> Value<'static> {
        match self {
            Self::Null => Value::Null,
            Self::Boolean(truth) => Value::Boolean(truth),
            Self::Integer(number) => Value::Integer(number),
            Self::Float(number) => Value::Float(number),
            Self::Text(text) => Value::Text(text.into_owned().into()),
            Self::Time(time) => Value::Time(time),
            Self::Array(elements) => {
                Value::Array(elements.into_iter().map(Value::into_owned).collect())
            }
            Self::Object(members) => {
                let owned = |(name, value): (Cow<'a, str>, Self)| {
                    (name.into_owned().into(), value.into_owned())
                };
                Value::Object(members.into_iter().map(owned).collect())
            }
            Self::Broken(why) => Value::Broken(why),
        }
    }
}

/// As JSON; times are RFC 3339 texts, and numbers that JSON does not know are null.
impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Boolean(truth) => serializer.serialize_bool(*truth),
            Self::Integer(number) => serializer.serialize_i128(*number),
            Self::Float(number) => serializer.serialize_f64(*number),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Time(time) => time.serialize(serializer),
            Self::Array(elements) => {
                let mut sequence = serializer.serialize_seq(Some(elements.len()))?;
                for element in elements {
                    sequence.serialize_element(element)?;
                }
                sequence.end()
            }
            Self::Object(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (name, value) in members {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
            Self::Broken(why) => Err(S::Error::custom(why)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> Value<'static> {
        Value::object([
            ("a", Value::Array(vec![Value::Null, Value::Integer(7)])),
            ("b", Value::Broken("why".into())),
            (
                "a",
                Value::Array(vec![Value::Integer(i128::from(u64::MAX))]),
            ),
        ])
    }

    #[test]
    fn the_last_member_of_a_name_counts() {
        let path = [Step::Member("a".into()), Step::Element(0)];
        assert_eq!(
            tree().at(&path),
            Some(&Value::Integer(i128::from(u64::MAX)))
        );
        let path = [Step::Member("a".into()), Step::Element(1)];
        assert_eq!(tree().at(&path), None);
        let path = [Step::Element(0)];
        assert_eq!(tree().at(&path), None);
    }

    #[test]
    fn what_is_broken_is_broken_all_the_way_down() {
        let path = [Step::Member("b".into()), Step::Member("c".into())];
        assert_eq!(tree().at(&path), Some(&Value::Broken("why".into())));
        let text = serde_json::to_string(&tree());
        assert_eq!(text.unwrap_err().to_string(), "why");
    }

    #[test]
    fn json_is_written_exactly() {
        let value = Value::Array(vec![
            Value::Integer(i128::from(u64::MAX)),
            Value::Integer(i128::from(i64::MIN)),
            Value::Float(0.1),
            Value::Float(f64::NAN),
            Value::Time(Timestamp::from_millis(1)),
            Value::text("\"\u{e9}"),
        ]);
        assert_eq!(
            serde_json::to_string(&value).unwrap(),
            r#"[18446744073709551615,-9223372036854775808,0.1,null,"1970-01-01T00:00:00.001000Z","\"é"]"#
        );
    }
}
