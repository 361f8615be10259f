//! Starts and stops the threads that serve.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use tokio_util::sync::CancellationToken;

use super::Gateway;
use super::gateway::lock;
use crate::config::CertificateConfig;
use crate::error::GatewayError;
use crate::listen::{Door, Renewal, bind, serve};
use crate::proxy::most_copies;
use crate::upstream::watch;
use crate::worker::Worker;
use trunkline_acme::AcmeConfig;
use trunkline_scrutiny::StreamLimits;

/// How often the lines of requests are handed over.
const FLUSH: Duration = Duration::from_millis(200);

/// The threads of a gateway that serves. Dropping it closes the listeners without waiting.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    tls_address: Option<SocketAddr>,
    door: Arc<Door>,
    threads: Vec<JoinHandle<()>>,
    /// One more of each listener, for whoever keeps them over the end of this process.
    spare: Vec<TcpListener>,
}

impl Running {
    /// What it listens at, for whoever keeps it over the end of this process. They are given once.
    pub fn take_listeners(&mut self) -> Vec<OwnedFd> {
        self.spare.drain(..).map(OwnedFd::from).collect()
    }

    /// The address of the listener without TLS.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address of the listener with TLS.
    #[must_use]
    pub const fn tls_address(&self) -> Option<SocketAddr> {
        self.tls_address
    }

    /// Takes no more connections, gives requests under way their time and waits for the threads. Blocks.
    pub fn stop(mut self) {
        self.spare.clear();
        self.door.closing.cancel();
        for thread in self.threads.drain(..) {
            drop(thread.join());
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.door.closing.cancel();
    }
}

impl Gateway {
    /// Listens and serves on threads of its own. Must be called inside a runtime, which does the health checks and looks after certificates.
    ///
    /// # Errors
    /// An address that cannot be listened at, a certificate that cannot be used, a thread that does not start.
    pub fn start(&self) -> Result<Running, GatewayError> {
        self.start_with(Vec::new())
    }

    /// The same with listeners of a process before this one, as far as they are at the same addresses and as many. Who connected in between is answered.
    ///
    /// # Errors
    /// As [`Gateway::start`].
    pub fn start_with(&self, kept: Vec<OwnedFd>) -> Result<Running, GatewayError> {
        let config = &self.config;
        let seconds = Duration::from_secs;
        let limits = StreamLimits {
            head: seconds(config.head_timeout_seconds),
            idle: seconds(config.idle_timeout_seconds),
            body: seconds(config.body_timeout_seconds),
            write: seconds(config.body_timeout_seconds),
        };
        let ordered = config.acme.as_ref().map(ordered);
        let mut renewal = Renewal::new(config.certificates.clone(), ordered);
        let tls = config.tls_listen.map(|_| renewal.read()).transpose()?;
        let door = Arc::new(Door {
            seats: Arc::new(trunkline_web::Seats::new(
                config.max_connections,
                config.connections_per_address,
            )),
            limits,
            drain: seconds(config.drain_seconds),
            closing: CancellationToken::new(),
            tls: ArcSwapOption::new(tls),
        });
        let workers = self.workers();
        let mut kept: Vec<_> = kept.into_iter().map(TcpListener::from).collect();
        let plain = listeners(config.listen, workers, &mut kept)?;
        let secure = config
            .tls_listen
            .map(|address| listeners(address, workers, &mut kept))
            .transpose()?;
        let address = local(&plain, config.listen)?;
        let tls_address = match (&secure, config.tls_listen) {
            (Some(secure), Some(wanted)) => Some(local(secure, wanted)?),
            _ => None,
        };
        self.watch_upstreams();
        if let (Some(runtime), Some(_)) = (&*lock(&self.runtime), tls_address) {
            runtime.spawn(renewal.keep(Arc::clone(&door)));
            if let Some(config) = &config.acme {
                runtime.spawn(trunkline_acme::keep(
                    config.clone(),
                    Arc::clone(&self.core.challenges),
                    Arc::clone(&self.core.clock),
                    door.closing.clone(),
                ));
            }
        }
        let mut running = Running {
            address,
            tls_address,
            door,
            threads: Vec::new(),
            spare: spare(&plain, secure.as_deref().unwrap_or_default()),
        };
        let mut secure = secure.into_iter().flatten();
        for (index, plain) in plain.into_iter().enumerate() {
            let worker = Arc::new(Worker::new(
                index,
                Arc::clone(&self.core),
                &*self.ids,
                most_copies(),
            ));
            let door = Arc::clone(&running.door);
            let secure = secure.next();
            let thread = std::thread::Builder::new().name(format!("gateway-{index}"));
            let thread = thread
                .spawn(move || serve_worker(&door, &worker, plain, secure))
                .map_err(GatewayError::Thread)?;
            running.threads.push(thread);
        }
        let mut texts = vec![format!("http://{address}")];
        texts.extend(tls_address.map(|address| format!("https://{address}")));
        *lock(&self.listeners) = texts;
        *lock(&self.address) = Some(address);
        Ok(running)
    }

