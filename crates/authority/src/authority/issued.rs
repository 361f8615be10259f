//! What was signed.

use crate::{Known, PrivateKeyPem, Unreadable};

/// A certificate that was just issued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuedCertificate {
    /// The certificate as PEM, without those above it.
    pub pem: String,
    /// The same as DER.
    pub der: Vec<u8>,
    /// What it says: its id, serial number, subject and validity.
    pub known: Known,
}

impl IssuedCertificate {
    pub(super) fn of(certificate: &rcgen::Certificate) -> Result<Self, Unreadable> {
        let der = certificate.der().to_vec();
        Ok(Self {
            pem: crate::pem::write(&der),
            known: Known::from_der(&der)?,
            der,
        })
    }
}

/// A certificate whose key was made along with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuedWithKey {
    /// The certificate.
    pub certificate: IssuedCertificate,
    /// The private key, PKCS #8. Nobody else has it, and it cannot be had again.
    pub private_key: PrivateKeyPem,
    /// The public key as PEM.
    pub public_key: String,
}
