//! Percent encoding.

use std::borrow::Cow;

/// `bytes` with everything but letters, digits and `-_.~` as `%XX`; `/` stays too where `slash` says so.
pub(crate) fn encoded(bytes: &[u8], slash: bool) -> String {
    const DIGITS: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F',
    ];
    let digit = |value: u8| DIGITS.get(usize::from(value)).copied().unwrap_or_default();
    let mut text = String::with_capacity(bytes.len());
    for byte in bytes {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                text.push(char::from(*byte));
            }
            b'/' if slash => text.push('/'),
            byte => text.extend(['%', digit(byte >> 4), digit(byte & 15)]),
        }
    }
    text
}

/// The bytes that a part of a query stands for. `+` is a blank, and a `%` without two digits is itself, as forms are read.
pub(crate) fn decoded(text: &str) -> Cow<'_, [u8]> {
    decode(text, true).0
}

/// The bytes that a part of a path stands for, or of a query, where `+` is a blank (`plus`); nothing where a `%` is without two
/// hexadecimal digits.
#[must_use]
pub fn percent_decoded(text: &str, plus: bool) -> Option<Cow<'_, [u8]>> {
    let (bytes, well_formed) = decode(text, plus);
    well_formed.then_some(bytes)
}

/// The bytes, and whether each `%` has its digits; one without them stands for itself.
fn decode(text: &str, plus: bool) -> (Cow<'_, [u8]>, bool) {
    if !text.contains(['%', '+']) {
        return (Cow::Borrowed(text.as_bytes()), true);
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut well_formed = true;
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let (byte, after) = match (first, after) {
            (b'%', after) => match encoded_byte(after) {
                Some(found) => found,
                None => {
                    well_formed = false;
                    (b'%', after)
                }
            },
            (b'+', after) if plus => (b' ', after),
            (byte, after) => (*byte, after),
        };
        bytes.push(byte);
        rest = after;
    }
    (Cow::Owned(bytes), well_formed)
}

/// The byte of the two digits behind a `%`, and what follows them.
fn encoded_byte(text: &[u8]) -> Option<(u8, &[u8])> {
    let [high, low, after @ ..] = text else {
        return None;
    };
    Some((digit(*high)? << 4 | digit(*low)?, after))
}

fn digit(letter: u8) -> Option<u8> {
    char::from(letter)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_characters_stay() {
        assert_eq!(encoded(b"aZ0-_.~", false), "aZ0-_.~");
        assert_eq!(encoded(b"a/b", true), "a/b");
        assert_eq!(
            encoded("a/ \u{e9}%2f".as_bytes(), false),
            "a%2F%20%C3%A9%252f"
        );
    }

    #[test]
    fn what_is_encoded_is_decoded() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(*decoded(&encoded(&all, false)), *all);
        assert_eq!(*decoded("a+b%2B%2b"), *b"a b++");
        assert_eq!(*decoded("%"), *b"%");
        assert_eq!(*decoded("%4"), *b"%4");
        assert_eq!(*decoded("%zz%41"), *b"%zzA");
        assert_eq!(*decoded("%%41"), *b"%A");
    }

    #[test]
    fn a_percent_sign_without_digits_is_refused_where_so_is_asked() {
        let text = |text, plus| percent_decoded(text, plus).map(Cow::into_owned);
        assert_eq!(text("a%2Fb+c", false).as_deref(), Some(&b"a/b+c"[..]));
        assert_eq!(text("a%2Fb+c", true).as_deref(), Some(&b"a/b c"[..]));
        for bad in ["%", "%4", "%zz%41", "a%%41", "%+1"] {
            assert_eq!(text(bad, false), None, "{bad}");
        }
    }
}
