//! The section `[gateway]` of the configuration.

use std::net::SocketAddr;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use trunkline_acme::AcmeConfig;

/// The API gateway's listeners and limits.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct GatewayConfig {
    /// The address of the listener without TLS; HTTP/1.1 and HTTP/2 with prior knowledge.
    pub listen: SocketAddr,
    /// The address of the listener with TLS; none where it is missing.
    pub tls_listen: Option<SocketAddr>,
    /// Certificates for TLS; the name that a client asks for chooses among them.
    pub certificates: Vec<CertificateConfig>,
    /// Certificates from an ACME server, such as Let's Encrypt, beside those of files.
    pub acme: Option<AcmeConfig>,
    /// Threads that serve; one for each processor where it is 0.
    pub workers: usize,
    /// Ranges of proxies in front whose `X-Forwarded-For` is believed, such as `10.0.0.0/8`.
    pub trusted_proxies: Vec<String>,
    /// Whether upstreams may lie at loopback addresses.
    pub loopback_upstreams: bool,
    /// Whether upstreams may lie in private ranges without a route file that says so.
    pub private_upstreams: bool,
    /// The most connections at once.
    pub max_connections: usize,
    /// The most connections of one address at once.
    pub connections_per_address: usize,
    /// Seconds in which a request's head must be complete, and in which a new connection must say something.
    pub head_timeout_seconds: u64,
    /// Seconds that a connection may be silent between two requests.
    pub idle_timeout_seconds: u64,
    /// Seconds that may pass between two pieces of a request's body, or until a client takes more of an answer.
    pub body_timeout_seconds: u64,
    /// Seconds that requests under way get when the process stops.
    pub drain_seconds: u64,
    /// The share of requests that become events, from 0 to 1; a route may say otherwise.
    pub sample: f64,
}

/// A certificate and its key.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CertificateConfig {
    /// The PEM file with the certificate and its chain.
    pub certificate: PathBuf,
    /// The PEM file with the private key.
    pub key: PathBuf,
    /// Names that it is for, `*.example.com` included; a certificate without names serves every other name.
    #[serde(default)]
    pub names: Vec<String>,
}

impl Default for GatewayConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 7080)),
            tls_listen: None,
            certificates: Vec::new(),
            acme: None,
            workers: 0,
            trusted_proxies: Vec::new(),
            loopback_upstreams: true,
            private_upstreams: false,
            max_connections: 16_384,
            connections_per_address: 1024,
            head_timeout_seconds: 10,
            idle_timeout_seconds: 60,
            body_timeout_seconds: 30,
            drain_seconds: 10,
            sample: 1.0,
        }
    }
}
