//! CBOR (RFC 8949).

use ciborium::de::Error as CborError;
use serde::de::{Deserialize, DeserializeSeed as _, Deserializer};
use trunkline_model::Timestamp;

use super::tree::Tree;
use crate::limits::Limits;
use crate::time_format::TimeFormat;
use crate::value::Value;

/// Tags that mean something here; what any other is of stands for itself.
mod tag {
    pub(super) const TEXT_TIME: u64 = 0;
    pub(super) const EPOCH_TIME: u64 = 1;
    pub(super) const LARGE: u64 = 2;
    pub(super) const LARGE_NEGATIVE: u64 = 3;
}

/// The most that a tree may be deep; whatever the caller's limit is, the stack has one too.
const DEEPEST: usize = 128;

/// A value that borrows nothing: the reader hands over no slices of the payload.
struct Owned(Value<'static>);

impl<'de> Deserialize<'de> for Owned {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let tree = Tree { depth: DEEPEST };
        tree.deserialize(deserializer)
            .map(|value| Self(value.into_owned()))
    }
}

/// Reads a payload.
///
/// # Errors
/// Why it is no CBOR, with the byte where that is known.
pub(super) fn decode(mut payload: &[u8], limits: &Limits) -> Result<Value<'static>, String> {
    if payload.is_empty() {
        return Err("it is empty".into());
    }
    // A level is one array, object or tag.
    let depth = limits.depth.min(DEEPEST);
    let Owned(value) = ciborium::de::from_reader_with_recursion_limit(&mut payload, depth)
        .map_err(|error| reason(&error))?;
    match payload.len() {
        0 => Ok(value),
        bytes => Err(format!("{bytes} bytes follow the value")),
    }
}

fn reason(error: &CborError<std::io::Error>) -> String {
    match error {
        CborError::Io(_) => "it ends within a value".into(),
        CborError::Syntax(at) => format!("the byte {at} does not belong there"),
        CborError::Semantic(Some(at), why) => format!("{why} at the byte {at}"),
        CborError::Semantic(None, why) => why.clone(),
        CborError::RecursionLimitExceeded => {
            "too many arrays and objects lie in one another".into()
        }
    }
}

/// What a tagged value means.
pub(super) fn tagged(tag: u64, value: Value<'_>) -> Value<'_> {
    let time = match (tag, &value) {
        (tag::TEXT_TIME, Value::Text(text)) => text.parse().ok(),
        (tag::EPOCH_TIME, Value::Integer(number)) => TimeFormat::Seconds.whole(*number),
        (tag::EPOCH_TIME, Value::Float(number)) => TimeFormat::Seconds.fraction(*number),
        (tag::LARGE | tag::LARGE_NEGATIVE, _) => {
            return Value::Broken("the number has more than 128 bits".into());
        }
        _ => return value,
    };
    time.map_or_else(
        || Value::Broken("what is tagged as a time is none that can be stored".into()),
        |time: Timestamp| Value::Time(time),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<Value<'static>, String> {
        decode(bytes, &Limits::default())
    }

    #[test]
    fn the_examples_of_the_standard() {
        for (bytes, wanted) in [
            (&b"\x1b\xff\xff\xff\xff\xff\xff\xff\xff"[..], Value::Integer(u64::MAX.into())),
            (b"\x3b\xff\xff\xff\xff\xff\xff\xff\xff", Value::Integer(-18_446_744_073_709_551_616)),
            (b"\xc2\x49\x01\0\0\0\0\0\0\0\0", Value::Integer(18_446_744_073_709_551_616)),
            (b"\xf9\x3c\x00", Value::Float(1.0)),
            (b"\xfb\x3f\xf1\x99\x99\x99\x99\x99\x9a", Value::Float(1.1)),
            (b"\xf6", Value::Null),
            (b"\xf7", Value::Null),
            (b"\xf5", Value::Boolean(true)),
            (b"\xc0\x74\x32\x30\x31\x33\x2d\x30\x33\x2d\x32\x31\x54\x32\x30\x3a\x30\x34\x3a\x30\x30\x5a", Value::Time(Timestamp::from_millis(1_363_896_240_000))),
            (b"\xc1\x1a\x51\x4b\x67\xb0", Value::Time(Timestamp::from_millis(1_363_896_240_000))),
            (b"\xc1\xfb\x41\xd4\x52\xd9\xec\x20\x00\x00", Value::Time(Timestamp::from_millis(1_363_896_240_500))),
            (b"\x44\x01\x02\x03\x04", Value::text("AQIDBA==")),
            (b"\xd8\x20\x61a", Value::text("a")),
            (b"\x5f\x42\x01\x02\x43\x03\x04\x05\xff", Value::text("AQIDBAU=")),
            (b"\x7f\x65strea\x64ming\xff", Value::text("streaming")),
            (b"\x9f\x01\x82\x02\x03\xff", Value::Array(vec![Value::Integer(1), Value::Array(vec![Value::Integer(2), Value::Integer(3)])])),
            (b"\xbf\x61a\x01\x61b\x9f\xff\xff", Value::object([("a", Value::Integer(1)), ("b", Value::Array(vec![]))])),
            (b"\xa2\x01\x02\x22\x04", Value::object([("1", Value::Integer(2)), ("-3", Value::Integer(4))])),
        ] {
            assert_eq!(read(bytes), Ok(wanted), "{bytes:x?}");
        }
    }

    #[test]
    fn what_cannot_be_stored_does_not_spoil_the_rest() {
        let Value::Array(elements) =
            read(b"\x82\xc1\x1b\xff\xff\xff\xff\xff\xff\xff\xff\x01").unwrap()
        else {
            panic!("no array");
        };
        assert!(matches!(
            &elements[..],
            [Value::Broken(_), Value::Integer(1)]
        ));
        let large = [&b"\xc2\x51"[..], &[1; 17]].concat();
        assert!(matches!(read(&large), Ok(Value::Broken(_))));
    }

    #[test]
    fn what_is_no_cbor_has_a_reason() {
        for (bytes, reason) in [
            (&b""[..], "it is empty"),
            (b"\x82\x01", "it ends within a value"),
            (b"\x01\x02", "1 bytes follow the value"),
            (b"\x1c", "the byte 0 does not belong there"),
            (b"\x61\xff", "does not belong there"),
            (
                b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff",
                "it ends within a value",
            ),
            (
                b"\x5b\xff\xff\xff\xff\xff\xff\xff\xff",
                "it ends within a value",
            ),
            (b"\xa1\x80\x01", "as a key"),
        ] {
            let found = read(bytes).unwrap_err();
            assert!(found.contains(reason), "{bytes:x?}: {found}");
        }
    }

    #[test]
    fn nesting_has_a_limit() {
        let nested = |levels: usize| [vec![0x81; levels], vec![0x01]].concat();
        let most = Limits::default().depth;
        assert!(read(&nested(most)).is_ok());
        for levels in [most + 1, 500_000] {
            let found = read(&nested(levels)).unwrap_err();
            assert!(found.starts_with("too many arrays"), "{found}");
        }
        let tags = [vec![0xc6; 500_000], vec![0x01]].concat();
        assert!(read(&tags).is_err());
    }
}
