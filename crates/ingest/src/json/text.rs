//! Strings of JSON and strings of Rust.

use super::scan::{Text, hex4, plain_end};

/// The characters that `text` stands for, written to `buffer` only where it holds an escape.
///
/// None where an escape is not one; the scanner refuses such a text before.
#[inline]
pub(crate) fn unescape<'a>(text: Text<'a>, buffer: &'a mut String) -> Option<&'a str> {
    if !text.escaped {
        return Some(text.raw);
    }
    buffer.clear();
    resolve(text.raw, buffer)?;
    Some(buffer)
}

fn resolve(raw: &str, out: &mut String) -> Option<()> {
    let bytes = raw.as_bytes();
    let mut from = 0;
    while let Some(found) = bytes.get(from..)?.iter().position(|byte| *byte == b'\\') {
        let at = from + found;
        out.push_str(raw.get(from..at)?);
        let (character, length) = one_escape(bytes, at)?;
        out.push(character);
        from = at + length;
    }
    out.push_str(raw.get(from..)?);
    Some(())
}

fn one_escape(bytes: &[u8], at: usize) -> Option<(char, usize)> {
    let plain = match bytes.get(at + 1)? {
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return unicode(bytes, at),
        _ => return None,
    };
    Some((plain, 2))
}

fn unicode(bytes: &[u8], at: usize) -> Option<(char, usize)> {
    let first = hex4(bytes, at + 2)?;
    if !(0xd800..0xdc00).contains(&first) {
        return Some((char::from_u32(first)?, 6));
    }
    let second = hex4(bytes, at + 8)?.checked_sub(0xdc00)?;
    let code = 0x1_0000 + ((first - 0xd800) << 10) + second;
    Some((char::from_u32(code)?, 12))
}

/// Writes `text` to `out` as a JSON string, with its quotes.
#[inline]
pub(crate) fn write_string(text: &str, out: &mut String) {
    out.push('"');
    let bytes = text.as_bytes();
    let mut from = 0;
    loop {
        let to = plain_end(bytes, from);
        out.push_str(text.get(from..to).unwrap_or_default());
        let Some(byte) = bytes.get(to) else { break };
        write_escape(*byte, out);
        from = to + 1;
    }
    out.push('"');
}

fn write_escape(byte: u8, out: &mut String) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    match byte {
        b'"' => out.push_str("\\\""),
        b'\\' => out.push_str("\\\\"),
        b'\n' => out.push_str("\\n"),
        b'\r' => out.push_str("\\r"),
        b'\t' => out.push_str("\\t"),
        _ => {
            out.push_str("\\u00");
            out.push(char::from(HEX[usize::from(byte >> 4)]));
            out.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
}

/// Writes a float to `out` as JSON: a number, or the word that protobuf's JSON has for what is no number.
pub(crate) fn write_float(number: f64, out: &mut String) {
    use std::fmt::Write as _;
    if number.is_nan() {
        out.push_str("\"NaN\"");
    } else if number.is_infinite() {
        out.push_str(if number > 0.0 {
            "\"Infinity\""
        } else {
            "\"-Infinity\""
        });
    } else {
        // Writing to a string cannot fail. The debug form is the shortest that reads back the same.
        let _written = write!(out, "{number:?}");
    }
}

/// Writes a whole number to `out`.
pub(crate) fn write_whole(number: impl std::fmt::Display, out: &mut String) {
    use std::fmt::Write as _;
    // Writing to a string cannot fail.
    let _written = write!(out, "{number}");
}

/// Writes `items` to `out` as an array.
pub(crate) fn write_array<T>(
    items: impl IntoIterator<Item = T>,
    out: &mut String,
    mut write: impl FnMut(T, &mut String),
) {
    out.push('[');
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write(item, out);
    }
    out.push(']');
}

/// Writes an object member by member.
#[derive(Debug)]
pub(crate) struct ObjectWriter<'a> {
    out: &'a mut String,
    empty: bool,
}

impl<'a> ObjectWriter<'a> {
    /// Opens an object at the end of `out`.
    pub(crate) fn open(out: &'a mut String) -> Self {
        out.push('{');
        Self { out, empty: true }
    }

    /// Writes a name; the value is to follow.
    pub(crate) fn name(&mut self, name: &str) -> &mut String {
        if !self.empty {
            self.out.push(',');
        }
        self.empty = false;
        write_string(name, self.out);
        self.out.push(':');
        self.out
    }

    /// Whether it has no member yet.
    pub(crate) const fn is_empty(&self) -> bool {
        self.empty
    }

    /// Closes the object.
    pub(crate) fn close(self) {
        self.out.push('}');
    }
}
