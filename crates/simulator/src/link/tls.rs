//! TLS of devices.

use std::fmt::Display;
use std::sync::Arc;

use rustls::client::Resumption;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};

use crate::plan::{PlanError, Proof};

/// Sessions that a device with a certificate of its own remembers, so that its next handshake is short.
const SESSIONS: usize = 2;

/// The authorities that devices trust.
#[derive(Debug)]
pub(super) struct Trust {
    roots: Arc<RootCertStore>,
    /// For all devices that show no certificate.
    plain: Arc<ClientConfig>,
}

impl Trust {
    /// Reads the certificates of authorities.
    pub(super) fn read(pem: &str) -> Result<Self, PlanError> {
        let mut roots = RootCertStore::empty();
        for certificate in certificates("the broker's authority", pem)? {
            let added = roots.add(certificate);
            added.map_err(|error| wrong("the broker's authority", error))?;
        }
        let roots = Arc::new(roots);
        let plain = config(&roots)?.with_no_client_auth();
        Ok(Self {
            roots,
            plain: Arc::new(plain),
        })
    }

    /// How a device that shows `proof` speaks TLS.
    pub(super) fn config(
        &self,
        thing: &str,
        proof: &Proof,
    ) -> Result<Arc<ClientConfig>, PlanError> {
        let Proof::Certificate { chain, key } = proof else {
            return Ok(Arc::clone(&self.plain));
        };
        let chain = certificates(thing, chain)?;
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes());
        let key = key.map_err(|error| wrong(thing, format!("the key: {error}")))?;
        let config = config(&self.roots)?.with_client_auth_cert(chain, key);
        let mut config = config.map_err(|error| wrong(thing, error))?;
        config.resumption = Resumption::in_memory_sessions(SESSIONS);
        Ok(Arc::new(config))
    }
}

type Builder = rustls::ConfigBuilder<ClientConfig, rustls::client::WantsClientCert>;

fn config(roots: &Arc<RootCertStore>) -> Result<Builder, PlanError> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| wrong("TLS", error))?;
    Ok(builder.with_root_certificates(Arc::clone(roots)))
}

fn certificates(whose: &str, pem: &str) -> Result<Vec<CertificateDer<'static>>, PlanError> {
    let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    let all = all.map_err(|error| wrong(whose, error))?;
    if all.is_empty() {
        return Err(wrong(whose, "there is no certificate in PEM"));
    }
    Ok(all)
}

fn wrong(whose: &str, reason: impl Display) -> PlanError {
    PlanError::Certificate {
        whose: whose.into(),
        reason: reason.to_string(),
    }
}
