//! The root and the issuing authority under it.

use std::fmt;

use rcgen::{CertificateParams, Issuer, KeyPair};
use rustls::pki_types::CertificateDer;
use trunkline_model::{IdGen, Timestamp};

use super::template::{self, DAY, Validity};
use super::{IssuedCertificate, StoredAuthority};
use crate::certificate::Certificate;
use crate::{AuthorityError, PrivateKeyPem, Untrusted, name, pem, trust};

/// How long the root is valid, in seconds: about 20 years.
const ROOT: u64 = 7_300 * DAY;
/// How long the issuing authority is valid, in seconds: about 10 years.
const ISSUING: u64 = 3_650 * DAY;
/// What follows the workspace's name in those of the authorities.
const ROOT_NAME: &str = " root CA";
const ISSUING_NAME: &str = " issuing CA";

/// The certificate authority of a workspace: a root, which devices rely on, and an issuing authority under it, which signs.
///
/// The root's private key is needed only to [renew](Self::renew) the issuing authority, so it may be kept elsewhere.
pub struct Authority {
    root: CertificateDer<'static>,
    root_key: Option<PrivateKeyPem>,
    issuing: CertificateDer<'static>,
    pub(super) issuer: Issuer<'static, KeyPair>,
    issuing_key: PrivateKeyPem,
    ends: Timestamp,
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority")
            .field("root", &crate::certificate_id(&self.root))
            .field("issuing", &crate::certificate_id(&self.issuing))
            .field("ends", &self.ends)
            .finish_non_exhaustive()
    }
}

impl Authority {
    /// Makes a root and an issuing authority for `workspace`, with keys on the curve P-256. They begin an hour before `now`, since the
    /// clocks of devices may be behind.
    ///
    /// # Errors
    /// [`AuthorityError::Name`] where a certificate cannot carry the name, which has 53 letters at most.
    pub fn make(workspace: &str, now: Timestamp, ids: &dyn IdGen) -> Result<Self, AuthorityError> {
        let workspace = name::workspace(workspace, ISSUING_NAME.len())?;
        let validity = Validity::from_now(now, ROOT)?;
        let common_name = format!("{workspace}{ROOT_NAME}");
        let says = template::authority(workspace, &common_name, 1, validity, ids);
        let key = KeyPair::generate()?;
        let root = says.self_signed(&key)?.der().clone();
        let root_key = PrivateKeyPem::from(key.serialize_pem());
        Self::under(root, root_key, workspace, now, ids)
    }

    /// Makes a new issuing authority under the same root, for the next ten years. What the old one signed stays valid.
    ///
    /// # Errors
    /// [`AuthorityError::NoRootKey`] where the root's private key is not here, [`AuthorityError::Ended`] where the root is at its end.
    pub fn renew(&self, now: Timestamp, ids: &dyn IdGen) -> Result<Self, AuthorityError> {
        let root_key = self.root_key.clone().ok_or(AuthorityError::NoRootKey)?;
        let common_name = Certificate::read(&self.issuing)?
            .common_name()
            .unwrap_or_default();
        let workspace = common_name
            .strip_suffix(ISSUING_NAME)
            .unwrap_or(&common_name);
        Self::under(self.root.clone(), root_key, workspace, now, ids)
    }

    /// Makes an issuing authority under `root`.
    fn under(
        root: CertificateDer<'static>,
        root_key: PrivateKeyPem,
        workspace: &str,
        now: Timestamp,
        ids: &dyn IdGen,
    ) -> Result<Self, AuthorityError> {
        let ends = Certificate::read(&root)?.ends();
        if now >= ends {
            return Err(AuthorityError::Ended(ends));
        }
        let signer = Issuer::from_ca_cert_der(&root, KeyPair::from_pem(root_key.reveal())?)?;
        let validity = Validity::from_now(now, ISSUING)?.within(ends);
        let common_name = format!("{workspace}{ISSUING_NAME}");
        let says = template::authority(workspace, &common_name, 0, validity, ids);
        let key = KeyPair::generate()?;
        let issuing = says.signed_by(&key, &signer)?.der().clone();
        let issuing_key = PrivateKeyPem::from(key.serialize_pem());
        Self::of(root, Some(root_key), issuing, issuing_key)
    }

