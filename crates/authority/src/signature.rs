//! Whether a signature is that of a key.
//!
//! The algorithms are those of the TLS library: no SHA-1, no RSA below 2,048 bits. Its own functions want certificates of version 3, whereas
//! devices have such of version 1 too, which `openssl x509 -req` long made by default.

use std::sync::LazyLock;

use rustls::SignatureScheme;
use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls::pki_types::SignatureVerificationAlgorithm;
use x509_parser::asn1_rs::ToDer;
use x509_parser::x509::{AlgorithmIdentifier, SubjectPublicKeyInfo};

/// The algorithms that are accepted.
pub(crate) static ALGORITHMS: LazyLock<WebPkiSupportedAlgorithms> = LazyLock::new(|| {
    rustls::crypto::aws_lc_rs::default_provider().signature_verification_algorithms
});

/// Why a signature does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Invalid {
    /// Its algorithm is not accepted, or is not for such keys.
    Algorithm,
    /// It was not made with the key, or not over these bytes.
    Signature,
}

/// Whether `signature`, made with `algorithm` as certificates and requests name it, is that of `key` over `message`.
pub(crate) fn verify(
    key: &SubjectPublicKeyInfo<'_>,
    algorithm: &AlgorithmIdentifier<'_>,
    signature: &[u8],
    message: &[u8],
) -> Result<(), Invalid> {
    let algorithm = contents(algorithm).ok_or(Invalid::Algorithm)?;
    let fitting = ALGORITHMS
        .all
        .iter()
        .copied()
        .filter(|one| one.signature_alg_id().as_ref() == algorithm);
    with_first(fitting, key, signature, message)
}

/// Whether `signature` is that of `key` over what was said in a TLS 1.2 handshake, where `scheme` does not tell the curve.
pub(crate) fn verify_handshake(
    key: &SubjectPublicKeyInfo<'_>,
    scheme: SignatureScheme,
    signature: &[u8],
    message: &[u8],
) -> Result<(), Invalid> {
    let mapped = ALGORITHMS.mapping.iter().find(|(one, _)| *one == scheme);
    let (_, fitting) = mapped.ok_or(Invalid::Algorithm)?;
    with_first(fitting.iter().copied(), key, signature, message)
}

/// Verifies with the first of `algorithms` that is for keys such as `key`.
fn with_first(
    mut algorithms: impl Iterator<Item = &'static dyn SignatureVerificationAlgorithm>,
    key: &SubjectPublicKeyInfo<'_>,
    signature: &[u8],
    message: &[u8],
) -> Result<(), Invalid> {
    let kind = contents(&key.algorithm).ok_or(Invalid::Algorithm)?;
    algorithms
        .find(|one| one.public_key_alg_id().as_ref() == kind)
        .ok_or(Invalid::Algorithm)?
        .verify_signature(&key.subject_public_key.data, message, signature)
        .map_err(|_| Invalid::Signature)
}

/// What stands inside of the identifier's sequence, which is how the library's tables have it.
fn contents(algorithm: &AlgorithmIdentifier<'_>) -> Option<Vec<u8>> {
    let mut der = algorithm.algorithm.to_der_vec().ok()?;
    if let Some(parameters) = &algorithm.parameters {
        der.extend(parameters.to_der_vec().ok()?);
    }
    Some(der)
}
