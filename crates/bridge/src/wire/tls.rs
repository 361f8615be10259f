//! TLS towards a remote.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};

use crate::Settings;

/// Reads the files anew, so that a certificate that was renewed holds with the next connection.
///
/// # Errors
/// What is wrong with the files, in words for people.
pub(crate) async fn client(
    settings: &Settings,
    folder: &Path,
) -> Result<Arc<ClientConfig>, String> {
    let roots = match &settings.authority_file {
        Some(file) => named_roots(&folder.join(file)).await?,
        None => trusted_roots().await?,
    };
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots);
    let mut config = match (&settings.certificate_file, &settings.key_file) {
        (Some(certificate), Some(key)) => {
            let (certificate, key) = (folder.join(certificate), folder.join(key));
            let chain = certificates(&certificate).await?;
            let secret = PrivateKeyDer::from_pem_slice(&read(&key).await?)
                .map_err(|error| wrong(&key, &format!("there is no private key in it: {error}")))?;
            builder
                .with_client_auth_cert(chain, secret)
                .map_err(|error| {
                    wrong(&certificate, &format!("it does not fit the key: {error}"))
                })?
        }
        _ => builder.with_no_client_auth(),
    };
    config.alpn_protocols = settings
        .alpn
        .iter()
        .map(|name| name.clone().into_bytes())
        .collect();
    Ok(Arc::new(config))
}

async fn named_roots(file: &Path) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(file).await? {
        roots
            .add(certificate)
            .map_err(|error| wrong(file, &error.to_string()))?;
    }
    Ok(roots)
}

async fn trusted_roots() -> Result<RootCertStore, String> {
    let found = tokio::task::spawn_blocking(rustls_native_certs::load_native_certs)
        .await
        .map_err(|error| error.to_string())?;
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        return Err("the system trusts no authority; name one as `authority_file`".into());
    }
    Ok(roots)
}

async fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let text = read(file).await?;
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(&text)
        .collect::<Result<_, _>>()
        .map_err(|error| wrong(file, &error.to_string()))?;
    if certificates.is_empty() {
        return Err(wrong(file, "there is no certificate in it"));
    }
    Ok(certificates)
}

async fn read(file: &Path) -> Result<Vec<u8>, String> {
    tokio::fs::read(file)
        .await
        .map_err(|error| wrong(file, &error.to_string()))
}

fn wrong(file: &Path, what: &str) -> String {
    format!("`{}`: {what}", file.display())
}
