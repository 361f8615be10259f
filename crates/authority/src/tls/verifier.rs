//! Whether a device is let in.

use std::sync::Arc;
use std::time::Duration;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::pki_types::{CertificateDer, SubjectPublicKeyInfoDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, OtherError, SignatureScheme,
};
use trunkline_model::{Clock, Timestamp};

use super::{Registered, Standing};
use crate::certificate::Certificate;
use crate::pem::MOST_CERTIFICATES;
use crate::signature::{self, ALGORITHMS, Invalid};
use crate::{ForeignAuthority, Known, certificate_id, trust};

/// How far the clock of whoever issued a certificate may be ahead of ours.
const SKEW: Duration = Duration::from_secs(5 * 60);
/// The most authorities that are held against an unknown certificate.
const MOST_INTRODUCERS: usize = 8;

/// Decides about the certificate of a client.
///
/// It is let in where its certificate is that of a device and not of an authority, is in its time, and has the standing
/// [`Active`](Standing::Active), and where the client proves to have its private key. Who signed the certificate does not matter: the registry
/// has it or has it not, so that what is taken back there is refused from the next handshake on, without any list of revocations.
///
/// Clocks differ. A certificate may begin up to five minutes from now, or as long as [`with_skew`](Self::with_skew) says; its end is held to
/// the second.
///
/// What a client is told, as a TLS alert:
///
/// | what is wrong | alert |
/// |---|---|
/// | no certificate, and one is required | `certificate_required` |
/// | it cannot be read, has an unknown critical extension, or the chain is too long | `bad_certificate` |
/// | it is an authority's, or not for clients | `unsupported_certificate` |
/// | it is not valid yet or any more | `certificate_expired` |
/// | it is revoked | `certificate_revoked` |
/// | it is inactive, or pending where such are not admitted | `access_denied` |
/// | it is unknown | `certificate_unknown` |
/// | the private key is another | `decrypt_error` |
#[derive(Debug)]
pub struct DeviceVerifier {
    registered: Arc<dyn Registered>,
    clock: Arc<dyn Clock>,
    required: bool,
    pending: bool,
    skew: Duration,
    hints: Vec<DistinguishedName>,
}

/// Why a certificate that is in order is unknown all the same, for the platform's own log.
#[derive(Debug, thiserror::Error)]
#[error(
    "the certificate {0} is not registered, and no registered authority that may introduce devices issued it"
)]
struct NotRegistered(String);

impl DeviceVerifier {
    /// A verifier that requires a certificate, and admits active ones only.
    #[must_use]
    pub fn new(registered: Arc<dyn Registered>, clock: Arc<dyn Clock>) -> Self {
        Self {
            registered,
            clock,
            required: true,
            pending: false,
            skew: SKEW,
            hints: Vec::new(),
        }
    }

    /// Lets in clients that show no certificate too: they have to say otherwise who they are.
    #[must_use]
    pub const fn optional(mut self) -> Self {
        self.required = false;
        self
    }

    /// Lets in certificates that wait for their activation too.
    #[must_use]
    pub const fn admitting_pending(mut self) -> Self {
        self.pending = true;
        self
    }

    /// Sets how far in the future a certificate may begin.
    #[must_use]
    pub const fn with_skew(mut self, skew: Duration) -> Self {
        self.skew = skew;
        self
    }

    /// Tells clients which authorities' certificates are welcome, so that one with several chooses among them. Without, no names are told, and
    /// every client shows what it has.
    #[must_use]
    pub fn with_hints<'a>(
        mut self,
        authorities: impl IntoIterator<Item = &'a ForeignAuthority>,
    ) -> Self {
        self.hints = authorities
            .into_iter()
            .filter_map(|authority| Certificate::read(authority.der()).ok())
            .map(|certificate| DistinguishedName::from(certificate.raw_subject().to_vec()))
            .collect();
        self
    }

    pub(super) const fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// Whether the certificate is in its time, give or take the skew at its beginning.
    fn in_time(
        &self,
        certificate: &Certificate<'_>,
        now: Timestamp,
    ) -> Result<(), CertificateError> {
        let skew = i64::try_from(self.skew.as_micros()).unwrap_or(i64::MAX);
        if now.plus_micros(skew) < certificate.begins() {
            return Err(CertificateError::NotValidYetContext {
                time: unix(now),
                not_before: unix(certificate.begins()),
            });
        }
        if trust::has_ended(certificate, now) {
            return Err(CertificateError::ExpiredContext {
                time: unix(now),
                not_after: unix(certificate.ends()),
            });
        }
        Ok(())
    }

    /// Asks the registry.
    fn admit(
        &self,
        certificate: &Certificate<'_>,
        der: &[u8],
        now: Timestamp,
    ) -> Result<(), CertificateError> {
        let id = certificate_id(der);
        match self.registered.state(&id, der) {
            Standing::Active => Ok(()),
            Standing::Pending if self.pending => Ok(()),
            Standing::Pending | Standing::Inactive => {
                Err(CertificateError::ApplicationVerificationFailure)
            }
            Standing::Revoked => Err(CertificateError::Revoked),
            Standing::Unknown if self.is_introduced(certificate, der, now) => Ok(()),
            Standing::Unknown => Err(CertificateError::Other(OtherError(Arc::new(
                NotRegistered(id),
            )))),
        }
    }

    /// Whether an authority that may introduce devices issued the certificate.
    fn is_introduced(&self, certificate: &Certificate<'_>, der: &[u8], now: Timestamp) -> bool {
        let introducers = self.registered.introducers(&Known::of(certificate, der));
        introducers.iter().take(MOST_INTRODUCERS).any(|der| {
            Certificate::read(der).is_ok_and(|authority| {
                trust::may_issue(&authority, now).is_ok()
                    && trust::issued_by(&authority, certificate).is_ok()
            })
        })
    }
}

impl ClientCertVerifier for DeviceVerifier {
    fn client_auth_mandatory(&self) -> bool {
        self.required
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &self.hints
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        if intermediates.len() >= MOST_CERTIFICATES {
            return Err(CertificateError::BadEncoding.into());
        }
        let certificate = read(end_entity)?;
        if certificate.has_unhandled() {
            return Err(CertificateError::UnhandledCriticalExtension.into());
        }
        if certificate.is_authority() || !certificate.may_be_client() {
            return Err(CertificateError::InvalidPurpose.into());
        }
        let now = self.clock.now();
        self.in_time(&certificate, now)?;
        self.admit(&certificate, end_entity, now)?;
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let certificate = read(cert)?;
        signature::verify_handshake(certificate.key(), dss.scheme, dss.signature(), message)
            .map(|()| HandshakeSignatureValid::assertion())
            .map_err(|invalid| match invalid {
                Invalid::Algorithm => {
                    rustls::PeerMisbehaved::SignedHandshakeWithUnadvertisedSigScheme.into()
                }
                Invalid::Signature => CertificateError::BadSignature.into(),
            })
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let certificate = read(cert)?;
        let key = SubjectPublicKeyInfoDer::from(certificate.key().raw);
        rustls::crypto::verify_tls13_signature_with_raw_key(message, &key, dss, &ALGORITHMS)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        ALGORITHMS.supported_schemes()
    }
}

fn read<'a>(der: &'a CertificateDer<'_>) -> Result<Certificate<'a>, Error> {
    Certificate::read(der).map_err(|_| CertificateError::BadEncoding.into())
}

fn unix(time: Timestamp) -> UnixTime {
    let micros = u64::try_from(time.as_micros()).unwrap_or(0);
    UnixTime::since_unix_epoch(Duration::from_micros(micros))
}
