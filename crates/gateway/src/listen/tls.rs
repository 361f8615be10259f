//! Certificates from files, chosen by the name that a client asks for.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, RootCertStore, ServerConfig};

use crate::config::CertificateConfig;
use crate::error::GatewayError;

/// The certificates by name.
#[derive(Debug, Default)]
struct Certificates {
    named: HashMap<String, Arc<CertifiedKey>>,
    /// By what follows the `*`.
    wildcards: HashMap<String, Arc<CertifiedKey>>,
    other: Option<Arc<CertifiedKey>>,
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let Some(name) = hello.server_name() else {
            return self.other.clone();
        };
        let name = name.to_ascii_lowercase();
        let wildcard = || self.wildcards.get(&name[name.find('.')?..]);
        self.named
            .get(&name)
            .or_else(wildcard)
            .or(self.other.as_ref())
            .cloned()
    }
}

/// The server's side of TLS with the certificates of `list`.
///
/// # Errors
/// A file that cannot be read or used.
pub(crate) fn server_config(list: &[CertificateConfig]) -> Result<Arc<ServerConfig>, GatewayError> {
    let mut certificates = Certificates::default();
    for entry in list {
        let key = Arc::new(load(entry)?);
        if entry.names.is_empty() {
            certificates.other.get_or_insert_with(|| Arc::clone(&key));
        }
        for name in &entry.names {
            let name = name.to_ascii_lowercase();
            match name.strip_prefix('*') {
                Some(suffix) => certificates
                    .wildcards
                    .insert(suffix.into(), Arc::clone(&key)),
                None => certificates.named.insert(name, Arc::clone(&key)),
            };
        }
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder =
        ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| wrong(Path::new(""), &error))?;
    let mut config = builder
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(certificates));
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn load(entry: &CertificateConfig) -> Result<CertifiedKey, GatewayError> {
    let chain = CertificateDer::pem_file_iter(&entry.certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| wrong(&entry.certificate, &error))?;
    let key =
        PrivateKeyDer::from_pem_file(&entry.key).map_err(|error| wrong(&entry.key, &error))?;
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    CertifiedKey::from_der(chain, key, &provider).map_err(|error| wrong(&entry.certificate, &error))
}

fn wrong(file: &Path, error: &dyn std::error::Error) -> GatewayError {
    GatewayError::Certificate {
        file: file.into(),
        reason: error.to_string(),
    }
}

/// The client's side of TLS towards upstreams: the certificates of the system's store.
///
/// # Errors
/// The TLS library refuses its own defaults.
pub(crate) fn client_config() -> Result<Arc<ClientConfig>, GatewayError> {
    let mut roots = RootCertStore::empty();
    let store = Path::new("/etc/ssl/certs/ca-certificates.crt");
    if let Ok(certificates) = CertificateDer::pem_file_iter(store) {
        roots.add_parsable_certificates(certificates.flatten());
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| wrong(store, &error))?;
    Ok(Arc::new(
        builder.with_root_certificates(roots).with_no_client_auth(),
    ))
}
