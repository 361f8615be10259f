//! Handshakes in memory.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use rcgen::KeyPair;
use rustls::client::ResolvesClientCert;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, UnixTime};
use rustls::sign::CertifiedKey;
use rustls::time_provider::TimeProvider;
use rustls::{
    AlertDescription, ClientConfig, ClientConnection, Connection, Error, RootCertStore,
    ServerConfig, ServerConnection, SignatureScheme, SupportedProtocolVersion,
};
use trunkline_authority::{
    ALPN, DeviceVerifier, IssuedWithKey, Known, Registered, ServerIdentity, Standing,
    certificate_id, server_config,
};

use crate::support::{AUTHORITY, clock, days, ids, now};

pub(crate) const VERSIONS: [&SupportedProtocolVersion; 2] =
    [&rustls::version::TLS12, &rustls::version::TLS13];

/// A registry that says what a test wants.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    standings: Mutex<HashMap<String, Standing>>,
    introducers: Mutex<Vec<Vec<u8>>>,
    pub(crate) asked: Mutex<Vec<Known>>,
}

impl Registry {
    pub(crate) fn with(der: &[u8], standing: Standing) -> Arc<Self> {
        let registry = Arc::new(Self::default());
        registry.set(der, standing);
        registry
    }

    pub(crate) fn set(&self, der: &[u8], standing: Standing) {
        let mut standings = self.standings.lock().unwrap();
        standings.insert(certificate_id(der), standing);
    }

    pub(crate) fn introduce(&self, authorities: &[&[u8]]) {
        *self.introducers.lock().unwrap() = authorities.iter().map(|der| der.to_vec()).collect();
    }
}

impl Registered for Registry {
    fn state(&self, certificate_id: &str, der: &[u8]) -> Standing {
        assert_eq!(certificate_id, trunkline_authority::certificate_id(der));
        let standings = self.standings.lock().unwrap();
        let known = standings.get(certificate_id);
        known.copied().unwrap_or(Standing::Unknown)
    }

    fn introducers(&self, unknown: &Known) -> Vec<Vec<u8>> {
        self.asked.lock().unwrap().push(unknown.clone());
        self.introducers.lock().unwrap().clone()
    }
}

/// What a client shows, whether or not the key belongs to the certificate.
#[derive(Debug)]
pub(crate) struct Shown {
    key: Arc<CertifiedKey>,
    pub(crate) hints: Mutex<Vec<Vec<u8>>>,
}

impl Shown {
    pub(crate) fn new(chain: &[&[u8]], key: &KeyPair) -> Arc<Self> {
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let key = rustls::crypto::aws_lc_rs::sign::any_supported_type(&key).unwrap();
        let chain = chain
            .iter()
            .map(|der| CertificateDer::from(der.to_vec()))
            .collect();
        Arc::new(Self {
            key: Arc::new(CertifiedKey::new(chain, key)),
            hints: Mutex::default(),
        })
    }

    pub(crate) fn issued(device: &IssuedWithKey) -> Arc<Self> {
        let key = KeyPair::from_pem(device.private_key.reveal()).unwrap();
        Self::new(&[&device.certificate.der], &key)
    }
}

impl ResolvesClientCert for Shown {
    fn resolve(&self, hints: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        *self.hints.lock().unwrap() = hints.iter().map(|hint| hint.to_vec()).collect();
        Some(Arc::clone(&self.key))
    }

    fn has_certs(&self) -> bool {
        true
    }
}

/// The clients' clock.
#[derive(Debug)]
struct Now;

impl TimeProvider for Now {
    fn current_time(&self) -> Option<UnixTime> {
        let micros = now().as_micros().unsigned_abs();
        Some(UnixTime::since_unix_epoch(Duration::from_micros(micros)))
    }
}

