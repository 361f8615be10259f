//! Listeners: whether their addresses are free.

use std::net::{TcpListener, ToSocketAddrs as _};

use super::Check;
use trunkline_platform::Config;

/// Tries to listen on every address of the configuration.
pub fn ports(config: &Config) -> Vec<Check> {
    let gateway = config.gateway.listen.to_string();
    let listeners = [
        ("gateway", &gateway),
        ("api", &config.api.listen),
        ("mqtt", &config.mqtt.listen),
        ("mqtt tls", &config.mqtt.tls_listen),
        ("pgwire", &config.pgwire.listen),
        ("otlp", &config.otlp.listen),
        ("otlp grpc", &config.otlp.grpc_listen),
    ];
    listeners
        .iter()
        .filter(|(_, address)| !address.is_empty())
        .map(|(name, address)| port(name, address))
        .collect()
}

fn port(name: &str, address: &str) -> Check {
    let name = format!("port of {name}");
    let addresses: Vec<_> = match address.to_socket_addrs() {
        Ok(addresses) => addresses.collect(),
        Err(error) => return Check::fail(name, format!("{address}: {error}")),
    };
    match TcpListener::bind(addresses.as_slice()) {
        Ok(_) if addresses.iter().any(|address| !address.ip().is_loopback()) => Check::warn(
            name,
            format!("{address} is free, and other machines reach it: put TLS in front"),
        ),
        Ok(_) => Check::good(name, format!("{address} is free")),
        Err(error) => Check::fail(
            name,
            format!("{address}: {error}; see `ss -ltnp` for who has it"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_told() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap().to_string();
        assert!(port("api", &address).is_failure());
        drop(taken);
        assert_eq!(port("api", "127.0.0.1:0").status(), "ok");
    }
}
