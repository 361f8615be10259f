//! One key.

use std::fmt;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use jsonwebtoken::{DecodingKey, EncodingKey};
use serde_json::{Value, json};
use trunkline_model::Timestamp;

use crate::IssuerError;
use crate::secret::{encode, sha256};

/// A key for ES256.
pub(crate) struct Key {
    /// Its name in the header of a token: its RFC 7638 thumbprint.
    pub(crate) id: String,
    /// When it was made.
    pub(crate) created: Timestamp,
    /// When it begins to sign.
    pub(crate) starts: Timestamp,
    pub(crate) private: EncodingKey,
    pub(crate) public: DecodingKey,
    x: String,
    y: String,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl Key {
    /// A new key. Its chance comes from the cryptographic library, which tests itself; a key from a seed would be no key.
    pub(crate) fn make(created: Timestamp, starts: Timestamp) -> Result<Self, IssuerError> {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)
            .map_err(|_| IssuerError::Key)?;
        let document = pair.to_pkcs8v1().map_err(|_| IssuerError::Key)?;
        Self::read(document.as_ref(), created, starts)
    }

    /// The key that is kept as `pkcs8`.
    pub(crate) fn read(
        pkcs8: &[u8],
        created: Timestamp,
        starts: Timestamp,
    ) -> Result<Self, IssuerError> {
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8)
            .map_err(|_| IssuerError::Key)?;
        // An uncompressed point: a 4, then both coordinates of 32 bytes each.
        let point = pair.public_key().as_ref();
        let (x, y) = point
            .get(1..33)
            .zip(point.get(33..65))
            .map(|(x, y)| (encode(x), encode(y)))
            .ok_or(IssuerError::Key)?;
        let canonical = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
        Ok(Self {
            id: encode(&sha256(&[canonical.as_bytes()])),
            created,
            starts,
            private: EncodingKey::from_ec_der(pkcs8),
            public: DecodingKey::from_ec_components(&x, &y).map_err(|_| IssuerError::Key)?,
            x,
            y,
        })
    }

    /// The public half as a JSON Web Key.
    pub(crate) fn to_jwk(&self) -> Value {
        json!({
            "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig",
            "kid": self.id, "x": self.x, "y": self.y,
        })
    }
}
