//! TLS: the certificate that the broker shows, and those that it asks for.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use trunkline_authority::{
    ALPN, AuthorityError, DeviceVerifier, PrivateKeyPem, ServerIdentity, peer_certificate_id,
    server_config,
};
use trunkline_fleet::Fleet;
use trunkline_model::{Clock, IdGen};
use trunkline_mqtt::PeerCertificate;

use crate::MqttConfig;

/// How long the broker's own certificate is good for.
const VALIDITY: Duration = Duration::from_secs(90 * 86_400);
/// How often it is made anew.
pub(crate) const RENEWAL: Duration = Duration::from_secs(30 * 86_400);
/// How long a handshake may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// Names by which the broker is always reached.
const OWN_NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// The broker's side of TLS.
pub(crate) struct Tls {
    acceptor: TlsAcceptor,
    identity: Arc<ServerIdentity>,
    source: Source,
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Tls")
            .field("identity", &self.identity)
            .finish_non_exhaustive()
    }
}

/// Where the broker's certificate comes from.
struct Source {
    config: MqttConfig,
    fleet: Arc<Fleet>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGen>,
}

impl Source {
    /// The certificate with those above it, and its key.
    fn read(&self) -> Result<(String, PrivateKeyPem), TlsError> {
        match (&self.config.tls_certificate_file, &self.config.tls_key_file) {
            (None, None) => self.make(),
            (Some(certificate), Some(key)) => Ok((read(certificate)?, read(key)?.into())),
            _ => Err(TlsError::Half),
        }
    }

    fn make(&self) -> Result<(String, PrivateKeyPem), TlsError> {
        let mut names: Vec<String> = OWN_NAMES.map(str::to_owned).to_vec();
        for name in &self.config.tls_names {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        let authority = self.fleet.authority();
        let made = authority.issue_server(&names, VALIDITY, self.clock.now(), &*self.ids)?;
        let chain = made.certificate.pem + &authority.chain_pem();
        Ok((chain, made.private_key))
    }
}

fn read(path: &Path) -> Result<String, TlsError> {
    std::fs::read_to_string(path).map_err(|source| TlsError::File {
        path: path.display().to_string(),
        source,
    })
}

impl Tls {
    pub(crate) fn new(
        config: &MqttConfig,
        fleet: &Arc<Fleet>,
        (clock, ids): (Arc<dyn Clock>, Arc<dyn IdGen>),
    ) -> Result<Self, TlsError> {
        let source = Source {
            config: config.clone(),
            fleet: Arc::clone(fleet),
            clock: Arc::clone(&clock),
            ids,
        };
        let (chain, key) = source.read()?;
        let identity = Arc::new(ServerIdentity::new(&chain, &key)?);
        // Who shows no certificate has to say otherwise who it is.
        let verifier = DeviceVerifier::new(fleet.registered(), clock).optional();
        let config = server_config(Arc::new(verifier), Arc::clone(&identity) as _, &ALPN)?;
        Ok(Self {
            acceptor: TlsAcceptor::from(Arc::new(config)),
            identity,
            source,
        })
    }

    /// Shows a new certificate from now on: one that is made, or what the files have now.
    pub(crate) fn renew(&self) {
        let renewed = self.source.read().and_then(|(chain, key)| {
            self.identity.replace(&chain, &key)?;
            Ok(())
        });
        if let Err(error) = renewed {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "the broker goes on with its old certificate"
            );
        }
    }

    /// Shakes hands; nothing where the client is not let in.
    pub(crate) async fn accept(
        &self,
        stream: TcpStream,
    ) -> Option<(TlsStream<TcpStream>, Option<PeerCertificate>)> {
        let shaken = tokio::time::timeout(PATIENCE, self.acceptor.accept(stream));
        let stream = match shaken.await {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => {
                tracing::debug!(%error, "a TLS handshake failed");
                return None;
            }
            Err(_) => return None,
        };
        let (_, connection) = stream.get_ref();
        let certificate = peer_certificate_id(connection).and_then(|id| {
            let der = connection.peer_certificates()?.first()?;
            Some(PeerCertificate {
                id: id.into(),
                der: Bytes::copy_from_slice(der),
            })
        });
        Some((stream, certificate))
    }
}

/// Why MQTT with TLS cannot be served.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TlsError {
    /// One of the two files is missing.
    #[error(
        "`mqtt.tls_certificate_file` and `mqtt.tls_key_file` belong together: one of them is not set"
    )]
    Half,
    /// A file cannot be read.
    #[error("`{path}` cannot be read")]
    File {
        /// The file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// The platform's authority cannot make a certificate.
    #[error("the broker's certificate cannot be made: is `mqtt.tls_names` right?")]
    Authority(#[from] AuthorityError),
    /// The certificate or its key is not good.
    #[error("the broker's certificate cannot be used")]
    Library(#[from] tokio_rustls::rustls::Error),
}
