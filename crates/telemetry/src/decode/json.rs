//! JSON.

use serde::de::DeserializeSeed as _;

use super::tree::Tree;
use crate::limits::Limits;
use crate::value::Value;

/// Reads a payload.
///
/// # Errors
/// Why it is no JSON, with the line and the column.
pub(super) fn decode<'a>(payload: &'a [u8], limits: &Limits) -> Result<Value<'a>, String> {
    if payload.iter().all(u8::is_ascii_whitespace) {
        return Err("it is empty".into());
    }
    let tree = Tree {
        depth: limits.depth,
    };
    let mut reader = serde_json::Deserializer::from_slice(payload);
    tree.deserialize(&mut reader)
        .and_then(|value| reader.end().map(|()| value))
        .map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Value<'_>, String> {
        decode(text.as_bytes(), &Limits::default())
    }

    #[test]
    fn numbers_are_exact() {
        for (text, wanted) in [
            ("18446744073709551615", Value::Integer(u64::MAX.into())),
            ("-9223372036854775808", Value::Integer(i64::MIN.into())),
            ("-0", Value::Float(-0.0)),
            ("0.1", Value::Float(0.1)),
            ("5e-324", Value::Float(5e-324)),
            ("1.7976931348623157e308", Value::Float(f64::MAX)),
        ] {
            assert_eq!(read(text), Ok(wanted), "{text}");
        }
    }

    #[test]
    fn what_is_no_json_has_a_reason() {
        for (text, reason) in [
            ("", "it is empty"),
            (" \n", "it is empty"),
            ("{\"a\":1", "EOF while parsing an object at line 1 column 6"),
            ("1 2", "trailing characters at line 1 column 3"),
            ("1e999", "number out of range at line 1 column 5"),
            ("\"\\ud800\"", "unexpected end of hex escape"),
        ] {
            let found = read(text).unwrap_err();
            assert!(found.contains(reason) || found == reason, "{text}: {found}");
        }
        assert!(decode(b"\"\xff\"", &Limits::default()).is_err());
    }

    #[test]
    fn nesting_has_a_limit() {
        let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        let most = Limits::default().depth;
        assert!(read(&nested(most)).is_ok());
        let found = read(&nested(most + 1)).unwrap_err();
        assert!(found.starts_with("too many arrays and objects"), "{found}");
        assert!(read(&nested(500_000)).is_err());
    }
}
