//! OTLP in JSON, turned into OTLP in protobuf, so that all behind it knows one form.
//!
//! As lenient as the protocol asks: unknown fields and nulls are ignored, 64-bit numbers may be strings or numbers, floats may be the
//! words for what JSON has no number for, and names may be in snake case as the JSON mapping of protobuf allows.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use prost::encoding::{WireType, encode_key, encode_varint};
use trunkline_model::code;

use super::events::text_of;
use super::otlp_schema::{Field, Kind, MessageType};
use crate::error::Refusal;
use crate::json::{self, Value, ValueKind};
use crate::limits::Limits;

/// Levels of brackets that the envelope of OTLP itself needs around what a sender nests.
const OWN_DEPTH: u32 = 32;

/// The protobuf form of the message that `body` is in JSON.
///
/// # Errors
/// A refusal that names the field.
pub(crate) fn transcode(
    body: &[u8],
    message: &MessageType,
    limits: Limits,
) -> Result<Vec<u8>, Refusal> {
    let text = text_of(body)?;
    let mut out = Vec::with_capacity(body.len() / 2);
    let mut scratch = String::new();
    write_message(
        text,
        message,
        limits.depth + OWN_DEPTH,
        &mut scratch,
        &mut out,
    )?;
    Ok(out)
}

fn write_message(
    text: &str,
    message: &MessageType,
    depth: u32,
    scratch: &mut String,
    out: &mut Vec<u8>,
) -> Result<(), Refusal> {
    let mut members = json::members(text, depth);
    while let Some(member) = members.next()? {
        if member.value.kind == ValueKind::Null {
            continue;
        }
        let Some(field) = message
            .fields
            .iter()
            .find(|field| is_name(field.name, member.key.raw))
        else {
            continue;
        };
        let depth = depth.saturating_sub(1);
        let written = if field.repeated {
            write_all(field, member.value, depth, scratch, out)
        } else {
            write_one(field, member.value, depth, scratch, out)
        };
        written.map_err(|refusal| inside(field, refusal))?;
    }
    Ok(())
}

/// Whether `key` is `name`, in camel case or in snake case.
fn is_name(name: &str, key: &str) -> bool {
    if name == key {
        return true;
    }
    let mut rest = key.bytes();
    let snake = name.bytes().all(|byte| match byte.is_ascii_uppercase() {
        true => rest.next() == Some(b'_') && rest.next() == Some(byte.to_ascii_lowercase()),
        false => rest.next() == Some(byte),
    });
    snake && rest.next().is_none()
}

fn inside(field: &Field, mut refusal: Refusal) -> Refusal {
    refusal.detail = format!("{}: {}", field.name, refusal.detail);
    refusal
}

fn write_all(
    field: &Field,
    value: Value<'_>,
    depth: u32,
    scratch: &mut String,
    out: &mut Vec<u8>,
) -> Result<(), Refusal> {
    let mut elements = json::elements(value.raw, depth);
    while let Some(element) = elements.next()? {
        write_one(field, element, depth.saturating_sub(1), scratch, out)?;
    }
    Ok(())
}

fn write_one(
    field: &Field,
    value: Value<'_>,
    depth: u32,
    scratch: &mut String,
    out: &mut Vec<u8>,
) -> Result<(), Refusal> {
    match field.kind {
        Kind::Message(message) => {
            let mut inner = Vec::new();
            write_message(value.raw, message, depth, scratch, &mut inner)?;
            write_bytes(field.number, &inner, out);
        }
        Kind::String => write_bytes(field.number, text(value, scratch)?.as_bytes(), out),
        Kind::Hex => write_bytes(field.number, &unhex(text(value, scratch)?)?, out),
        Kind::Base64 => {
            let text = text(value, scratch)?;
            let decoded = STANDARD.decode(text).or_else(|_| URL_SAFE.decode(text));
            write_bytes(
                field.number,
                &decoded.map_err(|_| wrong("not base64"))?,
                out,
            );
        }
        Kind::Bool => {
            let truth = match value.kind {
                ValueKind::True => true,
                ValueKind::False => false,
                _ => return Err(wrong("neither true nor false")),
            };
            encode_key(field.number, WireType::Varint, out);
            encode_varint(u64::from(truth), out);
        }
        Kind::Varint => {
            encode_key(field.number, WireType::Varint, out);
            encode_varint(whole(value, scratch)?, out);
        }
        Kind::Zigzag => {
            let number = whole(value, scratch)?.cast_signed();
            encode_key(field.number, WireType::Varint, out);
            encode_varint(((number << 1) ^ (number >> 63)).cast_unsigned(), out);
        }
        Kind::Fixed32 => {
            let number =
                u32::try_from(whole(value, scratch)?).map_err(|_| wrong("not a 32-bit number"))?;
            encode_key(field.number, WireType::ThirtyTwoBit, out);
            out.extend_from_slice(&number.to_le_bytes());
        }
        Kind::Fixed64 => {
            let number = whole(value, scratch)?;
            encode_key(field.number, WireType::SixtyFourBit, out);
            out.extend_from_slice(&number.to_le_bytes());
        }
        Kind::Double => {
            let number = float(value, scratch)?;
            encode_key(field.number, WireType::SixtyFourBit, out);
            out.extend_from_slice(&number.to_le_bytes());
        }
    }
    Ok(())
}

