//! Numbers, texts and times. On the wire all whole numbers are unsigned: only the data type tells what they are.

use super::message::{DataKind, ParameterKind};
use crate::time_format::TimeFormat;
use crate::value::Value;

/// A data type. The order is that of the numbers on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Datatype {
    Unknown,
    Int8,
    Int16,
    Int32,
    Int64,
    UInt8,
    UInt16,
    UInt32,
    UInt64,
    Float,
    Double,
    Boolean,
    String,
    DateTime,
    Text,
    Uuid,
    DataSet,
    Bytes,
    File,
    Template,
    PropertySet,
    PropertySetList,
    Int8Array,
    Int16Array,
    Int32Array,
    Int64Array,
    UInt8Array,
    UInt16Array,
    UInt32Array,
    UInt64Array,
    FloatArray,
    DoubleArray,
    BooleanArray,
    StringArray,
    DateTimeArray,
}

/// All of them with the names that the specification gives them.
const ALL: [(Datatype, &str); 35] = [
    (Datatype::Unknown, "Unknown"),
    (Datatype::Int8, "Int8"),
    (Datatype::Int16, "Int16"),
    (Datatype::Int32, "Int32"),
    (Datatype::Int64, "Int64"),
    (Datatype::UInt8, "UInt8"),
    (Datatype::UInt16, "UInt16"),
    (Datatype::UInt32, "UInt32"),
    (Datatype::UInt64, "UInt64"),
    (Datatype::Float, "Float"),
    (Datatype::Double, "Double"),
    (Datatype::Boolean, "Boolean"),
    (Datatype::String, "String"),
    (Datatype::DateTime, "DateTime"),
    (Datatype::Text, "Text"),
    (Datatype::Uuid, "UUID"),
    (Datatype::DataSet, "DataSet"),
    (Datatype::Bytes, "Bytes"),
    (Datatype::File, "File"),
    (Datatype::Template, "Template"),
    (Datatype::PropertySet, "PropertySet"),
    (Datatype::PropertySetList, "PropertySetList"),
    (Datatype::Int8Array, "Int8Array"),
    (Datatype::Int16Array, "Int16Array"),
    (Datatype::Int32Array, "Int32Array"),
    (Datatype::Int64Array, "Int64Array"),
    (Datatype::UInt8Array, "UInt8Array"),
    (Datatype::UInt16Array, "UInt16Array"),
    (Datatype::UInt32Array, "UInt32Array"),
    (Datatype::UInt64Array, "UInt64Array"),
    (Datatype::FloatArray, "FloatArray"),
    (Datatype::DoubleArray, "DoubleArray"),
    (Datatype::BooleanArray, "BooleanArray"),
    (Datatype::StringArray, "StringArray"),
    (Datatype::DateTimeArray, "DateTimeArray"),
];

impl Datatype {
    /// The type with this number. One that is missing is unknown.
    ///
    /// # Errors
    /// The specification has no such number.
    pub(super) fn of(number: Option<u32>) -> Result<Self, String> {
        let number = number.unwrap_or_default();
        let found = usize::try_from(number)
            .ok()
            .and_then(|place| ALL.get(place));
        found
            .map(|(datatype, _)| *datatype)
            .ok_or_else(|| format!("there is no data type {number}"))
    }

    /// Its name in the specification.
    pub(super) fn name(self) -> &'static str {
        ALL.get(self as usize).map_or("Unknown", |(_, name)| name)
    }
}

/// A simple value on the wire.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Scalar {
    Int(u32),
    Long(u64),
    Float(f32),
    Double(f64),
    Boolean(bool),
    Text(String),
}

