//! Certificates for devices, for the broker, and for who signs programs.

use std::net::IpAddr;
use std::time::Duration;

use rcgen::{KeyPair, SanType};
use rustls::pki_types::DnsName;
use trunkline_model::{IdGen, Timestamp};

use super::template::{self, DAY};
use super::{Authority, IssuedCertificate, IssuedWithKey};
use crate::{AuthorityError, PrivateKeyPem, name, request};

/// The most days that a certificate is valid: about ten years.
const MOST_DAYS: u64 = 3_650;
/// The most names of a server.
const MOST_NAMES: usize = 100;
/// The common name of a server whose own names are all too long for one. Nobody looks at it where there are alternative names.
const SERVER: &str = "server";

impl Authority {
    /// How long a certificate is valid where nobody says otherwise: a year.
    pub const VALIDITY: Duration = Duration::from_secs(365 * DAY);

    /// Signs the certificate that `request`, a certificate signing request as PEM or DER, asks for.
    ///
    /// Only the public key is taken from the request, once its signature proves that whoever asks has the private key. The name is
    /// `common_name`; the extensions are those of a device, whatever the request wants: for clients, for signatures, no authority.
    ///
    /// It begins an hour before `now` and lasts for `validity` from then, but not longer than the issuing authority.
    ///
    /// # Errors
    /// [`AuthorityError`] for a request that cannot be read, that does not prove anything or whose key is of no accepted kind, for a name
    /// of no or more than 64 letters, and for a validity of less than a second or more than 3,650 days.
    pub fn sign_csr(
        &self,
        request: &[u8],
        common_name: &str,
        validity: Duration,
        now: Timestamp,
        ids: &dyn IdGen,
    ) -> Result<IssuedCertificate, AuthorityError> {
        let key = request::public_key(request)?;
        let common_name = name::common_name(common_name)?;
        let validity = self.validity(now, seconds(validity)?)?;
        self.sign(&template::device(common_name, validity, ids), &key)
    }

    /// Makes a key on the curve P-256 and signs a device's certificate for it, as [`Self::sign_csr`] does.
    ///
    /// # Errors
    /// The same for the name and the validity.
    pub fn issue_with_key(
        &self,
        common_name: &str,
        validity: Duration,
        now: Timestamp,
        ids: &dyn IdGen,
    ) -> Result<IssuedWithKey, AuthorityError> {
        let common_name = name::common_name(common_name)?;
        let validity = self.validity(now, seconds(validity)?)?;
        self.with_key(&template::device(common_name, validity, ids))
    }

    /// Makes a key and signs the certificate of a server that is reached as `names`: DNS names, also such as `*.example.com`, and IP
    /// addresses.
    ///
    /// # Errors
    /// [`AuthorityError::Name`] where one is neither, [`AuthorityError::Names`] where there are none or more than 100.
    pub fn issue_server(
        &self,
        names: &[String],
        validity: Duration,
        now: Timestamp,
        ids: &dyn IdGen,
    ) -> Result<IssuedWithKey, AuthorityError> {
        if names.is_empty() || names.len() > MOST_NAMES {
            return Err(AuthorityError::Names(MOST_NAMES));
        }
        let reached: Vec<SanType> = names
            .iter()
            .map(|name| server_name(name))
            .collect::<Result<_, _>>()?;
        let common_name = names
            .iter()
            .find_map(|name| name::common_name(name).ok())
            .unwrap_or(SERVER);
        let validity = self.validity(now, seconds(validity)?)?;
        self.with_key(&template::server(common_name, reached, validity, ids))
    }

    /// Signs the certificate of a key with which programs for devices are signed. `public_key` is its public half, a
    /// `SubjectPublicKeyInfo` as DER; whoever asks is trusted to have the private one.
    ///
    /// # Errors
    /// [`AuthorityError`] where that cannot be read or is of no accepted kind, and as for [`Self::sign_csr`] for the name and the
    /// validity.
    pub fn issue_code_signing(
        &self,
        public_key: &[u8],
        common_name: &str,
        validity: Duration,
        now: Timestamp,
        ids: &dyn IdGen,
    ) -> Result<IssuedCertificate, AuthorityError> {
        let key = request::bare_key(public_key)?;
        let common_name = name::common_name(common_name)?;
        let validity = self.validity(now, seconds(validity)?)?;
        self.sign(&template::code_signing(common_name, validity, ids), &key)
    }

    fn with_key(&self, says: &rcgen::CertificateParams) -> Result<IssuedWithKey, AuthorityError> {
        let key = KeyPair::generate()?;
        Ok(IssuedWithKey {
            certificate: self.sign(says, &key)?,
            private_key: PrivateKeyPem::from(key.serialize_pem()),
            public_key: key.public_key_pem(),
        })
    }
}

/// The whole seconds of `validity`.
fn seconds(validity: Duration) -> Result<u64, AuthorityError> {
    let seconds = validity.as_secs();
    if seconds == 0 || validity > Duration::from_secs(MOST_DAYS * DAY) {
        return Err(AuthorityError::Validity(MOST_DAYS));
    }
    Ok(seconds)
}

fn server_name(text: &str) -> Result<SanType, AuthorityError> {
    if let Ok(address) = text.parse::<IpAddr>() {
        return Ok(SanType::IpAddress(address));
    }
    let plain = text.strip_prefix("*.").unwrap_or(text);
    let wrong = || name::wrong(text, "it is neither a DNS name nor an IP address");
    if DnsName::try_from(plain).is_err() {
        return Err(wrong());
    }
    let written = text.to_ascii_lowercase().try_into().map_err(|_| wrong())?;
    Ok(SanType::DnsName(written))
}
