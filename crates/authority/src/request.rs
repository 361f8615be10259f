//! Reading a request for a certificate.

use rcgen::SubjectPublicKeyInfo;
use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::prelude::FromDer;
use x509_parser::x509;

use crate::signature::{self, Invalid};
use crate::{AuthorityError, KeyKind, Unreadable, pem};

/// The public key that `request`, PEM or DER, asks a certificate for. It is the only thing that is taken from a request; names and
/// extensions are not looked at.
pub(crate) fn public_key(request: &[u8]) -> Result<SubjectPublicKeyInfo, AuthorityError> {
    let der = pem::request(request)?;
    let malformed = Unreadable::Malformed("certificate signing request");
    let (rest, request) = X509CertificationRequest::from_der(&der).map_err(|_| malformed)?;
    if !rest.is_empty() {
        return Err(malformed.into());
    }
    let key = &request.certification_request_info.subject_pki;
    let kind = KeyKind::of(key);
    if !kind.is_accepted() {
        return Err(AuthorityError::Key(kind));
    }
    signature::verify(
        key,
        &request.signature_algorithm,
        &request.signature_value.data,
        request.certification_request_info.raw,
    )
    .map_err(|invalid| match invalid {
        Invalid::Algorithm => AuthorityError::Algorithm,
        Invalid::Signature => AuthorityError::Proof,
    })?;
    Ok(SubjectPublicKeyInfo::from_der(key.raw)?)
}

/// The public key whose `SubjectPublicKeyInfo` is `der`.
pub(crate) fn bare_key(der: &[u8]) -> Result<SubjectPublicKeyInfo, AuthorityError> {
    let malformed = Unreadable::Malformed("public key");
    let (rest, key) = x509::SubjectPublicKeyInfo::from_der(der).map_err(|_| malformed)?;
    if !rest.is_empty() {
        return Err(malformed.into());
    }
    let kind = KeyKind::of(&key);
    if !kind.is_accepted() {
        return Err(AuthorityError::Key(kind));
    }
    Ok(SubjectPublicKeyInfo::from_der(der)?)
}
