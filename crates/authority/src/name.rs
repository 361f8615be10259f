//! Names in certificates.

use x509_parser::asn1_rs::Tag;
use x509_parser::objects::{oid_registry, oid2abbrev};
use x509_parser::x509::{AttributeTypeAndValue, X509Name};

use crate::AuthorityError;
use crate::id::hex;

/// The most letters of a common name, and of an organisation's: the bounds of X.520.
const MOST_LETTERS: usize = 64;
/// How many letters of a name stand in an error.
const SHOWN: usize = 80;

/// `name` where it can be a common name.
pub(crate) fn common_name(name: &str) -> Result<&str, AuthorityError> {
    check(name, MOST_LETTERS)
}

/// `name` where it can be that of a workspace, whose authorities have names that are longer by `more` letters.
pub(crate) fn workspace(name: &str, more: usize) -> Result<&str, AuthorityError> {
    check(name, MOST_LETTERS.saturating_sub(more))
}

fn check(name: &str, most: usize) -> Result<&str, AuthorityError> {
    if name.trim().is_empty() {
        Err(wrong(name, "it is empty"))
    } else if name.chars().count() > most {
        Err(wrong(
            name,
            "it is too long: a name in a certificate has 64 letters at most",
        ))
    } else if name.chars().any(char::is_control) {
        Err(wrong(name, "it has control characters"))
    } else {
        Ok(name)
    }
}

pub(crate) fn wrong(name: &str, reason: &'static str) -> AuthorityError {
    AuthorityError::Name {
        name: name.chars().take(SHOWN).collect(),
        reason,
    }
}

/// The first common name.
pub(crate) fn common_name_of(name: &X509Name<'_>) -> Option<String> {
    name.iter_common_name().next().and_then(text)
}

/// The whole name in its own order, with the escapes of RFC 4514, so that no value reads as if it were two.
pub(crate) fn describe(name: &X509Name<'_>) -> String {
    let mut described = String::new();
    for part in name.iter() {
        for (place, attribute) in part.iter().enumerate() {
            if place > 0 {
                described.push('+');
            } else if !described.is_empty() {
                described.push(',');
            }
            let kind = attribute.attr_type();
            match oid2abbrev(kind, oid_registry()) {
                Ok(short) => described.push_str(short),
                Err(_) => described.push_str(&kind.to_id_string()),
            }
            described.push('=');
            match text(attribute) {
                Some(text) => escape(&text, &mut described),
                None => {
                    described.push('#');
                    described.push_str(&hex(attribute.as_slice()));
                }
            }
        }
    }
    described
}

fn text(attribute: &AttributeTypeAndValue<'_>) -> Option<String> {
    if let Ok(text) = attribute.as_str() {
        return Some(text.to_owned());
    }
    if attribute.attr_value().tag() != Tag::BmpString {
        return None;
    }
    let (pairs, []) = attribute.as_slice().as_chunks::<2>() else {
        return None;
    };
    let units: Vec<u16> = pairs.iter().map(|pair| u16::from_be_bytes(*pair)).collect();
    String::from_utf16(&units).ok()
}

fn escape(text: &str, out: &mut String) {
    let last = text.chars().count().saturating_sub(1);
    for (place, letter) in text.chars().enumerate() {
        let at_the_edge =
            (letter == ' ' && (place == 0 || place == last)) || (letter == '#' && place == 0);
        if at_the_edge || matches!(letter, ',' | '+' | '"' | '\\' | '<' | '>' | ';' | '=') {
            out.push('\\');
            out.push(letter);
        } else if letter.is_control() {
            let mut bytes = [0; 4];
            for byte in letter.encode_utf8(&mut bytes).bytes() {
                out.push('\\');
                out.push_str(&hex(&[byte]));
            }
        } else {
            out.push(letter);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_neither_empty_nor_long_nor_odd() {
        assert_eq!(common_name("pump-7").unwrap(), "pump-7");
        assert!(common_name(&"\u{e9}".repeat(64)).is_ok());
        for bad in ["", " ", "a\nb", "a\0", &"a".repeat(65)] {
            assert!(common_name(bad).is_err(), "{bad}");
        }
        assert!(workspace(&"a".repeat(50), 14).is_ok());
        assert!(workspace(&"a".repeat(51), 14).is_err());
    }

    #[test]
    fn a_value_cannot_pretend_to_be_two() {
        let mut out = String::new();
        escape("a, CN=b\n", &mut out);
        assert_eq!(out, "a\\, CN\\=b\\0a");
        out.clear();
        escape(" #x ", &mut out);
        assert_eq!(out, "\\ #x\\ ");
    }
}
