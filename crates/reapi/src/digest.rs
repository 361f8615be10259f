//! Names of contents.

use std::fmt;

use aws_lc_rs::digest::{Context, SHA256};

use crate::ReapiError;
use crate::message;

/// The SHA-256 of nothing.
const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
/// SHA-256 as a client names it; what names nothing means it.
pub(crate) const FUNCTION: i32 = 1;

/// The name of a content: its SHA-256 and its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Digest {
    pub(crate) hash: String,
    pub(crate) bytes: u64,
}

impl Digest {
    /// The name that `hash` and `bytes` are.
    pub(crate) fn new(hash: &str, bytes: i64) -> Result<Self, ReapiError> {
        let fits = hash.len() == 64
            && hash
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        match u64::try_from(bytes) {
            Ok(bytes) if fits => Ok(Self {
                hash: hash.to_owned(),
                bytes,
            }),
            _ => Err(ReapiError::Argument(
                "a digest is a SHA-256 of 64 lower-case hexadecimal digits, and a number of bytes"
                    .to_owned(),
            )),
        }
    }

    /// The name in a message, which must be there.
    pub(crate) fn read(digest: Option<&message::Digest>) -> Result<Self, ReapiError> {
        let missing = || ReapiError::Argument("a digest is missing".to_owned());
        let digest = digest.ok_or_else(missing)?;
        Self::new(&digest.hash, digest.size_bytes)
    }

    /// Whether it is the name of nothing, which is always there.
    pub(crate) fn is_empty(&self) -> bool {
        self.bytes == 0 && self.hash == EMPTY
    }

    /// The name in a message.
    pub(crate) fn message(&self) -> message::Digest {
        message::Digest {
            hash: self.hash.clone(),
            size_bytes: i64::try_from(self.bytes).unwrap_or(i64::MAX),
        }
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.hash, self.bytes)
    }
}

/// Refuses names that are no SHA-256. Others have as many digits, so that a content would be taken for one that it is not.
pub(crate) fn require_function(function: i32) -> Result<(), ReapiError> {
    if matches!(function, 0 | FUNCTION) {
        return Ok(());
    }
    Err(ReapiError::Argument(
        "contents are named by their SHA-256: start Bazel without `--digest_function`".to_owned(),
    ))
}

/// Refuses an instance: there is one cache, and what is whose follows from the credential.
pub(crate) fn require_no_instance(name: &str) -> Result<(), ReapiError> {
    if name.is_empty() {
        return Ok(());
    }
    Err(ReapiError::Argument(
        "there is one cache without instances: leave `--remote_instance_name` out".to_owned(),
    ))
}

/// Makes a SHA-256 of pieces.
pub(crate) struct Hasher(Context);

impl Hasher {
    pub(crate) fn new() -> Self {
        Self(Context::new(&SHA256))
    }

    pub(crate) fn update(&mut self, piece: &[u8]) {
        self.0.update(piece);
    }

    /// Whether all pieces together have this hash.
    pub(crate) fn is(&self, hash: &str) -> bool {
        let found = self.0.clone().finish();
        let digits = hash.as_bytes().chunks_exact(2);
        let same = |(found, digits): (&u8, &[u8])| digits == format!("{found:02x}").as_bytes();
        found.as_ref().iter().zip(digits).all(same)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_sha_256_in_small_letters() {
        assert!(Digest::new(EMPTY, 0).is_ok_and(|digest| digest.is_empty()));
        assert!(Digest::new(EMPTY, 1).is_ok_and(|digest| !digest.is_empty()));
        for (hash, bytes) in [
            (EMPTY, -1),
            (&EMPTY[1..], 0),
            (&EMPTY.to_uppercase(), 0),
            (&format!("{}é", &EMPTY[2..]), 0),
        ] {
            assert!(Digest::new(hash, bytes).is_err(), "{hash} {bytes}");
        }
    }

    #[test]
    fn a_hash_is_compared_as_a_whole() {
        let mut hasher = Hasher::new();
        assert!(hasher.is(EMPTY));
        assert!(!hasher.is(&EMPTY.replace("855", "856")));
        hasher.update(b"x");
        assert!(!hasher.is(EMPTY));
    }
}
