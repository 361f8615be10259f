//! Putting the broker and its ports together.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use trunkline_access::Access;
use trunkline_bridge::Bridges;
use trunkline_command::Commands;
use trunkline_fleet::{Fleet, Tell};
use trunkline_ingest::Ingest;
use trunkline_lake::Lake;
use trunkline_log::EventLog;
use trunkline_model::{Clock, IdGen};
use trunkline_mqtt::{Broker, ClientLimits, Pass, Ports};
use trunkline_store::Store;
use trunkline_web::{Authorize, Seats};

use crate::MqttConfig;
use crate::ask::FromLake;
use crate::bridges::{Own, bridges};
use crate::commands::{self, Answered, Answers, ByBroker};
use crate::door::Door;
use crate::gather::Gather;
use crate::held::Held;
use crate::journal::IntoLog;
use crate::lanes::Lanes;
use crate::listen::Port;
use crate::memory::Memory;
use crate::presence::Presence;
use crate::reserved::{Listeners, Platform};
use crate::rules::TopicRules;
use crate::tls::{RENEWAL, Tls, TlsError};
use crate::watch::{IntoEvents, Waiting};

/// How often sessions and messages whose time is over are looked for, and jobs.
const SWEEP: Duration = Duration::from_secs(1);

/// Who sends the messages of the platform.
const PLATFORM: &str = "platform";

/// How often certificates are looked after.
const DAY: Duration = Duration::from_secs(86_400);

/// The sockets on which the broker answers; those that are switched off are missing.
#[derive(Debug, Default)]
pub struct MqttListeners {
    /// For MQTT as it is.
    pub plain: Option<TcpListener>,
    /// For MQTT with TLS.
    pub tls: Option<TcpListener>,
}

/// The rooms that the broker meets.
#[derive(Debug)]
pub struct Parts {
    /// Tokens.
    pub access: Arc<Access>,
    /// Devices and their twins.
    pub fleet: Arc<Fleet>,
    /// What devices are told to do.
    pub commands: Arc<Commands>,
    /// Who may do what.
    pub permits: Arc<dyn Authorize>,
    /// Where messages are kept.
    pub log: Arc<dyn EventLog>,
    /// Where the state of sessions is kept.
    pub store: Store,
    /// Where events are written.
    pub ingest: Ingest,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Ids and chance.
    pub ids: Arc<dyn IdGen>,
    /// The workspace, from which paths in the files of bridges lead.
    pub workspace: PathBuf,
}

/// The broker with all that it needs.
#[derive(Debug)]
pub struct Hub {
    broker: Broker,
    rules: Arc<TopicRules>,
    presence: Arc<Presence>,
    lake: Arc<OnceLock<Arc<Lake>>>,
    log: Arc<dyn EventLog>,
    store: Store,
    clock: Arc<dyn Clock>,
    seats: Arc<Seats>,
    ingest: Ingest,
    access: Arc<Access>,
    fleet: Arc<Fleet>,
    ids: Arc<dyn IdGen>,
    config: MqttConfig,
    permits: Arc<dyn Authorize>,
    held: Arc<Held>,
    own: Arc<Own>,
    bridges: Arc<Bridges>,
    commands: Arc<Commands>,
    answered: tokio::sync::Mutex<Answered>,
    waiting: Mutex<Option<Waiting>>,
    /// Cancelled once the broker remembers its sessions.
    awake: CancellationToken,
    closing: CancellationToken,
}

