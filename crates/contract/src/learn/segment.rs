//! Which parts of a path, and which names of properties, are values rather than names.

use serde::{Deserialize, Serialize};

/// What the values of one parameter look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Kind {
    Integer,
    Uuid,
    Text,
}

impl Kind {
    /// What both are.
    pub(super) fn and(self, other: Self) -> Self {
        if self == other { self } else { Self::Text }
    }
}

/// The kind of a text that is a value; nothing for a text that may be a name.
pub(super) fn value(text: &str) -> Option<Kind> {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    if text.is_empty() || is_version(text) {
        return None;
    }
    if digits == text.len() {
        return Some(Kind::Integer);
    }
    if is_uuid(text) {
        return Some(Kind::Uuid);
    }
    let letters = text.bytes().filter(u8::is_ascii_alphabetic).count();
    let hex = text.len() >= 12 && digits > 0 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    // 26 letters and digits are a ULID; long mixed texts are tokens, keys or hashes.
    let ulid = text.len() == 26 && digits > 0 && digits + letters == 26;
    let token = text.len() >= 16 && digits >= 3 && letters > 0;
    // `ord_123`, `user-42`, `2026-11-25`: a name does not end in many digits or begin with them.
    let numbered = digits >= 2 && (digits * 2 >= text.len() || ends_in_number(text));
    let odd = text.len() > 48
        || text.bytes().any(|byte| {
            matches!(byte, b'@' | b'%' | b'+' | b'=' | b',' | b' ') || !byte.is_ascii()
        });
    (hex || ulid || token || numbered || odd).then_some(Kind::Text)
}

fn is_version(text: &str) -> bool {
    let rest = text.strip_prefix(['v', 'V']).unwrap_or_default();
    !rest.is_empty()
        && rest.len() <= 3
        && rest
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.')
}

fn ends_in_number(text: &str) -> bool {
    let tail = text.trim_end_matches(|character: char| character.is_ascii_digit());
    tail.len() < text.len() && tail.ends_with(['-', '_', ':', '.'])
}

pub(super) fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_told_from_names() {
        for text in [
            "42",
            "7f3c9d2e-1b1a-4c7e-9f00-0123456789ab",
            "01ARZ3NDEKTSV4RRFFQ69G5FAV",
            "ord_12345",
            "user-42",
            "a@b.example",
            "2026-11-25",
            "5f4dcc3b5aa765d61d8327de",
        ] {
            assert!(value(text).is_some(), "{text}");
        }
        for text in [
            "orders",
            "v1",
            "v2.1",
            "oauth2",
            "sign-in",
            "line_items",
            "s3",
            "openapi.json",
            "",
        ] {
            assert!(value(text).is_none(), "{text}");
        }
        assert_eq!(value("42"), Some(Kind::Integer));
    }
}
