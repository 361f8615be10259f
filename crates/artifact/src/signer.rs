//! The key that signs artifacts, and its certificate.

use std::fmt;
use std::time::Duration;

use aws_lc_rs::digest::{Digest, SHA256, digest};
use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use trunkline_authority::Authority;
use trunkline_model::{IdGen, Timestamp};
use trunkline_store::Store;

use crate::ArtifactError;
use crate::link::LinkKey;
use crate::model::hex;
use crate::store::{self, StoredSigner};

/// Whose the certificate is.
const NAME: &str = "artifact signer";
const DAY: u64 = 86_400;
/// How long a certificate is valid: what was signed must be good for as long as devices live.
const VALIDITY: Duration = Duration::from_secs(3_650 * DAY);
/// How long before its end there is a new one, in microseconds: a year.
const BEFORE: i64 = 365 * 86_400 * 1_000_000;

/// Signs artifacts.
pub(crate) struct Signer {
    pair: EcdsaKeyPair,
    key: String,
    chain: String,
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer")
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

impl Signer {
    /// The signer that is kept in `store`, and the key of links. Both are made at the first start. The key stays the same for good; its
    /// certificate is made anew within its last year.
    pub(crate) async fn open(
        store: &Store,
        authority: &Authority,
        now: Timestamp,
        ids: &dyn IdGen,
    ) -> Result<(Self, LinkKey), ArtifactError> {
        let mut transaction = store.begin().await?;
        let stored = store::signer(transaction.connection()).await?;
        let (stored, changed) = match stored {
            None => (make(authority, now, ids)?, true),
            Some(stored) if is_due(&stored, authority, now) => {
                (renew(stored, authority, now, ids)?, true)
            }
            Some(stored) => (stored, false),
        };
        if changed {
            store::put_signer(transaction.connection(), &stored).await?;
            transaction.commit().await?;
        }
        let pair = read(&stored.key)?;
        let signer = Self {
            key: hex(digest(&SHA256, &public_key(&pair)?).as_ref()),
            pair,
            chain: stored.chain,
        };
        Ok((signer, LinkKey::new(&stored.link_key)))
    }

    /// What the key is known by: the SHA-256 of its public half as DER, in hexadecimal digits.
    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    /// Its certificate and that of the authority above it, as PEM.
    pub(crate) fn chain(&self) -> &str {
        &self.chain
    }

    /// The signature over content with this SHA-256, in base64.
    pub(crate) fn sign(&self, content: &Digest) -> Result<String, ArtifactError> {
        let signature = self
            .pair
            .sign_digest(content)
            .map_err(|_| ArtifactError::Key)?;
        Ok(STANDARD.encode(signature))
    }
}

/// A new key. Its chance comes from the cryptographic library, which tests itself; a key from a seed would be no key.
fn make(
    authority: &Authority,
    now: Timestamp,
    ids: &dyn IdGen,
) -> Result<StoredSigner, ArtifactError> {
    let pair =
        EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).map_err(|_| ArtifactError::Key)?;
    let document = pair.to_pkcs8v1().map_err(|_| ArtifactError::Key)?;
    let mut link_key = vec![0; 32];
    ids.fill_secret(&mut link_key);
    let stored = StoredSigner {
        key: document.as_ref().to_vec(),
        chain: String::new(),
        ends: now,
        link_key,
    };
    renew(stored, authority, now, ids)
}

/// Whether it is time for a new certificate, and there can be one that lasts longer.
fn is_due(stored: &StoredSigner, authority: &Authority, now: Timestamp) -> bool {
    stored.ends.micros_since(now) < BEFORE && authority.ends() > stored.ends
}

/// The same key with a new certificate.
fn renew(
    stored: StoredSigner,
    authority: &Authority,
    now: Timestamp,
    ids: &dyn IdGen,
) -> Result<StoredSigner, ArtifactError> {
    let public_key = public_key(&read(&stored.key)?)?;
    let issued = authority.issue_code_signing(&public_key, NAME, VALIDITY, now, ids)?;
    Ok(StoredSigner {
        chain: issued.pem + &authority.chain_pem(),
        ends: issued.known.not_after,
        ..stored
    })
}

fn read(pkcs8: &[u8]) -> Result<EcdsaKeyPair, ArtifactError> {
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8).map_err(|_| ArtifactError::Key)
}

fn public_key(pair: &EcdsaKeyPair) -> Result<Vec<u8>, ArtifactError> {
    let der: PublicKeyX509Der<'_> = pair.public_key().as_der().map_err(|_| ArtifactError::Key)?;
    Ok(der.as_ref().to_vec())
}
