//! Listeners: all of them are bound before anything else is done, so that a taken port ends the start at once.

use std::net::SocketAddr;

use anyhow::Context;
use tokio::net::{TcpListener, TcpSocket};
use trunkline_api::Listener;

use super::Settings;

/// Connections that wait to be taken at the most: after a restart, thousands of devices come back at once, and one that finds no room here
/// believes that it is connected and waits. The system may allow fewer.
const BACKLOG: u32 = 4_096;

/// The bound listeners; those that are switched off are missing.
#[derive(Debug)]
pub(super) struct Listeners {
    pub(super) api: TcpListener,
    pub(super) mqtt: Option<TcpListener>,
    pub(super) mqtt_tls: Option<TcpListener>,
    pub(super) pgwire: Option<TcpListener>,
    pub(super) otlp_http: Option<TcpListener>,
    pub(super) otlp_grpc: Option<TcpListener>,
}

impl Listeners {
    pub(super) async fn bind(settings: &Settings) -> anyhow::Result<Self> {
        Ok(Self {
            api: bind("api", &settings.config.api.listen)
                .await?
                .context("`api.listen` is empty: the API cannot be switched off")?,
            mqtt: bind("mqtt", &settings.config.mqtt.listen).await?,
            mqtt_tls: bind("mqtt.tls", &settings.config.mqtt.tls_listen).await?,
            pgwire: bind("pgwire", &settings.config.pgwire.listen).await?,
            otlp_http: bind("otlp", &settings.config.otlp.listen).await?,
            otlp_grpc: bind("otlp.grpc", &settings.config.otlp.grpc_listen).await?,
        })
    }

    /// What listens where, for people.
    pub(super) fn describe(&self) -> Vec<Listener> {
        let all = [
            ("api", Some(&self.api)),
            ("mqtt", self.mqtt.as_ref()),
            ("mqtt_tls", self.mqtt_tls.as_ref()),
            ("pgwire", self.pgwire.as_ref()),
            ("otlp_http", self.otlp_http.as_ref()),
            ("otlp_grpc", self.otlp_grpc.as_ref()),
        ];
        let bound = all
            .into_iter()
            .filter_map(|(name, listener)| Some((name, address(listener?)?)));
        bound
            .map(|(name, address)| Listener {
                name: name.into(),
                address: address.to_string(),
            })
            .collect()
    }
}

/// What the gateway listens at, for people.
pub(super) fn of_edge(edge: &trunkline_gateway::Running) -> Vec<Listener> {
    let all = [
        ("gateway", Some(edge.address())),
        ("gateway_tls", edge.tls_address()),
    ];
    all.into_iter()
        .filter_map(|(name, address)| {
            Some(Listener {
                name: name.into(),
                address: address?.to_string(),
            })
        })
        .collect()
}

pub(super) fn address(listener: &TcpListener) -> Option<SocketAddr> {
    listener.local_addr().ok()
}

async fn bind(name: &str, address: &str) -> anyhow::Result<Option<TcpListener>> {
    if address.is_empty() {
        return Ok(None);
    }
    let listener = listen(address).await.map_err(|source| BindError {
        name: name.into(),
        address: address.into(),
        source,
    })?;
    Ok(Some(listener))
}

/// Listens at `address`, a name or a number with a port.
async fn listen(address: &str) -> std::io::Result<TcpListener> {
    let mut last = None;
    for address in tokio::net::lookup_host(address).await? {
        let socket = match address {
            SocketAddr::V4(_) => TcpSocket::new_v4()?,
            SocketAddr::V6(_) => TcpSocket::new_v6()?,
        };
        socket.set_reuseaddr(true)?;
        match socket.bind(address).and_then(|()| socket.listen(BACKLOG)) {
            Ok(listener) => return Ok(listener),
            Err(error) => last = Some(error),
        }
    }
    Err(last.unwrap_or_else(|| std::io::Error::other("the address leads nowhere")))
}

/// A listener could not have its address.
#[derive(Debug)]
pub(crate) struct BindError {
    name: String,
    address: String,
    source: std::io::Error,
}

impl std::fmt::Display for BindError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}` cannot listen on {}", self.name, self.address)
    }
}

impl std::error::Error for BindError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

impl trunkline_model::Coded for BindError {
    fn code(&self) -> &'static trunkline_model::ErrorCode {
        &trunkline_model::code::CLI_PORT
    }
}
