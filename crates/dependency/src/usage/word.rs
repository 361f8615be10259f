//! Words of a text.

/// The words of `text` whose bytes are all a part of one, with their places. Bytes beyond ASCII are never a part.
pub(super) fn words(text: &str, is_part: fn(u8) -> bool) -> impl Iterator<Item = (usize, &str)> {
    let bytes = text.as_bytes();
    let part = move |byte: &u8| byte.is_ascii() && is_part(*byte);
    let mut place = 0;
    std::iter::from_fn(move || {
        let start = place + bytes.get(place..)?.iter().position(part)?;
        let length = bytes[start..].iter().position(|byte| !part(byte));
        let end = length.map_or(bytes.len(), |length| start + length);
        place = end;
        Some((start, &text[start..end]))
    })
}

pub(super) const fn is_identifier(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// A part of the name of a package or of a path.
pub(super) const fn is_name(byte: u8) -> bool {
    is_identifier(byte) || matches!(byte, b'-' | b'.' | b'/' | b'@' | b'~')
}

/// `text` with spaces for the bytes of `ranges`; ends of lines stay.
pub(super) struct Mask {
    bytes: Vec<u8>,
}

impl Mask {
    pub(super) fn new(text: &str) -> Self {
        Self {
            bytes: text.as_bytes().to_vec(),
        }
    }

    pub(super) fn hide(&mut self, start: usize, end: usize) {
        let end = end.min(self.bytes.len());
        for byte in self.bytes.get_mut(start..end).into_iter().flatten() {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
    }

    pub(super) fn text(self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_have_places() {
        let found: Vec<_> = words("a_b, ü@s/c-d.", is_name).collect();
        assert_eq!(found, [(0, "a_b"), (7, "@s/c-d.")]);
    }
}
