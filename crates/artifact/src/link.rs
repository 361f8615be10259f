//! Links by which devices download without any other credential.

use std::fmt;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use trunkline_model::Timestamp;
use url::form_urlencoded::byte_serialize;

use crate::{Artifact, ArtifactError};

/// What a seal is for, so that the key could never be used for something else by mistake.
const PURPOSE: &str = "trunkline artifact link 1";

/// Where a device finds an artifact, and what it must be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Link {
    /// Where it is, for this device and for a while.
    pub url: String,
    /// The SHA-256 of its content, in lower-case hexadecimal digits.
    pub sha256: String,
    /// The signature over its content in base64: ECDSA on the curve P-256 with SHA-256, as DER.
    pub signature: String,
    /// How many bytes it has.
    pub bytes: u64,
    /// Until when the address is good.
    #[serde(skip)]
    pub expires: Timestamp,
}

/// Seals links.
pub(crate) struct LinkKey(hmac::Key);

impl fmt::Debug for LinkKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkKey(..)")
    }
}

impl LinkKey {
    pub(crate) fn new(secret: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret))
    }

    /// The link to `artifact` under `base` for one thing, until this second.
    pub(crate) fn link(&self, base: &str, artifact: &Artifact, thing: &str, expires: i64) -> Link {
        let seal = hmac::sign(&self.0, &text(artifact, thing, expires));
        let (name, version) = (&artifact.name, &artifact.version);
        let thing: String = byte_serialize(thing.as_bytes()).collect();
        let seal = URL_SAFE_NO_PAD.encode(seal);
        Link {
            url: format!(
                "{base}/ota/{name}/{version}?thing={thing}&expires={expires}&signature={seal}"
            ),
            sha256: artifact.sha256.clone(),
            signature: artifact.signature.clone(),
            bytes: artifact.bytes,
            expires: second(expires),
        }
    }

    /// Whether a link to `artifact` was made here and is good at `now`. How long that takes does not depend on what is wrong with the seal.
    ///
    /// # Errors
    /// [`ArtifactError::Link`] where it was not made here like that, [`ArtifactError::LinkEnded`] where it was.
    pub(crate) fn check(
        &self,
        artifact: &Artifact,
        thing: &str,
        expires: i64,
        seal: &str,
        now: Timestamp,
    ) -> Result<(), ArtifactError> {
        let seal = URL_SAFE_NO_PAD
            .decode(seal)
            .map_err(|_| ArtifactError::Link)?;
        hmac::verify(&self.0, &text(artifact, thing, expires), &seal)
            .map_err(|_| ArtifactError::Link)?;
        if now >= second(expires) {
            return Err(ArtifactError::LinkEnded(second(expires)));
        }
        Ok(())
    }
}

const fn second(seconds: i64) -> Timestamp {
    Timestamp::from_micros(seconds.saturating_mul(1_000_000))
}

/// What is sealed. Each part follows its length, so that no two links have the same text. The content is a part of it: a link to what was
/// removed never leads to what came later under the same version.
fn text(artifact: &Artifact, thing: &str, expires: i64) -> Vec<u8> {
    let Artifact {
        name,
        version,
        sha256,
        ..
    } = artifact;
    let mut text = Vec::new();
    for part in [PURPOSE, name, version, sha256, thing] {
        text.extend((part.len() as u64).to_be_bytes());
        text.extend(part.as_bytes());
    }
    text.extend(expires.to_be_bytes());
    text
}