    /// Where this process reaches its own listener without TLS.
    pub(crate) fn own_address(&self) -> Option<SocketAddr> {
        let mut address = (*lock(&self.address))?;
        if address.ip().is_unspecified() {
            let local: std::net::IpAddr = match address {
                SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
                SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
            };
            address.set_ip(local);
        }
        Some(address)
    }

    fn watch_upstreams(&self) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        for upstream in self.core.table.load().upstreams.values() {
            runtime.spawn(watch(Arc::downgrade(upstream)));
        }
        *lock(&self.runtime) = Some(runtime);
    }
}

/// The certificate that is ordered.
fn ordered(acme: &AcmeConfig) -> CertificateConfig {
    let file = trunkline_acme::certificate(acme);
    CertificateConfig {
        certificate: file.clone(),
        key: file,
        names: acme.names.clone(),
    }
}

/// One more of each listener. Where there are none, nothing is kept over the end of this process.
fn spare(plain: &[TcpListener], secure: &[TcpListener]) -> Vec<TcpListener> {
    let all = plain.iter().chain(secure);
    all.map(TcpListener::try_clone)
        .collect::<io::Result<_>>()
        .unwrap_or_default()
}

/// Listeners at `address`, those of `kept` where they are as many.
fn listeners(
    address: SocketAddr,
    count: usize,
    kept: &mut Vec<TcpListener>,
) -> Result<Vec<TcpListener>, GatewayError> {
    let is_there = |one: &mut TcpListener| one.local_addr().is_ok_and(|own| own == address);
    let known: Vec<_> = kept.extract_if(.., is_there).collect();
    if known.len() == count {
        return Ok(known);
    }
    drop(known);
    let fail = |source| GatewayError::Listen { address, source };
    // Without an attempt of its own a second process would share the port by accident.
    drop(TcpListener::bind(address).map_err(fail)?);
    let first = bind(address).map_err(fail)?;
    let address = first.local_addr().map_err(fail)?;
    let mut all = vec![first];
    for _ in 1..count {
        all.push(bind(address).map_err(fail)?);
    }
    Ok(all)
}

fn local(
    listeners: &[std::net::TcpListener],
    address: SocketAddr,
) -> Result<SocketAddr, GatewayError> {
    let first = listeners
        .first()
        .ok_or(io::Error::from(io::ErrorKind::NotFound));
    first
        .and_then(std::net::TcpListener::local_addr)
        .map_err(|source| GatewayError::Listen { address, source })
}

fn serve_worker(
    door: &Arc<Door>,
    worker: &Arc<Worker>,
    plain: std::net::TcpListener,
    secure: Option<std::net::TcpListener>,
) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let result = runtime.and_then(|runtime| {
        runtime.block_on(async {
            let flushing = tokio::spawn(flush(Arc::clone(worker)));
            let secure = async {
                match secure {
                    Some(listener) => {
                        serve(Arc::clone(door), Arc::clone(worker), listener, true).await
                    }
                    None => Ok(()),
                }
            };
            let (plain, secure) = tokio::join!(
                serve(Arc::clone(door), Arc::clone(worker), plain, false),
                secure
            );
            flushing.abort();
            worker.lines.flush(&*worker.core.ports.sink);
            plain.and(secure)
        })
    });
    if let Err(error) = result {
        tracing::error!(%error, "a thread of the gateway ended");
    }
}

async fn flush(worker: Arc<Worker>) {
    let mut ticks = tokio::time::interval(FLUSH);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        worker.lines.flush(&*worker.core.ports.sink);
    }
}
