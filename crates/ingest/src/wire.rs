//! Reading protobuf in place, for messages of which there are too many to build.

use std::fmt;

/// A message that does not follow the wire format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WireError(&'static str);

impl WireError {
    pub(crate) const fn new(what: &'static str) -> Self {
        Self(what)
    }
}

impl fmt::Display for WireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// The value of a field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Wire<'a> {
    Varint(u64),
    Fixed64(u64),
    Fixed32(u32),
    Bytes(&'a [u8]),
}

impl<'a> Wire<'a> {
    /// The bytes of a message or string; empty for any other type.
    #[inline]
    pub(crate) fn bytes(self) -> &'a [u8] {
        match self {
            Self::Bytes(bytes) => bytes,
            _ => &[],
        }
    }

    /// The text of a string.
    #[inline]
    pub(crate) fn text(self) -> Result<&'a str, WireError> {
        match self {
            Self::Bytes(bytes) => {
                std::str::from_utf8(bytes).map_err(|_| WireError("a string is not UTF-8"))
            }
            _ => Err(WireError("a string has another wire type")),
        }
    }

    /// The number of a double.
    #[inline]
    pub(crate) fn double(self) -> f64 {
        match self {
            Self::Fixed64(bits) => f64::from_bits(bits),
            _ => 0.0,
        }
    }

    /// The number of an integer field that is not zigzag.
    #[inline]
    pub(crate) fn integer(self) -> i64 {
        match self {
            Self::Varint(number) | Self::Fixed64(number) => number.cast_signed(),
            Self::Fixed32(number) => i64::from(number),
            Self::Bytes(_) => 0,
        }
    }

    /// The number of a zigzag field.
    #[inline]
    pub(crate) fn zigzag(self) -> i64 {
        let number = self.integer().cast_unsigned();
        (number >> 1).cast_signed() ^ -(number & 1).cast_signed()
    }
}

/// The fields of a message, one after another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    /// The fields of the message that `bytes` are.
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// How many bytes are still to be read.
    pub(crate) const fn left(&self) -> usize {
        self.0.len()
    }

    /// The next field's number and value.
    #[inline]
    pub(crate) fn next(&mut self) -> Result<Option<(u32, Wire<'a>)>, WireError> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let key = self.varint()?;
        let number =
            u32::try_from(key >> 3).map_err(|_| WireError("a field number is too large"))?;
        if number == 0 {
            return Err(WireError("a field has the number 0"));
        }
        let value = match key & 7 {
            0 => Wire::Varint(self.varint()?),
            1 => Wire::Fixed64(u64::from_le_bytes(self.array()?)),
            2 => {
                let length = usize::try_from(self.varint()?).unwrap_or(usize::MAX);
                Wire::Bytes(self.take(length)?)
            }
            5 => Wire::Fixed32(u32::from_le_bytes(self.array()?)),
            _ => return Err(WireError("a field has an unknown wire type")),
        };
        Ok(Some((number, value)))
    }

    #[inline]
    fn varint(&mut self) -> Result<u64, WireError> {
        let mut number = 0;
        for (at, byte) in self.0.iter().take(10).enumerate() {
            number |= u64::from(byte & 0x7f) << (7 * at);
            if *byte < 0x80 {
                self.0 = self.0.get(at + 1..).unwrap_or_default();
                return Ok(number);
            }
        }
        Err(WireError("a number does not end"))
    }

    #[inline]
    fn take(&mut self, length: usize) -> Result<&'a [u8], WireError> {
        let (taken, rest) = self
            .0
            .split_at_checked(length)
            .ok_or(WireError("a field ends after the message"))?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], WireError> {
        let (taken, rest) = self
            .0
            .split_first_chunk()
            .ok_or(WireError("a field ends after the message"))?;
        self.0 = rest;
        Ok(*taken)
    }
}

/// Hands each number of a repeated varint field to `each`, whether it is packed or stands alone.
pub(crate) fn each_varint(value: Wire<'_>, mut each: impl FnMut(u64)) -> Result<(), WireError> {
    match value {
        Wire::Bytes(bytes) => {
            let mut packed = Fields(bytes);
            while !packed.0.is_empty() {
                each(packed.varint()?);
            }
        }
        other => each(other.integer().cast_unsigned()),
    }
    Ok(())
}

/// Hands each number of a repeated double field to `each`, whether it is packed or stands alone.
pub(crate) fn each_double(value: Wire<'_>, mut each: impl FnMut(f64)) -> Result<(), WireError> {
    match value {
        Wire::Bytes(bytes) => {
            let (numbers, rest) = bytes.as_chunks::<8>();
            if !rest.is_empty() {
                return Err(WireError("packed numbers are cut off"));
            }
            for number in numbers {
                each(f64::from_le_bytes(*number));
            }
        }
        other => each(other.double()),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn zigzag_numbers_keep_their_sign() {
        for (raw, number) in [(0, 0), (1, -1), (2, 1), (3, -2), (u64::MAX, i64::MIN)] {
            assert_eq!(Wire::Varint(raw).zigzag(), number);
        }
    }

    #[test]
    fn faults_are_named() {
        let fault = |bytes: &[u8]| Fields::new(bytes).next().unwrap_err().to_string();
        assert_eq!(fault(&[0x08]), "a number does not end");
        assert_eq!(fault(&[0x0a, 0x05, 0x01]), "a field ends after the message");
        assert_eq!(fault(&[0x0b]), "a field has an unknown wire type");
        assert_eq!(fault(&[0x00, 0x00]), "a field has the number 0");
    }

    proptest! {
        #[test]
        fn any_bytes_end_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut fields = Fields::new(&bytes);
            while let Ok(Some((_, value))) = fields.next() {
                let _sum = value.integer() ^ value.zigzag();
                each_varint(value, |_| {}).ok();
                each_double(value, |_| {}).ok();
            }
        }
    }
}
