//! A certificate as its bytes have it.

use trunkline_model::Timestamp;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{BasicConstraints, ParsedExtension, X509Extension};
use x509_parser::oid_registry::{
    OID_X509_EXT_BASIC_CONSTRAINTS, OID_X509_EXT_EXTENDED_KEY_USAGE, OID_X509_EXT_KEY_USAGE,
};
use x509_parser::prelude::FromDer;
use x509_parser::time::ASN1Time;
use x509_parser::x509::SubjectPublicKeyInfo;

use crate::pem::MOST_BYTES;
use crate::signature::{self, Invalid};
use crate::{Unreadable, name};

const WHAT: &str = "certificate";

/// A certificate, and what its extensions say of its use.
#[derive(Debug)]
pub(crate) struct Certificate<'a> {
    x509: X509Certificate<'a>,
    uses: Uses,
}

/// What the extensions say.
#[derive(Debug, Default)]
struct Uses {
    constraints: Option<BasicConstraints>,
    /// Whether it may sign certificates, and handshakes, where its key usage says anything.
    key: Option<KeyUses>,
    /// Whether it may be a client, where it says for what it is.
    client: Option<bool>,
    /// Whether there is a critical extension that was not looked at.
    unhandled: bool,
}

#[derive(Clone, Copy, Debug)]
struct KeyUses {
    certificates: bool,
    handshakes: bool,
}

impl Uses {
    fn heed(&mut self, extension: &X509Extension<'_>) -> Result<(), Unreadable> {
        match extension.parsed_extension() {
            ParsedExtension::BasicConstraints(constraints) => {
                self.constraints = Some(constraints.clone());
            }
            ParsedExtension::KeyUsage(usage) => {
                self.key = Some(KeyUses {
                    certificates: usage.key_cert_sign(),
                    handshakes: usage.digital_signature(),
                });
            }
            ParsedExtension::ExtendedKeyUsage(purposes) => {
                self.client = Some(purposes.any || purposes.client_auth);
            }
            ParsedExtension::SubjectAlternativeName(_) => {}
            ParsedExtension::ParseError { .. } if extension.critical || is_heeded(extension) => {
                return Err(Unreadable::Malformed(WHAT));
            }
            _ => self.unhandled |= extension.critical,
        }
        Ok(())
    }
}

impl<'a> Certificate<'a> {
    /// Reads DER. Nothing is verified.
    pub(crate) fn read(der: &'a [u8]) -> Result<Self, Unreadable> {
        if der.len() > MOST_BYTES {
            return Err(Unreadable::TooLarge {
                what: WHAT,
                limit: MOST_BYTES,
            });
        }
        let malformed = Unreadable::Malformed(WHAT);
        let (rest, x509) = X509Certificate::from_der(der).map_err(|_| malformed)?;
        let twice = x509.extensions_map().is_err();
        if !rest.is_empty() || twice || x509.signature_algorithm != x509.signature {
            return Err(malformed);
        }
        let mut uses = Uses::default();
        for extension in x509.extensions() {
            uses.heed(extension)?;
        }
        Ok(Self { x509, uses })
    }

    pub(crate) const fn key(&self) -> &SubjectPublicKeyInfo<'a> {
        &self.x509.tbs_certificate.subject_pki
    }

    pub(crate) fn subject(&self) -> String {
        name::describe(&self.x509.subject)
    }

    pub(crate) fn common_name(&self) -> Option<String> {
        name::common_name_of(&self.x509.subject)
    }

    pub(crate) fn issuer(&self) -> String {
        name::describe(&self.x509.issuer)
    }

    /// The subject's name in DER.
    pub(crate) fn raw_subject(&self) -> &'a [u8] {
        self.x509.tbs_certificate.subject.as_raw()
    }

    /// The issuer's name in DER.
    pub(crate) fn raw_issuer(&self) -> &'a [u8] {
        self.x509.tbs_certificate.issuer.as_raw()
    }

    /// The serial number's bytes, without zeros in front.
    pub(crate) fn serial(&self) -> &'a [u8] {
        let raw = self.x509.raw_serial();
        let zeros = raw.iter().take_while(|byte| **byte == 0).count();
        raw.get(zeros..).unwrap_or_default()
    }

    pub(crate) fn begins(&self) -> Timestamp {
        time(self.x509.validity.not_before)
    }

    pub(crate) fn ends(&self) -> Timestamp {
        time(self.x509.validity.not_after)
    }

    /// Whether it is that of an authority.
    pub(crate) fn is_authority(&self) -> bool {
        self.uses.constraints.as_ref().is_some_and(|said| said.ca)
    }

    /// How many authorities there may be below it, where that is limited.
    pub(crate) fn path_length(&self) -> Option<u32> {
        self.uses.constraints.as_ref()?.path_len_constraint
    }

    /// Whether its key usage, where it has one, includes the signing of certificates.
    pub(crate) fn may_sign(&self) -> bool {
        self.uses.key.is_none_or(|usage| usage.certificates)
    }

    /// Whether what it says of its use, where it says anything, includes being the client of a handshake.
    pub(crate) fn may_be_client(&self) -> bool {
        self.uses.client.unwrap_or(true) && self.uses.key.is_none_or(|usage| usage.handshakes)
    }

    /// Whether it has a critical extension that was not looked at.
    pub(crate) const fn has_unhandled(&self) -> bool {
        self.uses.unhandled
    }

    /// Whether its signature is that of `key`.
    pub(crate) fn verify(&self, key: &SubjectPublicKeyInfo<'_>) -> Result<(), Invalid> {
        signature::verify(
            key,
            &self.x509.signature_algorithm,
            &self.x509.signature_value.data,
            self.x509.tbs_certificate.as_ref(),
        )
    }
}

/// Whether the extension is one of those that decide what a certificate may be used for.
fn is_heeded(extension: &X509Extension<'_>) -> bool {
    [
        OID_X509_EXT_BASIC_CONSTRAINTS,
        OID_X509_EXT_KEY_USAGE,
        OID_X509_EXT_EXTENDED_KEY_USAGE,
    ]
    .contains(&extension.oid)
}

fn time(time: ASN1Time) -> Timestamp {
    Timestamp::from_micros(time.timestamp().saturating_mul(1_000_000))
}