impl Hub {
    /// A broker that does not listen yet.
    #[must_use]
    pub fn new(config: &MqttConfig, parts: Parts) -> Self {
        let (clock, ids) = (Arc::clone(&parts.clock), Arc::clone(&parts.ids));
        let presence = Arc::new(Presence::new(Arc::clone(&clock), &*ids));
        let (watch, waiting) = IntoEvents::new(clock, ids, Arc::clone(&presence));
        let (watch, own) = (Arc::new(watch), Arc::new(Own::new(&*parts.ids)));
        let clock = (Arc::clone(&parts.clock), Arc::clone(&parts.ids));
        let bridges = bridges(&own, &watch, clock, parts.workspace);
        let (answers, answered) = Answers::new();
        let held = Arc::<Held>::default();
        let lake = Arc::<OnceLock<Arc<Lake>>>::default();
        let rules = Arc::new(TopicRules::new(Arc::clone(&lake)));
        parts.fleet.set_ask(Arc::new(FromLake {
            lake: Arc::clone(&lake),
            clock: Arc::clone(&parts.clock),
            ids: Arc::clone(&parts.ids),
        }));
        let ports = Ports {
            door: Arc::new(Door {
                access: Arc::clone(&parts.access),
                held: Arc::clone(&held),
                own: Arc::clone(&own),
                permits: Arc::clone(&parts.permits),
                fleet: Arc::clone(&parts.fleet),
            }),
            journal: Arc::new(IntoLog {
                log: Arc::clone(&parts.log),
                clock: Arc::clone(&parts.clock),
                rules: Arc::clone(&rules),
                answers,
                together: Gather::default(),
            }),
            reserved: Arc::new(Platform(Arc::clone(&parts.fleet))),
            watch,
            ids: Arc::clone(&parts.ids),
            clock: Arc::clone(&parts.clock),
            own: Arc::new(Pass {
                principal: PLATFORM.into(),
                credential: PLATFORM.into(),
                thing: None,
                publish: Vec::new(),
                withheld: Vec::new(),
                subscribe: Vec::new(),
                limits: ClientLimits::service(),
            }),
        };
        let (awake, closing) = (CancellationToken::new(), CancellationToken::new());
        let broker = Broker::new(config.limits(), ports, closing.clone());
        parts.commands.set_deliver(Arc::new(ByBroker {
            broker: broker.clone(),
            principal: PLATFORM.into(),
            awake: awake.clone(),
            closing: closing.clone(),
        }));
        Self {
            broker,
            rules,
            presence,
            lake,
            log: parts.log,
            store: parts.store,
            clock: parts.clock,
            seats: Arc::new(Seats::new(
                config.max_connections,
                config.max_connections_per_address,
            )),
            ingest: parts.ingest,
            access: parts.access,
            fleet: parts.fleet,
            ids: parts.ids,
            config: config.clone(),
            permits: parts.permits,
            held,
            own,
            bridges,
            commands: parts.commands,
            answered: tokio::sync::Mutex::new(answered),
            waiting: Mutex::new(Some(waiting)),
            awake,
            closing,
        }
    }

    /// Says which lake has the tables of topic rules, and answers the statements of jobs and groups. Only the first one counts.
    pub fn set_lake(&self, lake: Arc<Lake>) {
        self.lake.get_or_init(|| lake);
    }

    /// The rules that make rows of messages.
    #[must_use]
    pub const fn rules(&self) -> &Arc<TopicRules> {
        &self.rules
    }

    /// Who is connected now, by the names of things and the ids of others.
    #[must_use]
    pub fn connected(&self) -> std::collections::HashSet<Arc<str>> {
        self.broker.principals()
    }

    /// The bridges to other brokers.
    #[must_use]
    pub const fn bridges(&self) -> &Arc<Bridges> {
        &self.bridges
    }

    /// The broker, once it remembers its sessions and until it closes.
    pub(crate) fn broker(&self) -> Option<&Broker> {
        let serves = self.awake.is_cancelled() && !self.closing.is_cancelled();
        serves.then_some(&self.broker)
    }

    pub(crate) const fn log(&self) -> &Arc<dyn EventLog> {
        &self.log
    }

    pub(crate) const fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    pub(crate) const fn seats(&self) -> &Arc<Seats> {
        &self.seats
    }

    /// Bytes of the largest packet that is taken.
    pub(crate) fn packet_bytes(&self) -> usize {
        usize::try_from(self.config.max_packet_bytes).unwrap_or(usize::MAX)
    }

    /// The way to devices that are connected.
    #[must_use]
    pub fn listeners(&self) -> Arc<dyn Tell> {
        Arc::new(self.own_listeners())
    }

    fn own_listeners(&self) -> Listeners {
        Listeners {
            broker: self.broker.clone(),
            awake: self.awake.clone(),
        }
    }

