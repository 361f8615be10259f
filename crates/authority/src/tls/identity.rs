//! The certificate that the broker shows.

use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use crate::{PrivateKeyPem, pem};

/// A server's certificate that can be replaced while the server runs: handshakes that begin afterwards see the new one, and open connections
/// keep the old one.
pub struct ServerIdentity(ArcSwap<CertifiedKey>);

impl fmt::Debug for ServerIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let current = self.0.load();
        let id = current.cert.first().map(|der| crate::certificate_id(der));
        f.debug_tuple("ServerIdentity").field(&id).finish()
    }
}

impl ServerIdentity {
    /// The certificate that `chain` begins with, PEM, followed by those above it without the root, and its private key.
    ///
    /// # Errors
    /// [`rustls::Error`] where they cannot be read, or do not belong together.
    pub fn new(chain: &str, key: &PrivateKeyPem) -> Result<Self, rustls::Error> {
        Ok(Self(ArcSwap::from(certified(chain, key)?)))
    }

    /// Puts another certificate in its place.
    ///
    /// # Errors
    /// The same; then the present one stays.
    pub fn replace(&self, chain: &str, key: &PrivateKeyPem) -> Result<(), rustls::Error> {
        self.0.store(certified(chain, key)?);
        Ok(())
    }
}

impl ResolvesServerCert for ServerIdentity {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load_full())
    }
}

fn certified(chain: &str, key: &PrivateKeyPem) -> Result<Arc<CertifiedKey>, rustls::Error> {
    let chain = pem::certificates(chain.as_bytes())
        .map_err(|error| rustls::Error::General(error.to_string()))?;
    let key = PrivateKeyDer::from_pem_slice(key.reveal().as_bytes())
        .map_err(|_| rustls::Error::General("there is no private key in it".into()))?;
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    Ok(Arc::new(CertifiedKey::from_der(chain, key, &provider)?))
}
