//! TLS of the client, and what a peer needs for its own.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::client::Resumption;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// What a device has for TLS, as PEM.
#[derive(Debug)]
pub(crate) struct Identity {
    /// By what it knows the broker.
    pub(crate) root: String,
    /// Its certificate and what stands between that and the root.
    pub(crate) chain: String,
    /// Its private key.
    pub(crate) key: String,
}

/// What connects as `identity`. Each connection shakes hands in full, since a broker that was killed remembers none.
pub(crate) fn connector(identity: &Identity) -> Result<TlsConnector> {
    let mut roots = RootCertStore::empty();
    for root in CertificateDer::pem_slice_iter(identity.root.as_bytes()) {
        roots.add(root?)?;
    }
    let chain = CertificateDer::pem_slice_iter(identity.chain.as_bytes());
    let key = PrivateKeyDer::from_pem_slice(identity.key.as_bytes())?;
    let mut config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_client_auth_cert(chain.collect::<Result<_, _>>()?, key)?;
    config.resumption = Resumption::disabled();
    Ok(TlsConnector::from(Arc::new(config)))
}

/// Shakes hands with whoever is at the other end, who has to be `localhost`.
pub(super) async fn shake(
    connector: &TlsConnector,
    stream: TcpStream,
) -> Result<TlsStream<TcpStream>> {
    let name = ServerName::try_from("localhost")?;
    Ok(connector.connect(name, stream).await?)
}

/// Makes with openssl an authority, `server.pem` with `server.key` for a broker, and what a device called `device` has, with keys of the
/// kind that our own authority makes.
pub(crate) fn issue(folder: &Path, device: &str) -> Result<Identity> {
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30";
    openssl(
        folder,
        &format!("req -x509 {key} -subj /CN=bench-root -keyout root.key -out root.pem"),
    )?;
    for (file, name) in [("server", "localhost"), ("device", device)] {
        openssl(
            folder,
            &format!(
                "req -x509 {key} -CA root.pem -CAkey root.key -subj /CN={name} -addext subjectAltName=DNS:{name} -addext basicConstraints=critical,CA:FALSE -keyout {file}.key -out {file}.pem"
            ),
        )?;
    }
    let read = |name: &str| std::fs::read_to_string(folder.join(name));
    Ok(Identity {
        root: read("root.pem")?,
        chain: read("device.pem")?,
        key: read("device.key")?,
    })
}

fn openssl(folder: &Path, arguments: &str) -> Result<()> {
    let output = Command::new("openssl")
        .current_dir(folder)
        .args(arguments.split(' '))
        .output()
        .context("run openssl")?;
    ensure!(
        output.status.success(),
        "openssl {arguments}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}