fn write_bytes(number: u32, bytes: &[u8], out: &mut Vec<u8>) {
    encode_key(number, WireType::LengthDelimited, out);
    encode_varint(bytes.len() as u64, out);
    out.extend_from_slice(bytes);
}

fn wrong(what: &'static str) -> Refusal {
    Refusal::new(&code::INGEST_MALFORMED, what)
}

fn text<'a>(value: Value<'a>, scratch: &'a mut String) -> Result<&'a str, Refusal> {
    value
        .text()
        .and_then(|text| json::unescape(text, scratch))
        .ok_or_else(|| wrong("not a string"))
}

/// The digits of a number, whether it stands as a number or as a string.
fn digits<'a>(value: Value<'a>, scratch: &'a mut String) -> Result<&'a str, Refusal> {
    match value.kind {
        ValueKind::Number { .. } => Ok(value.raw),
        _ => text(value, scratch).map_err(|_| wrong("not a number")),
    }
}

/// A whole number, signed or not, as its 64 bits.
fn whole(value: Value<'_>, scratch: &mut String) -> Result<u64, Refusal> {
    let digits = digits(value, scratch)?;
    if let Ok(number) = digits.parse::<i64>() {
        return Ok(number.cast_unsigned());
    }
    if let Ok(number) = digits.parse::<u64>() {
        return Ok(number);
    }
    // Some senders write whole numbers with an exponent.
    match digits.parse::<f64>() {
        Ok(number) if number.fract() == 0.0 && number.abs() < 9e15 => {
            Ok((number as i64).cast_unsigned())
        }
        _ => Err(wrong("not a whole number of 64 bits")),
    }
}

fn float(value: Value<'_>, scratch: &mut String) -> Result<f64, Refusal> {
    match digits(value, scratch)? {
        "NaN" => Ok(f64::NAN),
        "Infinity" => Ok(f64::INFINITY),
        "-Infinity" => Ok(f64::NEG_INFINITY),
        digits
            if digits
                .bytes()
                .all(|byte| b"+-.eE0123456789".contains(&byte)) =>
        {
            digits.parse().map_err(|_| wrong("not a number"))
        }
        _ => Err(wrong("not a number")),
    }
}

fn unhex(text: &str) -> Result<Vec<u8>, Refusal> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let bytes = pairs
        .iter()
        .map(|[high, low]| u8::try_from(digit(*high)? * 16 + digit(*low)?).ok());
    let bytes: Option<Vec<u8>> = if rest.is_empty() {
        bytes.collect()
    } else {
        None
    };
    bytes.ok_or_else(|| wrong("not hex"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_match_in_both_cases() {
        assert!(is_name("timeUnixNano", "timeUnixNano"));
        assert!(is_name("timeUnixNano", "time_unix_nano"));
        assert!(!is_name("timeUnixNano", "time_unix_nanos"));
        assert!(!is_name("timeUnixNano", "timeunixnano"));
        assert!(!is_name("timeUnixNano", "time_unix"));
    }

    #[test]
    fn numbers_come_as_numbers_and_as_strings() {
        let whole = |text| whole(json::value(text, 1).unwrap(), &mut String::new()).ok();
        assert_eq!(whole("5"), Some(5));
        assert_eq!(whole("\"18446744073709551615\""), Some(u64::MAX));
        assert_eq!(whole("-1"), Some(u64::MAX));
        assert_eq!(whole("1e3"), Some(1000));
        assert_eq!(whole("1.5"), None);
        assert_eq!(whole("true"), None);
        let float = |text| float(json::value(text, 1).unwrap(), &mut String::new()).ok();
        assert_eq!(float("\"-Infinity\""), Some(f64::NEG_INFINITY));
        assert_eq!(float("\"1.5\""), Some(1.5));
        assert_eq!(float("\"nan\""), None);
    }
}
