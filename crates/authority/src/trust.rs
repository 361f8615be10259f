//! Whether one certificate was issued by another.

use trunkline_model::Timestamp;
use x509_parser::x509::SubjectPublicKeyInfo;

use crate::certificate::Certificate;
use crate::signature::Invalid;
use crate::{Untrusted, pem};

/// Whether the device's certificate `leaf` was issued by the authority with the certificate `ca`, and both are valid at `now`; each is PEM
/// or DER. Whether `ca` itself is to be relied on is for the caller to know.
///
/// Authorities between the two are not looked for.
///
/// # Errors
/// [`Untrusted`] with the first thing that is wrong.
pub fn verify_issued_by(ca: &[u8], leaf: &[u8], now: Timestamp) -> Result<(), Untrusted> {
    let (ca, leaf) = (pem::certificate(ca)?, pem::certificate(leaf)?);
    leaf_of(&Certificate::read(&ca)?, &Certificate::read(&leaf)?, now)
}

/// The same for certificates that were read.
pub(crate) fn leaf_of(
    authority: &Certificate<'_>,
    leaf: &Certificate<'_>,
    now: Timestamp,
) -> Result<(), Untrusted> {
    if leaf.is_authority() {
        return Err(Untrusted::Authority(leaf.subject()));
    }
    if leaf.has_unhandled() {
        return Err(Untrusted::Extension(leaf.subject()));
    }
    in_time(leaf, now)?;
    may_issue(authority, now)?;
    issued_by(authority, leaf)
}

/// Whether `certificate` is that of an authority that may sign certificates at `now`.
pub(crate) fn may_issue(certificate: &Certificate<'_>, now: Timestamp) -> Result<(), Untrusted> {
    is_authority(certificate)?;
    in_time(certificate, now)
}

/// Whether `certificate` is that of an authority that may sign certificates, whenever that is.
pub(crate) fn is_authority(certificate: &Certificate<'_>) -> Result<(), Untrusted> {
    if !certificate.is_authority() {
        return Err(Untrusted::NotAuthority(certificate.subject()));
    }
    if !certificate.may_sign() {
        return Err(Untrusted::MayNotSign(certificate.subject()));
    }
    if certificate.has_unhandled() {
        return Err(Untrusted::Extension(certificate.subject()));
    }
    Ok(())
}

/// Whether `authority` is named as the issuer of `certificate`, and signed it.
pub(crate) fn issued_by(
    authority: &Certificate<'_>,
    certificate: &Certificate<'_>,
) -> Result<(), Untrusted> {
    if certificate.raw_issuer() != authority.raw_subject() {
        return Err(Untrusted::OtherIssuer {
            subject: certificate.subject(),
            authority: authority.subject(),
        });
    }
    signed_with(authority.key(), certificate)
}

fn signed_with(
    key: &SubjectPublicKeyInfo<'_>,
    certificate: &Certificate<'_>,
) -> Result<(), Untrusted> {
    certificate.verify(key).map_err(|invalid| match invalid {
        Invalid::Algorithm => Untrusted::Algorithm(certificate.subject()),
        Invalid::Signature => Untrusted::Signature(certificate.subject()),
    })
}

/// Whether `certificate` is valid at `now`.
pub(crate) fn in_time(certificate: &Certificate<'_>, now: Timestamp) -> Result<(), Untrusted> {
    if now < certificate.begins() {
        return Err(Untrusted::NotYet {
            subject: certificate.subject(),
            begins: certificate.begins(),
        });
    }
    if has_ended(certificate, now) {
        return Err(Untrusted::Ended {
            subject: certificate.subject(),
            ends: certificate.ends(),
        });
    }
    Ok(())
}

/// Whether `certificate` has ended at `now`; its last second belongs to it.
pub(crate) fn has_ended(certificate: &Certificate<'_>, now: Timestamp) -> bool {
    const SECOND: i64 = 1_000_000;
    now >= certificate.ends().plus_micros(SECOND)
}
