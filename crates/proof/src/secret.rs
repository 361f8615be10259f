//! Secrets: how they are made, recognised and kept.
//!
//! Each has 256 random bits (a recovery code 80), so a plain hash of it cannot be guessed back and needs no salt and no slow function.

use std::fmt;

use trunkline_model::IdGen;
use trunkline_web::TOKEN_PREFIX;

/// Letters and digits: a double click selects the whole, and no shell or address needs to quote it.
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// What a device's secret begins with, so that scanners find it where it must not be.
pub const DEVICE_PREFIX: &str = "tld_";

/// What a secret begins with by which a device joins.
pub const JOIN_PREFIX: &str = "tlj_";

/// Characters of [`ALPHABET`] that hold 256 bits.
const BODY: usize = 43;

/// Characters of [`ALPHABET`] that hold the 32 bits of a token's checksum.
const CHECKSUM: usize = 6;

/// Letters and digits of recovery codes, without those that look alike.
const RECOVERY_ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// Characters of a recovery code, hyphens left out.
const RECOVERY: usize = 16;

/// Characters of a token that are shown in lists.
const SHOWN: usize = TOKEN_PREFIX.len() + 6;

/// The hash under which a secret is kept. Comparing two takes the same time whether they match or not.
pub type Digest = blake3::Hash;

/// What a secret is for. A secret of one purpose is never good for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// An API token.
    Token,
    /// What a device shows when it connects.
    Device,
    /// What a device shows that is to become one of the fleet.
    Join,
    /// What a device shows that was given a certificate and is to become its owner.
    Ownership,
    /// A session's cookie.
    Session,
    /// A sign-in link.
    Link,
    /// An invitation.
    Invitation,
    /// A link to set a new password.
    Reset,
    /// A code that stands in for an authenticator app once.
    Recovery,
    /// The cookie that binds a sign-in at an issuer to the browser that began it.
    Browser,
}

impl Purpose {
    /// The hash of `text` under this purpose.
    pub fn digest(self, text: &str) -> Digest {
        let context = match self {
            Self::Token => "trunkline 2026-11-24 api token",
            Self::Device => "trunkline 2026-11-26 device secret",
            Self::Join => "trunkline 2026-11-26 join token",
            Self::Ownership => "trunkline 2026-11-26 certificate ownership",
            Self::Session => "trunkline 2026-11-24 session cookie",
            Self::Link => "trunkline 2026-11-24 sign-in link",
            Self::Invitation => "trunkline 2026-11-25 invitation",
            Self::Reset => "trunkline 2026-11-25 password reset",
            Self::Recovery => "trunkline 2026-11-25 recovery code",
            Self::Browser => "trunkline 2026-11-25 browser of a sign-in",
        };
        Digest::from_bytes(blake3::derive_key(context, text.as_bytes()))
    }

    /// Whether `text` can be such a secret at all; a mistyped token is known by its checksum.
    pub fn is_well_formed(self, text: &str) -> bool {
        let body = match self {
            Self::Token => text.strip_prefix(TOKEN_PREFIX).and_then(checked_body),
            Self::Device => text.strip_prefix(DEVICE_PREFIX).and_then(checked_body),
            Self::Join => text.strip_prefix(JOIN_PREFIX).and_then(checked_body),
            Self::Recovery => return is_recovery_code(text),
            _ => Some(text),
        };
        body.is_some_and(|body| {
            body.len() == BODY && body.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
    }

    /// A new secret for this purpose.
    pub fn make(self, ids: &dyn IdGen) -> Secret {
        if self == Self::Recovery {
            return Secret(recovery_code(ids));
        }
        let body = random_text(ids);
        Secret(match self {
            Self::Token => format!("{TOKEN_PREFIX}{body}{}", checksum(&body)),
            Self::Device => format!("{DEVICE_PREFIX}{body}{}", checksum(&body)),
            Self::Join => format!("{JOIN_PREFIX}{body}{}", checksum(&body)),
            _ => body,
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
    pub fn prefix(&self) -> &str {
        self.0.get(..SHOWN).unwrap_or_default()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// The secret with which requests are signed in the name of a token of which only `digest` is kept. Whoever has the token can derive it,
/// and so can the platform; from it, nobody gets at the token.
#[must_use]
pub fn signing_secret(digest: &Digest) -> Secret {
    let context = "trunkline 2026-11-26 secret access key";
    let key = Digest::from_bytes(blake3::derive_key(context, digest.as_bytes()));
    Secret(key.to_hex().to_string())
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

/// Sixteen characters that are not mistaken for one another, in groups of four: 80 bits.
fn recovery_code(ids: &dyn IdGen) -> String {
    let mut bytes = [0; RECOVERY];
    ids.fill_secret(&mut bytes);
    let letters: Vec<char> = bytes
        .iter()
        .map(|byte| char::from(RECOVERY_ALPHABET[usize::from(byte & 31)]))
        .collect();
    let groups: Vec<String> = letters
        .chunks(4)
        .map(|group| group.iter().collect())
        .collect();
    groups.join("-")
}

fn is_recovery_code(text: &str) -> bool {
    text.len() == RECOVERY && text.bytes().all(|byte| RECOVERY_ALPHABET.contains(&byte))
}

/// A recovery code as it was typed, without spaces, hyphens and capitals.
pub fn typed_code(text: &str) -> String {
    text.chars()
        .filter(|letter| !letter.is_whitespace() && *letter != '-')
        .take(64)
        .collect::<String>()
        .to_ascii_lowercase()
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
    fn a_device_shows_no_token_and_a_program_no_device() {
        let device = Purpose::Device.make(&SeededIds::new(6));
        let text = device.reveal();
        assert!(text.starts_with(DEVICE_PREFIX) && Purpose::Device.is_well_formed(text));
        assert!(!Purpose::Token.is_well_formed(text));
        let token = Purpose::Token.make(&SeededIds::new(6));
        assert!(!Purpose::Device.is_well_formed(token.reveal()));
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

    #[test]
    fn a_recovery_code_is_known_however_it_is_typed() {
        let code = Purpose::Recovery.make(&SeededIds::new(6));
        assert_eq!(code.reveal().len(), 19);
        let typed = typed_code(&code.reveal().to_uppercase().replace('-', " "));
        assert!(Purpose::Recovery.is_well_formed(&typed), "{typed}");
        assert_eq!(typed, typed_code(code.reveal()));
        assert!(!Purpose::Recovery.is_well_formed("abcdefghijkmnp0l"));
    }
}