/// A client that shows `shown`, and offers `alpn`.
pub(crate) fn client(
    version: &'static SupportedProtocolVersion,
    shown: Option<&Arc<Shown>>,
    alpn: &[&str],
) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    let root = CertificateDer::from_pem_slice(AUTHORITY.root_pem().as_bytes());
    roots.add(root.unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_details(provider, Arc::new(Now))
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots);
    let mut config = match shown {
        Some(shown) => {
            let shown: Arc<dyn ResolvesClientCert> = shown.clone();
            builder.with_client_cert_resolver(shown)
        }
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    Arc::new(config)
}

/// The broker's certificate.
pub(crate) fn server_certificate(seed: u64) -> IssuedWithKey {
    AUTHORITY
        .issue_server(&["localhost".into()], days(90), now(), &ids(seed))
        .unwrap()
}

pub(crate) fn identity() -> Arc<ServerIdentity> {
    static ISSUED: LazyLock<IssuedWithKey> = LazyLock::new(|| server_certificate(30));
    let chain = format!("{}{}", ISSUED.certificate.pem, AUTHORITY.chain_pem());
    Arc::new(ServerIdentity::new(&chain, &ISSUED.private_key).unwrap())
}

pub(crate) fn verifier(registry: &Arc<Registry>) -> DeviceVerifier {
    let registry: Arc<dyn Registered> = registry.clone();
    DeviceVerifier::new(registry, clock())
}

pub(crate) fn server(verifier: DeviceVerifier) -> Arc<ServerConfig> {
    Arc::new(server_config(Arc::new(verifier), identity(), &ALPN).unwrap())
}

/// What became of a handshake.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) server: Result<ServerConnection, Error>,
    pub(crate) client: Result<ClientConnection, Error>,
}

impl Outcome {
    /// The alert that the client was told.
    pub(crate) fn alert(&self) -> Option<AlertDescription> {
        match self.client {
            Err(Error::AlertReceived(alert)) => Some(alert),
            _ => None,
        }
    }
}

/// Lets `client` connect to `server`, until both have nothing more to say or one gives up.
pub(crate) fn connect(server: &Arc<ServerConfig>, client: &Arc<ClientConfig>) -> Outcome {
    connect_watched(server, client, |_| ())
}

/// The same, and lets `watch` look at the server's side after each byte that it gets.
pub(crate) fn connect_watched(
    server: &Arc<ServerConfig>,
    client: &Arc<ClientConfig>,
    mut watch: impl FnMut(&ServerConnection),
) -> Outcome {
    let mut watch = |connection: &Connection| {
        if let Connection::Server(connection) = connection {
            watch(connection);
        }
    };
    let name = "localhost".try_into().unwrap();
    let mut device = Connection::from(ClientConnection::new(Arc::clone(client), name).unwrap());
    let mut broker = Connection::from(ServerConnection::new(Arc::clone(server)).unwrap());
    let (mut heard, mut told) = (Ok(true), Ok(true));
    while let (Ok(more), Ok(answer)) = (&heard, &told)
        && (*more || *answer)
    {
        heard = carry(&mut device, &mut broker, &mut watch);
        // Where the broker gave up, what it still says is why.
        told = carry(&mut broker, &mut device, &mut watch);
    }
    if told.is_err() && heard.is_ok() {
        heard = carry(&mut device, &mut broker, &mut watch);
    }
    let (Connection::Client(device), Connection::Server(broker)) = (device, broker) else {
        unreachable!("they were made as such");
    };
    Outcome {
        server: heard.map(|_| broker),
        client: told.map(|_| device),
    }
}

/// Carries what `from` has to say, byte by byte; whether that was anything.
fn carry(
    from: &mut Connection,
    to: &mut Connection,
    watch: &mut impl FnMut(&Connection),
) -> Result<bool, Error> {
    let mut bytes = Vec::new();
    while from.wants_write() {
        from.write_tls(&mut bytes).unwrap();
    }
    for byte in &bytes {
        to.read_tls(&mut std::slice::from_ref(byte)).unwrap();
        to.process_new_packets()?;
        watch(to);
    }
    Ok(!bytes.is_empty())
}
