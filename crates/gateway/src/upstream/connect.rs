//! A new connection to a target.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::Upstream;
use super::pool::Sender;
use super::target::Target;
use crate::file::Protocol;
use trunkline_scrutiny::AddressPolicy;

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectError {
    #[error("the target's address is refused: {0}")]
    Refused(&'static str),
    #[error("the target cannot be reached")]
    Io(#[from] io::Error),
    #[error("the target cannot be reached in time")]
    Timeout,
    #[error("the target does not speak the protocol")]
    Handshake(#[from] hyper::Error),
}

impl Upstream {
    /// Connects to `target`.
    pub(crate) async fn connect(&self, target: &Target) -> Result<Sender, ConnectError> {
        let limit = self.rule.connect_timeout.0;
        tokio::time::timeout(limit, self.open(target))
            .await
            .unwrap_or(Err(ConnectError::Timeout))
    }

    async fn open(&self, target: &Target) -> Result<Sender, ConnectError> {
        let stream = self.reach(target).await?;
        stream.set_nodelay(true)?;
        let Some(tls) = &self.tls else {
            return handshake(stream, self.rule.protocol).await;
        };
        let name = ServerName::try_from(target.host.trim_matches(['[', ']']).to_owned())
            .map_err(io::Error::other)?;
        let stream = TlsConnector::from(Arc::clone(tls))
            .connect(name, stream)
            .await?;
        handshake(stream, self.rule.protocol).await
    }

    /// Resolves the target once and connects to an address that was looked at.
    async fn reach(&self, target: &Target) -> Result<TcpStream, ConnectError> {
        let host = target.host.trim_matches(['[', ']']);
        if let Ok(address) = host.parse::<IpAddr>() {
            if let Some(why) = self.policy.refuses(address) {
                return Err(ConnectError::Refused(why));
            }
            return Ok(TcpStream::connect(SocketAddr::new(address, target.port)).await?);
        }
        if let Some(why) = AddressPolicy::refuses_name(host) {
            return Err(ConnectError::Refused(why));
        }
        let mut last = ConnectError::Io(io::ErrorKind::NotFound.into());
        for address in tokio::net::lookup_host((host, target.port)).await? {
            if let Some(why) = self.policy.refuses(address.ip()) {
                last = ConnectError::Refused(why);
                continue;
            }
            match TcpStream::connect(address).await {
                Ok(stream) => return Ok(stream),
                Err(error) => last = error.into(),
            }
        }
        Err(last)
    }
}

async fn handshake<S>(stream: S, protocol: Protocol) -> Result<Sender, ConnectError>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let io = TokioIo::new(stream);
    if protocol == Protocol::H2c {
        let (sender, connection) = http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .keep_alive_interval(Duration::from_secs(20))
            .keep_alive_timeout(Duration::from_secs(10))
            .max_header_list_size(64 * 1024)
            .initial_stream_window_size(1 << 20)
            .initial_connection_window_size(4 << 20)
            .handshake(io)
            .await?;
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection to an upstream ended");
            }
        });
        return Ok(Sender::Http2(sender));
    }
    let (sender, connection) = http1::handshake(io).await?;
    tokio::spawn(async move {
        if let Err(error) = connection.with_upgrades().await {
            tracing::debug!(%error, "a connection to an upstream ended");
        }
    });
    Ok(Sender::Http1(sender))
}
