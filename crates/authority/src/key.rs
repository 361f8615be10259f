//! The kinds of public keys.

use std::fmt;

use x509_parser::oid_registry::{
    OID_EC_P256, OID_KEY_TYPE_EC_PUBLIC_KEY, OID_NIST_EC_P384, OID_PKCS1_RSAENCRYPTION,
    OID_SIG_ED25519,
};
use x509_parser::public_key::PublicKey;
use x509_parser::x509::SubjectPublicKeyInfo;

/// Bits of an RSA key that is still accepted.
const RSA: std::ops::RangeInclusive<usize> = 2_048..=8_192;

/// What kind of key a certificate is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// ECDSA on the curve P-256.
    EcdsaP256,
    /// ECDSA on the curve P-384.
    EcdsaP384,
    /// RSA.
    Rsa {
        /// Bits of the modulus.
        bits: usize,
    },
    /// Ed25519.
    Ed25519,
    /// Anything else: the object identifier of the algorithm or of the curve.
    Other(String),
}

impl KeyKind {
    pub(crate) fn of(key: &SubjectPublicKeyInfo<'_>) -> Self {
        let algorithm = &key.algorithm.algorithm;
        if *algorithm == OID_SIG_ED25519 {
            return Self::Ed25519;
        }
        if *algorithm == OID_PKCS1_RSAENCRYPTION
            && let Ok(PublicKey::RSA(rsa)) = key.parsed()
        {
            return Self::Rsa {
                bits: bits(rsa.modulus),
            };
        }
        if *algorithm == OID_KEY_TYPE_EC_PUBLIC_KEY
            && let Some(parameters) = &key.algorithm.parameters
            && let Ok(curve) = parameters.as_oid()
        {
            return if curve == OID_EC_P256 {
                Self::EcdsaP256
            } else if curve == OID_NIST_EC_P384 {
                Self::EcdsaP384
            } else {
                Self::Other(curve.to_id_string())
            };
        }
        Self::Other(algorithm.to_id_string())
    }

    /// Whether certificates are made for such keys.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        match self {
            Self::EcdsaP256 | Self::EcdsaP384 | Self::Ed25519 => true,
            Self::Rsa { bits } => RSA.contains(bits),
            Self::Other(_) => false,
        }
    }
}

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EcdsaP256 => f.write_str("ECDSA P-256"),
            Self::EcdsaP384 => f.write_str("ECDSA P-384"),
            Self::Rsa { bits } => write!(f, "RSA with {bits} bits"),
            Self::Ed25519 => f.write_str("Ed25519"),
            Self::Other(identifier) => write!(f, "a key of the kind {identifier}"),
        }
    }
}

/// Bits of an unsigned number, the highest first.
fn bits(number: &[u8]) -> usize {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros..).map_or(0, |digits| {
        let lead = digits.first().map_or(0, |first| first.leading_zeros());
        digits.len() * 8 - lead as usize
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_those_of_the_number_and_not_of_its_bytes() {
        assert_eq!(bits(&[]), 0);
        assert_eq!(bits(&[0, 0]), 0);
        assert_eq!(bits(&[1]), 1);
        assert_eq!(bits(&[0, 0x80, 0]), 16);
        assert_eq!(bits(&[0x7f, 0xff]), 15);
    }

    #[test]
    fn short_and_odd_keys_are_not_accepted() {
        assert!(KeyKind::Rsa { bits: 2_048 }.is_accepted());
        assert!(!KeyKind::Rsa { bits: 2_047 }.is_accepted());
        assert!(!KeyKind::Rsa { bits: 16_384 }.is_accepted());
        assert!(!KeyKind::Other("1.3.132.0.10".into()).is_accepted());
    }
}
