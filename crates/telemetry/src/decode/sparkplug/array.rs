//! Arrays, which travel as packed bytes, the lowest first.

use super::datatype::{Datatype, moment};
use crate::limits::Limits;
use crate::value::Value;

/// The elements of an array; nothing where `datatype` is none of arrays.
pub(super) fn array(datatype: Datatype, bytes: &[u8], limits: &Limits) -> Option<Value<'static>> {
    let elements = match datatype {
        Datatype::Int8Array => packed(bytes, |bytes| integer(i8::from_le_bytes(bytes))),
        Datatype::Int16Array => packed(bytes, |bytes| integer(i16::from_le_bytes(bytes))),
        Datatype::Int32Array => packed(bytes, |bytes| integer(i32::from_le_bytes(bytes))),
        Datatype::Int64Array => packed(bytes, |bytes| integer(i64::from_le_bytes(bytes))),
        Datatype::UInt8Array => packed(bytes, |bytes| integer(u8::from_le_bytes(bytes))),
        Datatype::UInt16Array => packed(bytes, |bytes| integer(u16::from_le_bytes(bytes))),
        Datatype::UInt32Array => packed(bytes, |bytes| integer(u32::from_le_bytes(bytes))),
        Datatype::UInt64Array => packed(bytes, |bytes| integer(u64::from_le_bytes(bytes))),
        Datatype::FloatArray => packed(bytes, |bytes| {
            Value::Float(f32::from_le_bytes(bytes).into())
        }),
        Datatype::DoubleArray => packed(bytes, |bytes| Value::Float(f64::from_le_bytes(bytes))),
        Datatype::DateTimeArray => packed(bytes, |bytes| moment(u64::from_le_bytes(bytes))),
        Datatype::BooleanArray => truths(bytes, limits.elements),
        Datatype::StringArray => texts(bytes),
        _ => return None,
    };
    Some(match elements {
        Some(elements) if elements.len() <= limits.elements => Value::Array(elements),
        Some(_) => Value::Broken(format!(
            "the array has more than {} elements",
            limits.elements
        )),
        None => Value::Broken(format!("the bytes are no {}", datatype.name())),
    })
}

fn integer(number: impl Into<i128>) -> Value<'static> {
    Value::Integer(number.into())
}

fn packed<const N: usize>(
    bytes: &[u8],
    read: impl Fn([u8; N]) -> Value<'static>,
) -> Option<Vec<Value<'static>>> {
    let (elements, rest) = bytes.as_chunks::<N>();
    rest.is_empty()
        .then(|| elements.iter().copied().map(read).collect())
}

/// How many there are, in four bytes, and then a bit for each, the highest of a byte first.
fn truths(bytes: &[u8], most: usize) -> Option<Vec<Value<'static>>> {
    let (count, bits) = bytes.split_first_chunk::<4>()?;
    let count = usize::try_from(u32::from_le_bytes(*count)).ok()?;
    if bits.len() != count.div_ceil(8) {
        return None;
    }
    let truths = bits
        .iter()
        .flat_map(|byte| (0..8).map(move |bit| Value::Boolean(byte << bit & 0x80 != 0)));
    // One more than may be is enough to see that there are too many.
    Some(truths.take(count.min(most + 1)).collect())
}

/// Each text ends with a zero.
fn texts(bytes: &[u8]) -> Option<Vec<Value<'static>>> {
    let mut texts: Vec<&[u8]> = bytes.split(|byte| *byte == 0).collect();
    if !texts.pop()?.is_empty() {
        return None;
    }
    texts
        .into_iter()
        .map(|text| {
            let text = std::str::from_utf8(text).ok()?;
            Some(Value::Text(text.to_owned().into()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use trunkline_model::Timestamp;

    fn read(datatype: Datatype, bytes: &[u8]) -> Value<'static> {
        array(datatype, bytes, &Limits::default()).unwrap()
    }

    fn integers(numbers: &[i128]) -> Value<'static> {
        Value::Array(numbers.iter().copied().map(Value::Integer).collect())
    }

    #[test]
    fn elements_have_the_width_and_the_sign_of_their_type() {
        for (datatype, bytes, wanted) in [
            (Datatype::Int8Array, &b"\xef\x7b"[..], vec![-17, 123]),
            (Datatype::UInt8Array, b"\x17\xfa", vec![23, 250]),
            (
                Datatype::Int16Array,
                b"\x30\x8a\x2a\x73",
                vec![-30_160, 29_482],
            ),
            (Datatype::UInt16Array, b"\x1e\x00\x88\xcc", vec![30, 52_360]),
            (Datatype::Int32Array, b"\xff\xff\xff\xff", vec![-1]),
            (
                Datatype::UInt32Array,
                b"\xff\xff\xff\xff",
                vec![4_294_967_295],
            ),
            (Datatype::Int64Array, &[0xff; 8], vec![-1]),
            (Datatype::UInt64Array, &[0xff; 8], vec![u64::MAX.into()]),
        ] {
            assert_eq!(read(datatype, bytes), integers(&wanted), "{datatype:?}");
        }
        let float = read(Datatype::FloatArray, b"\x00\x00\xc0\x3f");
        assert_eq!(float, Value::Array(vec![Value::Float(1.5)]));
        let double = read(Datatype::DoubleArray, &0.1_f64.to_le_bytes());
        assert_eq!(double, Value::Array(vec![Value::Float(0.1)]));
        let time = read(Datatype::DateTimeArray, &1_500_u64.to_le_bytes());
        assert_eq!(
            time,
            Value::Array(vec![Value::Time(Timestamp::from_millis(1_500))])
        );
    }

    #[test]
    fn truths_are_bits_and_texts_end_with_a_zero() {
        let wanted = [
            false, false, true, true, false, true, false, false, true, true, false, true,
        ];
        assert_eq!(
            read(Datatype::BooleanArray, b"\x0c\0\0\0\x34\xd0"),
            Value::Array(wanted.map(Value::Boolean).into())
        );
        assert_eq!(
            read(Datatype::StringArray, b"ABC\0\0hello\0"),
            Value::Array(vec![
                Value::text("ABC"),
                Value::text(""),
                Value::text("hello")
            ])
        );
        assert_eq!(read(Datatype::StringArray, b""), Value::Array(vec![]));
    }

    #[test]
    fn other_bytes_are_broken() {
        for (datatype, bytes) in [
            (Datatype::Int16Array, &b"\0"[..]),
            (Datatype::BooleanArray, b"\x01\0\0"),
            (Datatype::BooleanArray, b"\x01\0\0\0"),
            (Datatype::BooleanArray, b"\xff\xff\xff\xff\0"),
            (Datatype::StringArray, b"abc"),
            (Datatype::StringArray, b"\xff\0"),
            (Datatype::Int8Array, &[0; 10_001]),
            (
                Datatype::BooleanArray,
                &[&b"\x20\x4e\0\0"[..], &[0; 2_500]].concat(),
            ),
        ] {
            assert!(
                matches!(read(datatype, bytes), Value::Broken(_)),
                "{datatype:?}"
            );
        }
        assert_eq!(array(Datatype::Bytes, b"", &Limits::default()), None);
    }
}
