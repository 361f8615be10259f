//! The section `[mqtt]` of the configuration.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use trunkline_mqtt::Limits;

/// The MQTT broker.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MqttConfig {
    /// Address and port for MQTT without TLS; empty is off. Passwords travel as they are, so another address than the loopback is for
    /// a network that is trusted.
    pub listen: String,
    /// Address and port for MQTT with TLS, for devices with certificates and for passwords too; empty is off.
    pub tls_listen: String,
    /// Host names and addresses by which devices reach the broker. They stand in the certificate that the platform's authority makes for it,
    /// beside `localhost` and the addresses of the loopback.
    pub tls_names: Vec<String>,
    /// A file with the broker's certificate and those above it as PEM, where it is to show another than the platform's own.
    pub tls_certificate_file: Option<PathBuf>,
    /// A file with the private key of that certificate as PEM.
    pub tls_key_file: Option<PathBuf>,
    /// How many connections there may be at once.
    pub max_connections: usize,
    /// How many connections one address may have at once.
    pub max_connections_per_address: usize,
    /// How many times a second one client id may connect; five seconds' worth may come at once. More are refused with the reason 0x9F,
    /// and with 0x03 where they speak MQTT 3.1.1; 0 is no limit.
    pub connects_per_client: u32,
    /// How many connections a second may begin from one IPv4 address or one IPv6 network of 64 bits. More are closed without a word;
    /// 0 is no limit.
    pub handshakes_per_address: u32,
    /// How many connections may be on their way in at once, which ends with the answer to their CONNECT; one address has a quarter of
    /// them at the most. More are closed without a word; 0 is no limit.
    pub max_handshakes: usize,
    /// Whether the three limits above hold for connections from the loopback too. They do not by default, since all programs of one
    /// machine share it; switch it on where a proxy on this machine hands on connections from elsewhere.
    pub limit_loopback: bool,
    /// Bytes of the largest packet that is taken.
    pub max_packet_bytes: u32,
    /// Sessions that are kept, connected or not.
    pub max_sessions: usize,
    /// Retained messages that are kept.
    pub max_retained: usize,
    /// Seconds that a session outlives its connection at the most.
    pub session_expiry_seconds: u32,
}

impl Default for MqttConfig {
    fn default() -> Self {
        let limits = Limits::default();
        Self {
            listen: "127.0.0.1:1883".into(),
            tls_listen: "127.0.0.1:8883".into(),
            tls_names: Vec::new(),
            tls_certificate_file: None,
            tls_key_file: None,
            max_connections: 20_000,
            max_connections_per_address: 20_000,
            connects_per_client: limits.connects_per_client,
            handshakes_per_address: limits.handshakes_per_address,
            max_handshakes: limits.handshakes_under_way,
            limit_loopback: limits.limit_loopback,
            max_packet_bytes: limits.packet_bytes,
            max_sessions: limits.sessions,
            max_retained: limits.retained,
            session_expiry_seconds: limits.session_expiry,
        }
    }
}

impl MqttConfig {
    /// The broker's limits; what is not configured is as it comes.
    pub(crate) fn limits(&self) -> Limits {
        Limits {
            connects_per_client: self.connects_per_client,
            handshakes_per_address: self.handshakes_per_address,
            handshakes_under_way: self.max_handshakes,
            limit_loopback: self.limit_loopback,
            packet_bytes: self.max_packet_bytes,
            sessions: self.max_sessions,
            retained: self.max_retained,
            session_expiry: self.session_expiry_seconds,
            ..Limits::default()
        }
    }
}
