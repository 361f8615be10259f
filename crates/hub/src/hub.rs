//! Putting the broker and its ports together.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use trunkline_access::Access;
use trunkline_fleet::{Fleet, Tell};
use trunkline_ingest::Ingest;
use trunkline_log::EventLog;
use trunkline_model::{Clock, IdGen};
use trunkline_mqtt::{Broker, Ports};
use trunkline_web::{Authorize, Seats};

use crate::MqttConfig;
use crate::door::Door;
use crate::held::Held;
use crate::journal::IntoLog;
use crate::listen::serve;
use crate::reserved::{Listeners, Shadows};
use crate::watch::{IntoEvents, Waiting};

/// How often sessions and messages whose time is over are looked for.
const SWEEP: Duration = Duration::from_secs(1);

/// The rooms that the broker meets.
#[derive(Debug)]
pub struct Parts {
    /// Tokens.
    pub access: Arc<Access>,
    /// Devices and their twins.
    pub fleet: Arc<Fleet>,
    /// Who may do what.
    pub permits: Arc<dyn Authorize>,
    /// Where messages are kept.
    pub log: Arc<dyn EventLog>,
    /// Where events are written.
    pub ingest: Ingest,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Ids and chance.
    pub ids: Arc<dyn IdGen>,
}

/// The broker with all that it needs.
#[derive(Debug)]
pub struct Hub {
    broker: Broker,
    seats: Arc<Seats>,
    ingest: Ingest,
    access: Arc<Access>,
    permits: Arc<dyn Authorize>,
    held: Arc<Held>,
    waiting: Mutex<Option<Waiting>>,
    closing: CancellationToken,
}

impl Hub {
    /// A broker that does not listen yet.
    #[must_use]
    pub fn new(config: &MqttConfig, parts: Parts) -> Self {
        let (watch, waiting) = IntoEvents::new(parts.clock, Arc::clone(&parts.ids));
        let held = Arc::<Held>::default();
        let ports = Ports {
            door: Arc::new(Door {
                access: Arc::clone(&parts.access),
                held: Arc::clone(&held),
                permits: Arc::clone(&parts.permits),
                fleet: Arc::clone(&parts.fleet),
            }),
            journal: Arc::new(IntoLog(parts.log)),
            reserved: Arc::new(Shadows(parts.fleet)),
            watch: Arc::new(watch),
            ids: parts.ids,
        };
        let closing = CancellationToken::new();
        Self {
            broker: Broker::new(config.limits(), ports, closing.clone()),
            seats: Arc::new(Seats::new(
                config.max_connections,
                config.max_connections_per_address,
            )),
            ingest: parts.ingest,
            access: parts.access,
            permits: parts.permits,
            held,
            waiting: Mutex::new(Some(waiting)),
            closing,
        }
    }

    /// The way to devices that are connected.
    #[must_use]
    pub fn listeners(&self) -> Arc<dyn Tell> {
        Arc::new(Listeners(self.broker.clone()))
    }

    /// Serves MQTT at `listener` until `stop`; then every client is told, and its last event is written.
    pub async fn serve(&self, listener: TcpListener, stop: CancellationToken) {
        let taken = self
            .waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let written = CancellationToken::new();
        let events = async {
            if let Some(waiting) = taken {
                waiting.deliver(self.ingest.clone(), written.clone()).await;
            }
        };
        let connections = async {
            let serving = serve(
                self.broker.clone(),
                listener,
                Arc::clone(&self.seats),
                self.closing.clone(),
            );
            tokio::join!(serving, self.keep(stop));
            written.cancel();
        };
        tokio::join!(events, connections);
    }

    /// Sweeps until `stop`, then closes the broker.
    async fn keep(&self, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(SWEEP) => {}
            }
            self.broker.sweep();
            let connected = self.broker.credentials();
            for ended in self
                .held
                .ended(&self.access, &*self.permits, &connected)
                .await
            {
                self.broker.revoke(&ended);
            }
        }
        self.closing.cancel();
    }
}
