//! What a certificate says.

use trunkline_model::Timestamp;

use crate::certificate::Certificate;
use crate::id::hex;
use crate::{KeyKind, Unreadable, certificate_id, pem};

/// What is known of somebody from a certificate. Nothing of it is verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The SHA-256 of the DER form, in lower-case hexadecimal digits.
    pub id: String,
    /// Whose it is: the whole name, in the order of the certificate.
    pub subject: String,
    /// The first common name of the subject.
    pub common_name: Option<String>,
    /// Who issued it: the whole name. It reads as the `subject` of the issuer's certificate does.
    pub issuer: String,
    /// The number that the issuer gave it, in lower-case hexadecimal digits.
    pub serial: String,
    /// When it begins.
    pub not_before: Timestamp,
    /// When it ends: it is still valid in this second.
    pub not_after: Timestamp,
    /// The kind of its key.
    pub key: KeyKind,
    /// Whether it is that of a certificate authority.
    pub is_ca: bool,
}

impl Known {
    /// Reads the one certificate of `input`, PEM or DER.
    ///
    /// # Errors
    /// [`Unreadable`] where it is none, is larger than 16 KiB, or is not alone.
    pub fn read(input: &[u8]) -> Result<Self, Unreadable> {
        Self::from_der(&pem::certificate(input)?)
    }

    /// Reads the certificates of `input`, PEM or DER, in their order.
    ///
    /// # Errors
    /// [`Unreadable`] where there is none, there are more than five, all together are larger than 16 KiB, or one cannot be read.
    pub fn read_chain(input: &[u8]) -> Result<Vec<Self>, Unreadable> {
        let all = pem::certificates(input)?;
        all.iter().map(|der| Self::from_der(der)).collect()
    }

    pub(crate) fn from_der(der: &[u8]) -> Result<Self, Unreadable> {
        Ok(Self::of(&Certificate::read(der)?, der))
    }

    /// What `certificate`, which was read from `der`, says.
    pub(crate) fn of(certificate: &Certificate<'_>, der: &[u8]) -> Self {
        Self {
            id: certificate_id(der),
            subject: certificate.subject(),
            common_name: certificate.common_name(),
            issuer: certificate.issuer(),
            serial: hex(certificate.serial()),
            not_before: certificate.begins(),
            not_after: certificate.ends(),
            key: KeyKind::of(certificate.key()),
            is_ca: certificate.is_authority(),
        }
    }
}