impl Scalar {
    const fn name(&self) -> &'static str {
        match self {
            Self::Int(_) => "a whole number of 32 bits",
            Self::Long(_) => "a whole number of 64 bits",
            Self::Float(_) | Self::Double(_) => "a float",
            Self::Boolean(_) => "true or false",
            Self::Text(_) => "a text",
        }
    }

    const fn whole(&self) -> Option<u64> {
        match self {
            Self::Int(number) => Some(*number as u64),
            Self::Long(number) => Some(*number),
            _ => None,
        }
    }

    /// What it says as a value of the type `datatype`.
    pub(super) fn value(self, datatype: Datatype) -> Value<'static> {
        let no = |scalar: &Self| {
            let (kind, what) = (datatype.name(), scalar.name());
            Value::Broken(format!("the data type is {kind}, and the value is {what}"))
        };
        match (datatype, self) {
            (Datatype::Float | Datatype::Double | Datatype::Unknown, Self::Float(number)) => {
                Value::Float(number.into())
            }
            (Datatype::Float | Datatype::Double | Datatype::Unknown, Self::Double(number)) => {
                Value::Float(number)
            }
            (Datatype::Boolean | Datatype::Unknown, Self::Boolean(truth)) => Value::Boolean(truth),
            (
                Datatype::String | Datatype::Text | Datatype::Uuid | Datatype::Unknown,
                Self::Text(text),
            ) => Value::Text(text.into()),
            (Datatype::Unknown, _) => Value::Broken(
                "the data type of the number is not known: the birth that tells it was not seen"
                    .into(),
            ),
            (datatype, scalar) => match scalar.whole() {
                Some(number) => whole(datatype, number).unwrap_or_else(|| no(&scalar)),
                None => no(&scalar),
            },
        }
    }
}

/// A whole number in the width and with the sign of its type; nothing where the type is none of whole numbers.
fn whole(datatype: Datatype, number: u64) -> Option<Value<'static>> {
    Some(match datatype {
        Datatype::Int8 => signed(8, number, datatype),
        Datatype::Int16 => signed(16, number, datatype),
        Datatype::Int32 => signed(32, number, datatype),
        Datatype::Int64 => Value::Integer((number as i64).into()),
        Datatype::UInt8 => unsigned(u8::MAX.into(), number, datatype),
        Datatype::UInt16 => unsigned(u16::MAX.into(), number, datatype),
        Datatype::UInt32 => unsigned(u32::MAX.into(), number, datatype),
        Datatype::UInt64 => unsigned(u64::MAX, number, datatype),
        Datatype::DateTime => moment(number),
        _ => return None,
    })
}

/// A time in milliseconds since 1970.
pub(super) fn moment(millis: u64) -> Value<'static> {
    TimeFormat::Milliseconds.whole(millis.into()).map_or_else(
        || {
            Value::Broken(format!(
                "{millis} milliseconds after 1970 is no time that can be stored"
            ))
        },
        Value::Time,
    )
}

fn unsigned(most: u64, number: u64, datatype: Datatype) -> Value<'static> {
    if number <= most {
        Value::Integer(number.into())
    } else {
        out_of_range(number, datatype)
    }
}

/// Some write a negative number in the bits of its type, others in 32 or 64 bits; each is told by its size.
fn signed(bits: u32, number: u64, datatype: Datatype) -> Value<'static> {
    let shift = u64::BITS - bits;
    let own = ((number << shift) as i64) >> shift;
    let written = [
        (number >> bits == 0).then_some(own),
        u32::try_from(number)
            .ok()
            .map(|number| i64::from(number as i32)),
        Some(number as i64),
    ];
    let least = -(1_i64 << (bits - 1));
    let found = written
        .into_iter()
        .flatten()
        .find(|found| *found == own && *found >= least);
    match found {
        Some(found) => Value::Integer(found.into()),
        None => out_of_range(number, datatype),
    }
}

fn out_of_range(number: u64, datatype: Datatype) -> Value<'static> {
    Value::Broken(format!("the number {number} is no {}", datatype.name()))
}

impl From<DataKind> for Scalar {
    fn from(kind: DataKind) -> Self {
        match kind {
            DataKind::Int(number) => Self::Int(number),
            DataKind::Long(number) => Self::Long(number),
            DataKind::Float(number) => Self::Float(number),
            DataKind::Double(number) => Self::Double(number),
            DataKind::Boolean(truth) => Self::Boolean(truth),
            DataKind::Text(text) => Self::Text(text),
        }
    }
}

