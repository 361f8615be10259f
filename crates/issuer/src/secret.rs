//! Secrets: how they are made and kept.
//!
//! Each has 256 random bits, so a plain hash of it cannot be guessed back and needs no salt and no slow function.

use std::fmt;

use aws_lc_rs::{constant_time, digest, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use trunkline_model::IdGen;

/// The hash under which a secret is kept.
pub(crate) type Digest = [u8; 32];

/// What a secret is for. A secret of one purpose is never good for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A client's own secret.
    Client,
    /// An authorization code.
    Code,
    /// A refresh token.
    Refresh,
    /// What a device polls with.
    Device,
    /// A person's session, of which only a hash is kept beside a page.
    Session,
}

impl Purpose {
    /// What every such secret begins with, so that people and secret scanners know one.
    const fn prefix(self) -> &'static str {
        match self {
            Self::Client => "tlc_",
            Self::Code => "tla_",
            Self::Refresh => "tlr_",
            Self::Device => "tld_",
            Self::Session => "",
        }
    }

    /// The hash of `text` under this purpose.
    pub(crate) fn digest(self, text: &str) -> Digest {
        let context = match self {
            Self::Client => "trunkline issuer client\0",
            Self::Code => "trunkline issuer code\0",
            Self::Refresh => "trunkline issuer refresh\0",
            Self::Device => "trunkline issuer device\0",
            Self::Session => "trunkline issuer session\0",
        };
        sha256(&[context.as_bytes(), text.as_bytes()])
    }

    /// A new secret for this purpose.
    pub(crate) fn make(self, ids: &dyn IdGen) -> Secret {
        let mut bytes = [0; 32];
        ids.fill_secret(&mut bytes);
        Secret(format!("{}{}", self.prefix(), encode(&bytes)))
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
        self.0.get(..10).unwrap_or_default()
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// A key for the forms of this process's pages; it dies with the process.
pub(crate) struct FormKey(hmac::Key);

impl fmt::Debug for FormKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FormKey(..)")
    }
}

impl FormKey {
    pub(crate) fn new(ids: &dyn IdGen) -> Self {
        let mut bytes = [0; 32];
        ids.fill_secret(&mut bytes);
        Self(hmac::Key::new(hmac::HMAC_SHA256, &bytes))
    }

    /// What a page puts into its form, so that only this page of this session, for this request, can be sent back.
    pub(crate) fn seal(&self, cookie: &str, page: &str, request: &str, until: i64) -> String {
        let text = Self::text(cookie, page, request, until);
        format!("{until}.{}", encode(hmac::sign(&self.0, &text).as_ref()))
    }

    /// Whether `seal` came from [`Self::seal`] with the same words and is not too old.
    pub(crate) fn holds(
        &self,
        seal: &str,
        cookie: &str,
        page: &str,
        request: &str,
        now: i64,
    ) -> bool {
        let Some((until, tag)) = seal.split_once('.') else {
            return false;
        };
        let (Ok(until), Ok(tag)) = (until.parse::<i64>(), URL_SAFE_NO_PAD.decode(tag)) else {
            return false;
        };
        let text = Self::text(cookie, page, request, until);
        hmac::verify(&self.0, &text, &tag).is_ok() && until > now
    }

    fn text(cookie: &str, page: &str, request: &str, until: i64) -> Vec<u8> {
        let mut text = Purpose::Session.digest(cookie).to_vec();
        text.extend(until.to_be_bytes());
        text.extend(sha256(&[page.as_bytes()]));
        text.extend(sha256(&[request.as_bytes()]));
        text
    }
}

/// The SHA-256 of `parts`, one after the other.
pub(crate) fn sha256(parts: &[&[u8]]) -> Digest {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(part);
    }
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    hash
}

/// `bytes` in base64 for URLs, without padding.
pub(crate) fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Whether two texts are the same, in a time that does not depend on where they differ.
pub(crate) fn same(a: &[u8], b: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(a, b).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use trunkline_model::SeededIds;

    #[test]
    fn a_secret_is_long_named_and_never_shown() {
        let secret = Purpose::Client.make(&SeededIds::new(1));
        assert!(secret.reveal().starts_with("tlc_") && secret.reveal().len() == 47);
        assert_eq!(format!("{secret:?}"), "Secret(..)");
        assert_ne!(
            Purpose::Client.digest(secret.reveal()),
            Purpose::Code.digest(secret.reveal())
        );
    }

    #[test]
    fn a_seal_holds_for_its_session_page_request_and_time_alone() {
        let key = FormKey::new(&SeededIds::new(2));
        let seal = key.seal("cookie", "consent", "a=1", 100);
        assert!(key.holds(&seal, "cookie", "consent", "a=1", 99));
        assert!(!key.holds(&seal, "cookie", "consent", "a=1", 100));
        assert!(!key.holds(&seal, "other", "consent", "a=1", 99));
        assert!(!key.holds(&seal, "cookie", "device", "a=1", 99));
        assert!(!key.holds(&seal, "cookie", "consent", "a=2", 99));
        let later = seal.replacen("100.", "900.", 1);
        assert!(!key.holds(&later, "cookie", "consent", "a=1", 99));
        for broken in ["", ".", "100.", "100.AAAA", "x.y"] {
            assert!(
                !key.holds(broken, "cookie", "consent", "a=1", 99),
                "{broken}"
            );
        }
    }
}
