//! Connections on their way in.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::time::Instant;

use crate::broker::{Broker, Core};
use crate::codec::Reason;
use crate::gate::Crowded;

/// A connection on its way in. It counts as such until this is dropped.
#[derive(Debug)]
pub struct Arrival {
    core: Arc<Core>,
    /// As what it is counted; nothing where it is not.
    host: Option<IpAddr>,
}

impl Drop for Arrival {
    fn drop(&mut self) {
        if let Some(host) = self.host {
            self.core.gate().left(host);
        }
    }
}

impl Broker {
    /// Begins a connection from `address`, before its handshake. Nothing where too many come from there or are on their way in: it is
    /// counted and told, and to be closed without a word, which would cost what the limit saves.
    #[must_use]
    pub fn arrive(&self, address: IpAddr) -> Option<Arrival> {
        let core = &self.0;
        let arrived = core.gate().arrive(address, Instant::now());
        match arrived {
            Ok(host) => Some(Arrival {
                core: Arc::clone(core),
                host,
            }),
            Err(crowded) => {
                core.count.refused.fetch_add(1, Ordering::Relaxed);
                core.tell_crowded("", address, crowded);
                None
            }
        }
    }
}

impl Core {
    /// Whether `client` does not come too often, as far as is known before it is known who it is.
    ///
    /// # Errors
    /// What it is told.
    pub(super) fn look(&self, client: &str, address: IpAddr) -> Result<(), Reason> {
        let looked = self.gate().look(client, address, Instant::now());
        looked.map_err(|crowded| self.tell_crowded(client, address, crowded))
    }

    /// Counts that `client` comes.
    ///
    /// # Errors
    /// What it is told where it comes too often.
    pub(super) fn enter(&self, client: &str, address: IpAddr) -> Result<(), Reason> {
        let entered = self.gate().enter(client, address, Instant::now());
        entered.map_err(|crowded| self.tell_crowded(client, address, crowded))
    }

    fn tell_crowded(&self, client: &str, address: IpAddr, crowded: Crowded) -> Reason {
        if let Some(repeated) = crowded.tell {
            let watch = &self.ports.watch;
            watch.crowded(client, address, crowded.limit, repeated);
        }
        Reason::ConnectionRateExceeded
    }
}
