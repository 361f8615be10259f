//! An authority that a team brings along.

use rustls::pki_types::CertificateDer;
use trunkline_model::Timestamp;

use crate::certificate::Certificate;
use crate::{Known, Untrusted, pem, trust};

/// The certificate of an authority that is not the platform's own, and whose devices are to be let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignAuthority {
    der: CertificateDer<'static>,
    known: Known,
}

impl ForeignAuthority {
    /// Reads the certificate of an authority, PEM or DER. Where it is not self-signed, the certificates above it follow in PEM, up to one
    /// that is.
    ///
    /// That it names itself an authority proves nothing: whoever registers it has to [prove](Self::prove) that its private key is theirs.
    ///
    /// # Errors
    /// [`Untrusted`] where it is no authority that may sign certificates at `now`, and where the chain above it does not hold.
    pub fn read(input: &[u8], now: Timestamp) -> Result<Self, Untrusted> {
        let chain = pem::certificates(input)?;
        let read = chain
            .iter()
            .map(|der| Certificate::read(der))
            .collect::<Result<Vec<_>, _>>()?;
        check(&read, now)?;
        let (Some(der), Some(certificate)) = (chain.first(), read.first()) else {
            return Err(crate::Unreadable::Missing("certificate").into());
        };
        Ok(Self {
            known: Known::of(certificate, der),
            der: der.clone(),
        })
    }

    /// What the certificate says.
    #[must_use]
    pub const fn known(&self) -> &Known {
        &self.known
    }

    /// The certificate itself, without those above it.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The same as PEM.
    #[must_use]
    pub fn pem(&self) -> String {
        pem::write(&self.der)
    }

    /// Whether `verification`, a certificate as PEM or DER, proves that whoever asks has the authority's private key: the authority issued
    /// it, and its common name is `code`, which they were told for this purpose.
    ///
    /// # Errors
    /// [`Untrusted`] where it does not.
    pub fn prove(&self, verification: &[u8], code: &str, now: Timestamp) -> Result<(), Untrusted> {
        let der = pem::certificate(verification)?;
        let verification = Certificate::read(&der)?;
        trust::leaf_of(&Certificate::read(&self.der)?, &verification, now)?;
        if code.is_empty() || verification.common_name().as_deref() != Some(code) {
            return Err(Untrusted::Code);
        }
        Ok(())
    }
}

/// Whether each of `chain` is an authority that was issued by the next, the last by itself.
fn check(chain: &[Certificate<'_>], now: Timestamp) -> Result<(), Untrusted> {
    for (below, certificate) in (0_u32..).zip(chain) {
        trust::may_issue(certificate, now)?;
        if certificate.path_length().is_some_and(|most| below > most) {
            return Err(Untrusted::PathLength(certificate.subject()));
        }
    }
    for (certificate, next) in chain.iter().zip(chain.iter().skip(1)) {
        trust::issued_by(next, certificate)?;
    }
    match chain.last() {
        Some(last) if last.raw_issuer() != last.raw_subject() => {
            Err(Untrusted::Incomplete(last.subject()))
        }
        Some(last) => trust::issued_by(last, last),
        None => Ok(()),
    }
}
