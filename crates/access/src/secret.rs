//! Secrets: how they are made, recognised and kept.
//!
//! Each has 256 random bits, so a plain hash of it cannot be guessed back and needs no salt and no slow function.

use std::fmt;

use trunkline_model::IdGen;

/// Letters and digits: a double click selects the whole, and no shell or address needs to quote it.
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Characters of [`ALPHABET`] that hold 256 bits.
const BODY: usize = 43;

/// Characters of [`ALPHABET`] that hold the 32 bits of a token's checksum.
const CHECKSUM: usize = 6;

/// What every API token begins with, so that people and secret scanners know one.
const TOKEN_PREFIX: &str = "tl_";

/// Characters of a token that are shown in lists.
const SHOWN: usize = TOKEN_PREFIX.len() + 6;

/// The hash under which a secret is kept. Comparing two takes the same time whether they match or not.
pub(crate) type Digest = blake3::Hash;

/// What a secret is for. A secret of one purpose is never good for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Purpose {
    /// An API token.
    Token,
    /// A session's cookie.
    Session,
    /// A sign-in link.
    Link,
}

impl Purpose {
    /// The hash of `text` under this purpose.
    pub(crate) fn digest(self, text: &str) -> Digest {
        let context = match self {
            Self::Token => "trunkline 2026-11-24 api token",
            Self::Session => "trunkline 2026-11-24 session cookie",
            Self::Link => "trunkline 2026-11-24 sign-in link",
        };
        Digest::from_bytes(blake3::derive_key(context, text.as_bytes()))
    }

    /// Whether `text` can be such a secret at all; a mistyped token is known by its checksum.
    pub(crate) fn is_well_formed(self, text: &str) -> bool {
        let body = match self {
            Self::Token => text.strip_prefix(TOKEN_PREFIX).and_then(checked_body),
            Self::Session | Self::Link => Some(text),
        };
        body.is_some_and(|body| {
            body.len() == BODY && body.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
    }

    /// A new secret for this purpose.
    pub(crate) fn make(self, ids: &dyn IdGen) -> Secret {
        let body = random_text(ids);
        Secret(match self {
            Self::Token => format!("{TOKEN_PREFIX}{body}{}", checksum(&body)),
            Self::Session | Self::Link => body,
        })
    }
}

/// A secret's text. It is shown to its owner once; a log never shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The text itself.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The text that may be shown in lists.
    pub(crate) fn prefix(&self) -> &str {
        self.0.get(..SHOWN).unwrap_or_default()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// Random characters, each equally likely: the two values that six bits have beyond the alphabet are drawn again.
fn random_text(ids: &dyn IdGen) -> String {
    let mut text = String::with_capacity(BODY);
    let mut bytes = [0; 64];
    while text.len() < BODY {
        ids.fill_secret(&mut bytes);
        let letters = bytes
            .iter()
            .filter_map(|byte| ALPHABET.get(usize::from(byte & 63)));
        text.extend(
            letters
                .take(BODY - text.len())
                .map(|letter| char::from(*letter)),
        );
    }
    text
}

fn checksum(body: &str) -> String {
    let hash = blake3::hash(body.as_bytes());
    let mut rest = hash
        .as_bytes()
        .iter()
        .take(4)
        .fold(0, |sum, byte| sum * 256 + u64::from(*byte));
    let letters = (0..CHECKSUM).map(|_| {
        let letter = ALPHABET[(rest % 62) as usize];
        rest /= 62;
        char::from(letter)
    });
    letters.collect()
}

fn checked_body(text: &str) -> Option<&str> {
    let (body, sum) = text.split_at_checked(text.len().checked_sub(CHECKSUM)?)?;
    (checksum(body) == sum).then_some(body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;
    use trunkline_model::{RandomIds, SeededIds};

    #[test]
    fn a_token_has_a_prefix_256_bits_and_a_checksum() {
        let token = Purpose::Token.make(&SeededIds::new(3));
        assert_eq!(token.reveal().len(), 52);
        assert!(Purpose::Token.is_well_formed(token.reveal()));
        assert!(token.reveal().starts_with(token.prefix()) && token.prefix().len() == 9);
        assert_eq!(format!("{token:?}"), "Secret(..)");
    }

    #[test]
    fn every_single_typo_is_noticed() {
        let token = Purpose::Token.make(&SeededIds::new(4));
        for place in 0..token.reveal().len() {
            let mut typo = token.reveal().as_bytes().to_vec();
            typo[place] = if typo[place] == b'x' { b'y' } else { b'x' };
            assert!(
                !Purpose::Token.is_well_formed(std::str::from_utf8(&typo).unwrap()),
                "{place}"
            );
        }
        for text in [
            "",
            "tl_",
            "tl_ü",
            "tl_äöüäöü",
            "x",
            &format!("{}0", token.reveal()),
        ] {
            assert!(!Purpose::Token.is_well_formed(text), "{text}");
        }
    }

    #[test]
    fn purposes_do_not_mix() {
        let session = Purpose::Session.make(&SeededIds::new(5));
        let text = session.reveal();
        assert!(Purpose::Session.is_well_formed(text) && !Purpose::Token.is_well_formed(text));
        let digests =
            [Purpose::Token, Purpose::Session, Purpose::Link].map(|purpose| purpose.digest(text));
        assert_eq!(HashSet::from(digests).len(), 3);
    }

    #[test]
    fn the_whole_alphabet_is_drawn_and_nothing_twice() {
        let texts: HashSet<_> = (0..200).map(|_| random_text(&RandomIds)).collect();
        assert_eq!(texts.len(), 200);
        let letters: HashSet<_> = texts.iter().flat_map(|text| text.bytes()).collect();
        assert_eq!(letters.len(), 62);
    }
}