impl From<ParameterKind> for Scalar {
    fn from(kind: ParameterKind) -> Self {
        match kind {
            ParameterKind::Int(number) => Self::Int(number),
            ParameterKind::Long(number) => Self::Long(number),
            ParameterKind::Float(number) => Self::Float(number),
            ParameterKind::Double(number) => Self::Double(number),
            ParameterKind::Boolean(truth) => Self::Boolean(truth),
            ParameterKind::Text(text) => Self::Text(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use trunkline_model::Timestamp;

    #[test]
    fn the_numbers_are_those_of_the_specification() {
        for (number, name) in [
            (0, "Unknown"),
            (1, "Int8"),
            (8, "UInt64"),
            (13, "DateTime"),
            (19, "Template"),
            (22, "Int8Array"),
            (34, "DateTimeArray"),
        ] {
            assert_eq!(Datatype::of(Some(number)).map(Datatype::name), Ok(name));
        }
        for (place, (datatype, _)) in ALL.into_iter().enumerate() {
            assert_eq!(datatype as usize, place);
        }
        assert_eq!(Datatype::of(None), Ok(Datatype::Unknown));
        assert!(Datatype::of(Some(35)).is_err());
    }

    #[test]
    fn negative_numbers_keep_their_sign_in_every_width() {
        for (datatype, scalar, wanted) in [
            (Datatype::Int8, Scalar::Int(0xff), -1),
            (Datatype::Int8, Scalar::Int(0xffff_ff80), -128),
            (Datatype::Int8, Scalar::Long(u64::MAX), -1),
            (Datatype::Int8, Scalar::Int(127), 127),
            (Datatype::Int16, Scalar::Int(0x8000), -32_768),
            (Datatype::Int16, Scalar::Int(0xffff_fffe), -2),
            (Datatype::Int32, Scalar::Int(u32::MAX), -1),
            (
                Datatype::Int32,
                Scalar::Long(0xffff_ffff_8000_0000),
                i64::from(i32::MIN),
            ),
            (
                Datatype::Int32,
                Scalar::Int(i32::MAX as u32),
                i64::from(i32::MAX),
            ),
            (Datatype::Int64, Scalar::Long(u64::MAX), -1),
            (Datatype::Int64, Scalar::Long(i64::MIN as u64), i64::MIN),
            (Datatype::UInt32, Scalar::Long(4_294_967_295), 4_294_967_295),
        ] {
            let value = scalar.clone().value(datatype);
            assert_eq!(
                value,
                Value::Integer(wanted.into()),
                "{datatype:?} {scalar:?}"
            );
        }
        assert_eq!(
            Scalar::Long(u64::MAX).value(Datatype::UInt64),
            Value::Integer(u64::MAX.into())
        );
    }

    #[test]
    fn what_the_type_does_not_hold_is_broken() {
        for (datatype, scalar) in [
            (Datatype::Int8, Scalar::Int(0x100)),
            (Datatype::Int8, Scalar::Int(0xffff_ff7f)),
            (Datatype::Int16, Scalar::Int(0x1_0000)),
            (Datatype::Int32, Scalar::Long(0x1_0000_0000)),
            (Datatype::UInt8, Scalar::Int(256)),
            (Datatype::UInt16, Scalar::Long(65_536)),
            (Datatype::UInt32, Scalar::Long(0x1_0000_0000)),
            (Datatype::DateTime, Scalar::Long(u64::MAX)),
            (Datatype::Boolean, Scalar::Int(1)),
            (Datatype::String, Scalar::Int(1)),
            (Datatype::Int32, Scalar::Text("1".into())),
            (Datatype::Bytes, Scalar::Long(1)),
            (Datatype::Unknown, Scalar::Int(1)),
        ] {
            let value = scalar.clone().value(datatype);
            assert!(
                matches!(value, Value::Broken(_)),
                "{datatype:?} {scalar:?} {value:?}"
            );
        }
    }

    #[test]
    fn other_values_are_themselves() {
        for (datatype, scalar, wanted) in [
            (Datatype::Float, Scalar::Float(12.5), Value::Float(12.5)),
            (Datatype::Double, Scalar::Double(0.1), Value::Float(0.1)),
            (Datatype::Unknown, Scalar::Float(1.0), Value::Float(1.0)),
            (
                Datatype::Boolean,
                Scalar::Boolean(true),
                Value::Boolean(true),
            ),
            (Datatype::Uuid, Scalar::Text("u".into()), Value::text("u")),
            (
                Datatype::DateTime,
                Scalar::Long(1_500),
                Value::Time(Timestamp::from_millis(1_500)),
            ),
        ] {
            assert_eq!(scalar.value(datatype), wanted);
        }
    }
}
