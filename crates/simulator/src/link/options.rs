//! How devices connect.

use std::net::IpAddr;
use std::time::Duration;

use rumqttc::v5::MqttOptions;
use rumqttc::{TlsConfiguration, Transport};

use super::tls::Trust;
use crate::plan::{Broker, Credential, PlanError, Proof};

/// Bytes of the largest packet that a device takes: a twin with the times of all its members fits in.
const PACKET: u32 = 256 * 1024;
/// Messages on their way that are not acknowledged yet.
pub(super) const UNDERWAY: u16 = 32;
/// How often a device that has nothing to say shows that it is there.
const KEEP_ALIVE: Duration = Duration::from_secs(60);
/// How long a connection may take to come about, in seconds.
const CONNECT: u64 = 10;

/// The way to the broker.
#[derive(Debug)]
pub(crate) struct Doors {
    host: String,
    port: u16,
    trust: Option<Trust>,
}

impl Doors {
    pub(crate) fn to(broker: &Broker) -> Result<Self, PlanError> {
        let given = broker.host.trim_start_matches('[').trim_end_matches(']');
        let is_v6 = matches!(given.parse(), Ok(IpAddr::V6(_)));
        // A certificate is asked for the name as it is given, and an address of version 6 is dialled in brackets.
        let good = !given.is_empty() && !given.contains(['/', ' ', '@']);
        let good = good && (is_v6 || !given.contains(':'));
        if !good || (is_v6 && broker.tls.is_some()) {
            return Err(PlanError::Host(broker.host.clone()));
        }
        let trust = broker.tls.as_deref().map(Trust::read).transpose()?;
        let host = if is_v6 {
            format!("[{given}]")
        } else {
            given.into()
        };
        let port = broker.port;
        Ok(Self { host, port, trust })
    }

    /// How `device` connects.
    pub(crate) fn options(&self, device: &Credential) -> Result<MqttOptions, PlanError> {
        let name = device.name.as_str();
        let mut options = MqttOptions::new(name, self.host.as_str(), self.port);
        options
            .set_keep_alive(KEEP_ALIVE)
            .set_connection_timeout(CONNECT)
            .set_max_packet_size(Some(PACKET))
            .set_outgoing_inflight_upper_limit(UNDERWAY);
        if let Proof::Secret(secret) = &device.proof {
            options.set_credentials(name, secret.as_str());
        }
        if let Some(trust) = &self.trust {
            let config = trust.config(name, &device.proof)?;
            options.set_transport(Transport::tls_with_config(TlsConfiguration::Rustls(config)));
        }
        Ok(options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn doors(host: &str, tls: Option<&str>) -> Result<String, PlanError> {
        let broker = Broker {
            host: host.into(),
            port: 1883,
            tls: tls.map(Into::into),
        };
        Doors::to(&broker).map(|doors| doors.host)
    }

    #[test]
    fn hosts_are_names_and_addresses() {
        for (host, dialled) in [
            ("localhost", "localhost"),
            ("127.0.0.1", "127.0.0.1"),
            ("::1", "[::1]"),
            ("[::1]", "[::1]"),
        ] {
            assert_eq!(doors(host, None), Ok(dialled.into()));
        }
        for bad in ["", "a b", "mqtt://a", "a:1883", "user@a"] {
            assert_eq!(doors(bad, None), Err(PlanError::Host(bad.into())));
        }
        assert!(matches!(doors("::1", Some("")), Err(PlanError::Host(_))));
    }

    #[test]
    fn what_is_trusted_must_be_certificates() {
        for bad in [
            "",
            "hello",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        ] {
            let error = doors("localhost", Some(bad)).unwrap_err();
            assert!(
                error.to_string().starts_with("the broker's authority: "),
                "{error}"
            );
        }
    }
}
