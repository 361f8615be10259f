//! Certificates and requests as they are handed in: PEM, or DER.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, CertificateSigningRequestDer};

use crate::Unreadable;

/// The most bytes of anything that is read.
pub(crate) const MOST_BYTES: usize = 16 * 1_024;
/// The most certificates of a chain.
pub(crate) const MOST_CERTIFICATES: usize = 5;
/// Letters of a line.
const LINE: usize = 64;

const CERTIFICATE: &str = "certificate";
const REQUEST: &str = "certificate signing request";

/// All certificates of `input`, one at least.
pub(crate) fn certificates(input: &[u8]) -> Result<Vec<CertificateDer<'static>>, Unreadable> {
    measure(input, CERTIFICATE)?;
    if is_der(input) {
        return Ok(vec![CertificateDer::from(input.to_vec())]);
    }
    let mut found = Vec::new();
    for certificate in CertificateDer::pem_slice_iter(input) {
        if found.len() == MOST_CERTIFICATES {
            return Err(Unreadable::TooMany(MOST_CERTIFICATES));
        }
        found.push(certificate.map_err(|_| Unreadable::Malformed(CERTIFICATE))?);
    }
    if found.is_empty() {
        return Err(Unreadable::Missing(CERTIFICATE));
    }
    Ok(found)
}

/// The only certificate of `input`.
pub(crate) fn certificate(input: &[u8]) -> Result<CertificateDer<'static>, Unreadable> {
    let mut found = certificates(input)?;
    match (found.pop(), found.is_empty()) {
        (Some(certificate), true) => Ok(certificate),
        _ => Err(Unreadable::TooMany(1)),
    }
}

/// The request for a certificate in `input`.
pub(crate) fn request(input: &[u8]) -> Result<Vec<u8>, Unreadable> {
    measure(input, REQUEST)?;
    if is_der(input) {
        return Ok(input.to_vec());
    }
    let text = std::str::from_utf8(input).map_err(|_| Unreadable::Malformed(REQUEST))?;
    // Some tools, keytool among them, still write the older label.
    let text = text.replace("NEW CERTIFICATE REQUEST", "CERTIFICATE REQUEST");
    let mut all = CertificateSigningRequestDer::pem_slice_iter(text.as_bytes());
    let first = all.next().ok_or(Unreadable::Missing(REQUEST))?;
    match (first, all.next()) {
        (Ok(request), None) => Ok(request.as_ref().to_vec()),
        _ => Err(Unreadable::Malformed(REQUEST)),
    }
}

/// `der` as the PEM of a certificate.
#[must_use]
pub fn write(der: &[u8]) -> String {
    let letters = STANDARD.encode(der);
    let mut text = String::from("-----BEGIN CERTIFICATE-----\n");
    let mut rest = letters.as_str();
    while let Some((line, more)) = rest.split_at_checked(LINE) {
        text.push_str(line);
        text.push('\n');
        rest = more;
    }
    if !rest.is_empty() {
        text.push_str(rest);
        text.push('\n');
    }
    text.push_str("-----END CERTIFICATE-----\n");
    text
}

fn measure(input: &[u8], what: &'static str) -> Result<(), Unreadable> {
    if input.len() > MOST_BYTES {
        return Err(Unreadable::TooLarge {
            what,
            limit: MOST_BYTES,
        });
    }
    Ok(())
}

/// DER of both begins with the tag of a sequence, which is `0` as a letter: no PEM begins so.
fn is_der(input: &[u8]) -> bool {
    input.first() == Some(&0x30)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again_whatever_stands_around_it() {
        for length in [1, 47, 48, 49, 96, 500] {
            let der = vec![7; length];
            let text = format!("subject=somebody\n{}\ntrailer", write(&der));
            assert_eq!(certificate(text.as_bytes()).unwrap().as_ref(), der);
        }
    }

    #[test]
    fn there_are_limits() {
        let one = write(b"abc");
        assert_eq!(certificates(one.repeat(5).as_bytes()).unwrap().len(), 5);
        assert_eq!(
            certificates(one.repeat(6).as_bytes()),
            Err(Unreadable::TooMany(5))
        );
        assert_eq!(
            certificate(one.repeat(2).as_bytes()),
            Err(Unreadable::TooMany(1))
        );
        assert_eq!(
            certificates(b"nothing"),
            Err(Unreadable::Missing("certificate"))
        );
        let long = "a".repeat(MOST_BYTES + 1);
        assert!(matches!(
            request(long.as_bytes()),
            Err(Unreadable::TooLarge { .. })
        ));
    }
}
