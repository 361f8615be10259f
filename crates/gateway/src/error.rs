//! What can go wrong with the gateway itself.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use trunkline_model::{Coded, ErrorCode, code};

use trunkline_scrutiny::CidrError;

/// Why the gateway does not start, or a change was not made.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// An address cannot be listened at.
    #[error("the gateway cannot listen at {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A thread could not be started.
    #[error("a thread of the gateway cannot be started")]
    Thread(#[source] io::Error),
    /// A certificate or its key cannot be used.
    #[error("the certificate {file} cannot be used: {reason}")]
    Certificate {
        /// The file.
        file: PathBuf,
        /// Why.
        reason: String,
    },
    /// `gateway.acme` cannot be used.
    #[error("gateway.acme: {0}")]
    Acme(&'static str),
    /// TLS is on without a certificate.
    #[error("gateway.tls_listen is set without gateway.certificates or gateway.acme")]
    NoCertificate,
    /// A range of trusted proxies is not one.
    #[error("gateway.trusted_proxies: {0}")]
    Proxies(#[from] CidrError),
    /// There is no such route or upstream.
    #[error("there is no {kind} `{name}`")]
    Unknown {
        /// `route` or `upstream`.
        kind: &'static str,
        /// Its name.
        name: String,
    },
    /// The new weights cannot be used.
    #[error("{0}")]
    Weights(String),
}

impl Coded for GatewayError {
    fn code(&self) -> &'static ErrorCode {
        match self {
            Self::Listen { .. } | Self::Thread(_) | Self::Certificate { .. } => {
                &code::GATEWAY_LISTEN
            }
            Self::Acme(_) | Self::NoCertificate | Self::Proxies(_) => &code::GATEWAY_CONFIG,
            Self::Unknown { .. } => &code::GATEWAY_UNKNOWN,
            Self::Weights(_) => &code::GATEWAY_WEIGHTS,
        }
    }
}
