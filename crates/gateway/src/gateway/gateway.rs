//! The gateway and what it keeps.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use arc_swap::ArcSwap;
use trunkline_model::{Clock, IdGen};

use crate::config::GatewayConfig;
use crate::error::GatewayError;
use crate::file::{Parsed, Problem};
use crate::listen::client_config;
use crate::port::Ports;
use crate::table::Table;
use crate::worker::Core;
use trunkline_scrutiny::{Cidr, HeadLimits};

/// What changes with the route files.
#[derive(Debug, Default)]
pub(super) struct Files {
    /// The last good version of each file.
    pub(super) good: BTreeMap<String, Parsed>,
    pub(super) problems: Vec<Problem>,
}

/// The API gateway.
#[derive(Debug)]
pub struct Gateway {
    pub(super) core: Arc<Core>,
    pub(super) config: GatewayConfig,
    pub(super) ids: Arc<dyn IdGen>,
    pub(super) files: Mutex<Files>,
    pub(super) client_tls: Arc<rustls::ClientConfig>,
    pub(super) listeners: Mutex<Vec<String>>,
    /// Where the listener without TLS is, once there is one.
    pub(super) address: Mutex<Option<std::net::SocketAddr>>,
    pub(super) runtime: Mutex<Option<tokio::runtime::Handle>>,
}

impl Gateway {
    /// A gateway without routes that does not listen yet.
    ///
    /// # Errors
    /// The configuration cannot be used.
    pub fn new(
        config: GatewayConfig,
        ports: Ports,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdGen>,
    ) -> Result<Self, GatewayError> {
        if let Some(acme) = &config.acme {
            if let Some(problem) = acme.problem() {
                return Err(GatewayError::Acme(problem));
            }
            if config.tls_listen.is_none() {
                return Err(GatewayError::Acme(
                    "a certificate needs `gateway.tls_listen`",
                ));
            }
        }
        if config.tls_listen.is_some() && config.certificates.is_empty() && config.acme.is_none() {
            return Err(GatewayError::NoCertificate);
        }
        let trusted_proxies = config
            .trusted_proxies
            .iter()
            .map(|text| text.parse::<Cidr>())
            .collect::<Result<_, _>>()?;
        let core = Core {
            table: ArcSwap::from_pointee(Table::default()),
            ports,
            clock,
            trusted_proxies,
            head: HeadLimits::default(),
            challenges: Arc::default(),
        };
        Ok(Self {
            core: Arc::new(core),
            config,
            ids,
            files: Mutex::default(),
            client_tls: client_config()?,
            listeners: Mutex::default(),
            address: Mutex::default(),
            runtime: Mutex::default(),
        })
    }

    /// The number of threads that serve.
    pub(super) fn workers(&self) -> usize {
        match self.config.workers {
            0 => std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            workers => workers,
        }
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}
