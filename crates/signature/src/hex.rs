//! Bytes as pairs of hexadecimal digits.

/// `bytes` in lower case.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(value.into(), 16).unwrap_or_default();
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}

/// The 32 bytes that 64 digits in lower case stand for.
pub(crate) fn bytes(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 64 {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let [high, low] = pair else { return None };
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(bytes)
}

const fn digit(letter: u8) -> Option<u8> {
    match letter {
        b'0'..=b'9' => Some(letter - b'0'),
        b'a'..=b'f' => Some(letter - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_read_as_they_are_written() {
        let all: [u8; 32] = std::array::from_fn(|place| (place * 8 + 7) as u8);
        assert_eq!(bytes(&hex(&all)), Some(all));
        assert_eq!(hex(&[0, 0x1f, 0xa0]), "001fa0");
        for bad in [
            "",
            "00",
            &"G".repeat(64),
            &"A".repeat(64),
            &"0".repeat(63),
            &"0".repeat(65),
            &"\u{e9}".repeat(32),
        ] {
            assert_eq!(bytes(bad), None, "{bad}");
        }
    }
}
