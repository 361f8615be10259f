//! The server's side of TLS.

use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use rustls::pki_types::UnixTime;
use rustls::server::{NoServerSessionStorage, ResolvesServerCert};
use rustls::time_provider::TimeProvider;
use trunkline_model::Clock;

use super::DeviceVerifier;

/// The protocols that devices name on a port that is shared with others: MQTT, and the name that AWS IoT has for MQTT with certificates.
pub const ALPN: [&str; 2] = ["mqtt", "x-amzn-mqtt-ca"];

/// TLS 1.2 and 1.3 for devices that `verifier` knows, with the server's certificate from `identity`.
///
/// A client that names protocols has to name one of `alpn`; one that names none is let in.
///
/// No session is ever resumed, neither by ticket nor by id: a resumed session would not ask the registry, so that a certificate that is taken
/// back would go on working. Every connection is a full handshake.
///
/// # Errors
/// [`rustls::Error`] where the library refuses its own defaults.
pub fn server_config(
    verifier: Arc<DeviceVerifier>,
    identity: Arc<dyn ResolvesServerCert>,
    alpn: &[&str],
) -> Result<ServerConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let time = Arc::new(Time(Arc::clone(verifier.clock())));
    let builder = ServerConfig::builder_with_details(provider, time)
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?;
    let mut config = builder
        .with_client_cert_verifier(verifier)
        .with_cert_resolver(identity);
    config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(config)
}

/// The platform's clock as the library asks for it.
#[derive(Debug)]
struct Time(Arc<dyn Clock>);

impl TimeProvider for Time {
    fn current_time(&self) -> Option<UnixTime> {
        let micros = u64::try_from(self.0.now().as_micros()).ok()?;
        Some(UnixTime::since_unix_epoch(Duration::from_micros(micros)))
    }
}