    /// Reads what [`Self::to_pem`] wrote.
    ///
    /// # Errors
    /// Texts that cannot be read, certificates that are not those of a root and of an authority under it, and keys that are not theirs.
    pub fn from_pem(stored: &StoredAuthority) -> Result<Self, AuthorityError> {
        Self::of(
            pem::certificate(stored.root.as_bytes())?,
            stored.root_key.clone(),
            pem::certificate(stored.issuing.as_bytes())?,
            stored.issuing_key.clone(),
        )
    }

    fn of(
        root: CertificateDer<'static>,
        root_key: Option<PrivateKeyPem>,
        issuing: CertificateDer<'static>,
        issuing_key: PrivateKeyPem,
    ) -> Result<Self, AuthorityError> {
        let (above, below) = (Certificate::read(&root)?, Certificate::read(&issuing)?);
        trust::is_authority(&above)?;
        trust::issued_by(&above, &above)?;
        trust::is_authority(&below)?;
        trust::issued_by(&above, &below)?;
        if above.path_length() == Some(0) {
            return Err(Untrusted::PathLength(above.subject()).into());
        }
        if let Some(key) = &root_key {
            key_of(&above, key, "root")?;
        }
        let key = key_of(&below, &issuing_key, "issuing authority")?;
        let ends = below.ends();
        let issuer = Issuer::from_ca_cert_der(&issuing, key)?;
        can_sign(&issuer, &below)?;
        Ok(Self {
            root,
            root_key,
            issuing,
            issuer,
            issuing_key,
            ends,
        })
    }

    /// All of it as text. The private keys are readable in it: the caller has to keep them where nobody else reads.
    #[must_use]
    pub fn to_pem(&self) -> StoredAuthority {
        StoredAuthority {
            root: self.root_pem(),
            root_key: self.root_key.clone(),
            issuing: self.chain_pem(),
            issuing_key: self.issuing_key.clone(),
        }
    }

    /// The root's certificate, which devices are given to know the broker by.
    #[must_use]
    pub fn root_pem(&self) -> String {
        pem::write(&self.root)
    }

    /// What follows an issued certificate in a handshake: the certificate of the issuing authority. The root is not sent, since whoever
    /// relies on it has it.
    #[must_use]
    pub fn chain_pem(&self) -> String {
        pem::write(&self.issuing)
    }

    /// When the issuing authority ends. No certificate outlives it.
    #[must_use]
    pub const fn ends(&self) -> Timestamp {
        self.ends
    }

    /// From `now` for `seconds`, but not beyond the end of the issuing authority.
    pub(super) fn validity(
        &self,
        now: Timestamp,
        seconds: u64,
    ) -> Result<Validity, AuthorityError> {
        if now >= self.ends {
            return Err(AuthorityError::Ended(self.ends));
        }
        Ok(Validity::from_now(now, seconds)?.within(self.ends))
    }

    pub(super) fn sign(
        &self,
        says: &CertificateParams,
        key: &impl rcgen::PublicKeyData,
    ) -> Result<IssuedCertificate, AuthorityError> {
        let signed = says.signed_by(key, &self.issuer)?;
        Ok(IssuedCertificate::of(&signed)?)
    }
}

/// Reads the private key that belongs to `certificate`.
fn key_of(
    certificate: &Certificate<'_>,
    key: &PrivateKeyPem,
    whose: &'static str,
) -> Result<KeyPair, AuthorityError> {
    let key = KeyPair::from_pem(key.reveal())?;
    if key.public_key_raw() == &*certificate.key().subject_public_key.data {
        Ok(key)
    } else {
        Err(AuthorityError::OtherKey(whose))
    }
}

/// Whether what `issuer` signs is taken for the work of `authority`: the library cannot write every name that it reads.
fn can_sign(
    issuer: &Issuer<'static, KeyPair>,
    authority: &Certificate<'_>,
) -> Result<(), AuthorityError> {
    let trial = CertificateParams::default().signed_by(issuer.key(), issuer)?;
    Ok(trust::issued_by(
        authority,
        &Certificate::read(trial.der())?,
    )?)
}