    /// Serves MQTT at `listeners` until `stop`; then every client is told, and its last event is written.
    pub async fn serve(&self, listeners: MqttListeners, stop: CancellationToken) {
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
            // Before the first message, and before names are learnt from old ones.
            self.rules.settle().await;
            let woken = Memory::wake(
                self.broker.clone(),
                (Arc::clone(&self.log), self.store.clone()),
                Arc::clone(&self.rules),
                &self.commands,
                Arc::clone(&self.clock),
            );
            let woken = woken.await;
            // Where the log could not be read, nobody looks at the answers in it.
            self.commands.caught_up();
            let mut memory = match woken {
                Ok(memory) => memory,
                Err(error) => {
                    // To take clients without their sessions would be to lose what waits for them.
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "MQTT is not served"
                    );
                    written.cancel();
                    return;
                }
            };
            let lanes = match Lanes::start() {
                Ok(lanes) => lanes,
                Err(error) => {
                    tracing::error!(%error, "MQTT is not served: no thread can be started");
                    written.cancel();
                    return;
                }
            };
            let tls = match self.tls(listeners.tls.is_some()) {
                Ok(tls) => tls,
                Err(error) => {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "MQTT with TLS is not served"
                    );
                    None
                }
            };
            self.awake.cancel();
            if let Some(Ok(address)) = listeners.plain.as_ref().map(TcpListener::local_addr) {
                self.own.listens(address);
            }
            let renewal = tls.clone();
            let plain = self.port(listeners.plain, None, &lanes);
            let secured = async {
                // Without a certificate the port is closed, never open without TLS.
                if let Some(tls) = tls {
                    self.port(listeners.tls, Some(tls), &lanes).await;
                }
            };
            let kept = self.keep(&mut memory, renewal, stop);
            let followed = async {
                tokio::select! {
                    () = self.rules.follow() => {}
                    () = self.presence.send(&self.broker) => {}
                    () = self.go_on_with_jobs() => {}
                    () = self.take_answers() => {}
                    () = self.bridges.run(self.closing.clone()) => {}
                    () = self.closing.cancelled() => {}
                }
            };
            tokio::join!(plain, secured, kept, followed);
            // Before the last checkpoint: what lies in the log before it is not looked at again.
            commands::finish(&self.commands, &mut *self.answered.lock().await).await;
            memory.checkpoint().await;
            written.cancel();
        };
        tokio::join!(events, connections);
    }

    fn tls(&self, wanted: bool) -> Result<Option<Arc<Tls>>, TlsError> {
        if !wanted {
            return Ok(None);
        }
        let own = (Arc::clone(&self.clock), Arc::clone(&self.ids));
        Tls::new(&self.config, &self.fleet, own).map(|tls| Some(Arc::new(tls)))
    }

    async fn port(&self, listener: Option<TcpListener>, tls: Option<Arc<Tls>>, lanes: &Arc<Lanes>) {
        if let Some(listener) = listener {
            let (seats, lanes) = (Arc::clone(&self.seats), Arc::clone(lanes));
            let port = Port::new(self.broker.clone(), seats, lanes, tls);
            port.serve(listener, self.closing.clone()).await;
        }
    }

    /// Looks after all that has a time until `stop`, then closes the broker.
    async fn keep(&self, memory: &mut Memory, tls: Option<Arc<Tls>>, stop: CancellationToken) {
        let mut days = tokio::time::interval(DAY);
        let mut renewals = tokio::time::interval(RENEWAL);
        // The first is at once, and the certificate is new.
        renewals.tick().await;
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(SWEEP) => self.second(memory).await,
                _ = renewals.tick() => if let Some(tls) = &tls {
                    tls.renew();
                },
                _ = days.tick() => if let Err(error) = self.fleet.look_after_certificates().await {
                    tracing::warn!(error = &error as &dyn std::error::Error, "certificates could not be looked after");
                },
            }
        }
        self.closing.cancel();
    }

    /// Goes on with the jobs of devices, apart from all else: a statement that takes long must not keep a token from being taken back.
    async fn go_on_with_jobs(&self) {
        let listeners = self.own_listeners();
        loop {
            if let Err(error) = self.fleet.tick(&listeners).await {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "jobs of devices do not go on"
                );
            }
            tokio::time::sleep(SWEEP).await;
        }
    }

    async fn take_answers(&self) {
        commands::take(&self.commands, &mut *self.answered.lock().await).await;
    }

    async fn second(&self, memory: &mut Memory) {
        self.broker.sweep();
        memory.tick().await;
        let connected = self.broker.credentials();
        let ended = self
            .held
            .ended(&self.access, &*self.permits, &connected)
            .await;
        for credential in ended {
            self.broker.revoke(&credential);
        }
        // Most of those that have ended belong to nobody who is connected.
        let ended = self.fleet.ended_certificates();
        for id in ended.iter().filter(|id| connected.contains(id.as_str())) {
            self.broker.revoke(id);
        }
    }
}
