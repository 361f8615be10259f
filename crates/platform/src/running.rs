//! A platform from its start to its end.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use trunkline_api::{Api, Listener};
use trunkline_hub::MqttListeners;
use trunkline_log::EventLog;
use trunkline_model::{Clock, IdGen};
use trunkline_sample::Target;
use trunkline_store::outbox::Relay;
use trunkline_workspace::Workspace;

use super::listen::{Listeners, address};
use super::outbox::IntoLog;
use super::platform::Composed;
use super::rooms::Rooms;
use super::workspace;
use super::{Settings, http, listen, local_token};
use crate::DataDir;

/// A platform that is up.
#[derive(Debug)]
pub struct Running {
    /// Where the console and the API answer.
    pub api: SocketAddr,
    /// What listens where.
    pub listeners: Vec<Listener>,
    /// The address with which the owner signs in the first time; only at the very first start.
    pub first_link: Option<String>,
    data_dir: DataDir,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGen>,
    rooms: Rooms,
    platform: Arc<Composed>,
    edge: Option<trunkline_gateway::Running>,
    workspace: PathBuf,
    /// The sample's files in the workspace.
    shop: Option<trunkline_sample::Files>,
    stop: CancellationToken,
    tasks: JoinSet<()>,
}

/// Starts a platform and returns when it is ready.
///
/// # Errors
/// When a port is taken, the data directory cannot be used, or a room cannot be opened.
pub async fn start(settings: Settings) -> anyhow::Result<Running> {
    let listeners = Listeners::bind(&settings).await?;
    settings.data_dir.create()?;
    let bound = address(&listeners.api).unwrap_or(SocketAddr::from(([127, 0, 0, 1], 0)));
    let base = settings
        .config
        .access
        .public_url
        .clone()
        .unwrap_or_else(|| format!("http://{bound}"));
    let rooms = Rooms::open(&settings, &base).await?;
    // Policies and routes hold before anybody is answered.
    let workspace = Workspace::open(
        settings.workspace(),
        vec![
            workspace::policies(Arc::clone(&rooms.permits)),
            workspace::documents(Arc::clone(&rooms.portal)),
            workspace::routes(Arc::clone(&rooms.run.routes)),
            workspace::topic_rules(Arc::clone(rooms.hub.rules())),
            workspace::bridges(Arc::clone(&rooms.hub)),
            workspace::behaviour(Arc::clone(rooms.residuals.models())),
        ],
    );
    let created = rooms.access.ensure_owner().await?;
    if let Err(error) = rooms.run.services.take_over().await {
        tracing::warn!(%error, "what runs of services is taken over later");
    }
    let kept = rooms.run.processes.kept_sockets().await;
    let mut edge = rooms.edge.gateway.start_with(kept)?;
    rooms
        .run
        .processes
        .keep_sockets(edge.take_listeners())
        .await;
    let mut described = listeners.describe();
    described.extend(listen::of_edge(&edge));
    let platform = Arc::new(Composed {
        log: Arc::clone(&rooms.log),
        ingest: rooms.ingest.clone(),
        data_dir: settings.data_dir.path().to_path_buf(),
        listeners: described.clone(),
        ready: AtomicBool::new(false),
        about: settings.about,
    });
    let api = Api::new(
        Arc::clone(&rooms.lake),
        Arc::clone(&rooms.log) as Arc<dyn EventLog>,
        Arc::clone(&platform) as _,
        Arc::clone(&settings.clock),
        Arc::clone(&settings.ids),
        settings.config.api.clone(),
    );
    local_token::ensure(&rooms.access, &settings.data_dir).await?;
    let mut running = Running {
        api: bound,
        listeners: described,
        first_link: created.map(|created| created.link.url(&base)),
        data_dir: settings.data_dir.clone(),
        clock: Arc::clone(&settings.clock),
        ids: Arc::clone(&settings.ids),
        rooms,
        platform,
        edge: Some(edge),
        workspace: settings.workspace(),
        shop: None,
        stop: CancellationToken::new(),
        tasks: JoinSet::new(),
    };
    running.keep(&settings, workspace);
    running.serve(&settings, api, listeners);
    running.platform.ready.store(true, Ordering::Relaxed);
    Ok(running)
}

impl Running {
    /// Starts what runs beside the requests.
    fn keep(&mut self, settings: &Settings, workspace: Workspace) {
        let sink = Arc::new(IntoLog {
            ingest: self.rooms.ingest.clone(),
            issuer: Arc::clone(&self.rooms.issuer),
            commands: Arc::clone(&self.rooms.commands),
            topology: Arc::clone(&self.rooms.topology),
        });
        let relay = Relay::new(self.rooms.store.clone(), sink);
        self.tasks
            .spawn(relay.run(self.stop.clone().cancelled_owned()));
        let portal = Arc::clone(&self.rooms.portal);
        self.tasks
            .spawn(portal.maintain(self.stop.clone().cancelled_owned()));
        let issuer = Arc::clone(&self.rooms.issuer);
        self.tasks
            .spawn(issuer.maintain(self.stop.clone().cancelled_owned()));
        let access = Arc::clone(&self.rooms.access);
        self.tasks
            .spawn(access.maintain(self.stop.clone().cancelled_owned()));
        // Where MQTT is not served too: commands time out all the same.
        let commands = Arc::clone(&self.rooms.commands);
        self.tasks
            .spawn(commands.maintain(self.stop.clone().cancelled_owned()));
        let (residuals, stop) = (Arc::clone(&self.rooms.residuals), self.stop.clone());
        self.tasks.spawn(async move {
            tokio::select! {
                () = residuals.follow() => {}
                () = stop.cancelled() => {}
            }
        });
        let edge = &self.rooms.edge;
        self.tasks
            .spawn(Arc::clone(&edge.counter).keep(settings.data_dir.quotas(), self.stop.clone()));
        let (tokens, clock) = (Arc::clone(&edge.tokens), Arc::clone(&self.clock));
        let stop = self.stop.clone();
        self.tasks.spawn(async move {
            tokio::select! {
                () = tokens.keep_fresh(&*clock) => {}
                () = stop.cancelled() => {}
            }
        });
        for lines in [
            &self.rooms.decisions,
            &self.rooms.requests,
            &self.rooms.edge.compared,
            &self.rooms.edge.violations,
        ] {
            let (lines, ingest) = (Arc::clone(lines), self.rooms.ingest.clone());
            self.tasks.spawn(lines.deliver(ingest, self.stop.clone()));
        }
        self.tasks.spawn(workspace.watch(self.stop.clone()));
        let (forge, stop) = (Arc::clone(&self.rooms.forge), self.stop.clone());
        self.tasks.spawn(async move {
            stop.run_until_cancelled(forge.keep_tidy()).await;
        });
        let (lfs, stop) = (Arc::clone(&self.rooms.lfs), self.stop.clone());
        self.tasks.spawn(async move {
            stop.run_until_cancelled(lfs.keep_tidy()).await;
        });
        let (mirrors, stop) = (Arc::clone(&self.rooms.mirrors), self.stop.clone());
        self.tasks.spawn(async move {
            stop.run_until_cancelled(mirrors.keep()).await;
        });
        let (services, stop) = (Arc::clone(&self.rooms.run.services), self.stop.clone());
        self.tasks.spawn(async move {
            stop.run_until_cancelled(services.keep()).await;
        });
        if let Some(own) = settings.telemetry.clone() {
            let ingest = self.rooms.ingest.clone();
            self.tasks.spawn(trunkline_introspect::deliver(
                own,
                ingest,
                self.stop.clone(),
            ));
        }
    }

    /// Starts answering.
    fn serve(&mut self, settings: &Settings, api: Api, listeners: Listeners) {
        let surfaces = http::surfaces(settings, &self.rooms, api.clone());
        self.answer(listeners.api, surfaces.api);
        if let Some(listener) = listeners.otlp_http {
            self.answer(listener, surfaces.otlp);
        }
        if let Some(listener) = listeners.otlp_grpc {
            self.answer(listener, surfaces.grpc);
        }
        if listeners.mqtt.is_some() || listeners.mqtt_tls.is_some() {
            let mqtt = MqttListeners {
                plain: listeners.mqtt,
                tls: listeners.mqtt_tls,
            };
            let (hub, stop) = (Arc::clone(&self.rooms.hub), self.stop.clone());
            self.tasks.spawn(async move { hub.serve(mqtt, stop).await });
        } else {
            // Nobody reads the answers in the log.
            self.rooms.commands.caught_up();
        }
        if let Some(listener) = listeners.pgwire {
            let judges = (
                Arc::clone(&self.rooms.access) as _,
                Arc::clone(&self.rooms.permits) as _,
            );
            let (config, stop) = (settings.config.pgwire.clone(), self.stop.clone());
            self.tasks.spawn(async move {
                tokio::select! {
                    served = trunkline_api::pgwire::serve(api, judges, config, listener) => {
                        if let Err(error) = served {
                            tracing::error!(%error, "the PostgreSQL protocol is not answered");
                        }
                    }
                    () = stop.cancelled() => {}
                }
            });
        }
    }

    fn answer(&mut self, listener: TcpListener, router: Router) {
        let stop = self.stop.clone();
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        self.tasks.spawn(async move {
            let served =
                axum::serve(listener, service).with_graceful_shutdown(stop.cancelled_owned());
            if let Err(error) = served.await {
                tracing::error!(%error, "a listener ended");
            }
        });
    }

    /// Loads the history of `repository` and keeps sending pretend traffic, over HTTP like any other client.
    pub fn load_sample(&mut self, repository: PathBuf) {
        let Some(token) = self.data_dir.read_local_token() else {
            tracing::warn!("there is no token for local commands, so the sample cannot be sent");
            return;
        };
        let target = Target {
            base: format!("http://{}", self.api),
            token,
        };
        let history = target.clone();
        self.tasks.spawn(async move {
            if let Err(error) = trunkline_sample::load(history, repository).await {
                tracing::warn!(%error, "the history of the sample's repository was not loaded");
            }
        });
        self.push_monorepo(target.clone());
        self.open_shop(target.token.clone());
        if let Some(edge) = &self.edge {
            let gateway = format!("http://{}", edge.address());
            self.tasks.spawn(trunkline_sample::monorepo::visit(
                gateway,
                self.stop.clone(),
            ));
        }
        self.connect_fleet(target.clone());
        let (clock, ids) = (Arc::clone(&self.clock), Arc::clone(&self.ids));
        self.tasks
            .spawn(trunkline_sample::run(target, clock, ids, self.stop.clone()));
    }

    /// Pushes the sample's monorepo with its changes.
    fn push_monorepo(&mut self, target: Target) {
        let folder = self.data_dir.forge().join("sample");
        let stop = self.stop.clone();
        self.tasks.spawn(async move {
            let kept = trunkline_sample::monorepo::keep(&target, folder);
            if let Some(Err(error)) = stop.run_until_cancelled(kept).await {
                tracing::warn!(%error, "the sample's repository was not made");
            }
        });
    }

    /// Lets the sample's devices live, where they can connect.
    fn connect_fleet(&mut self, target: Target) {
        let broker = self
            .listeners
            .iter()
            .find(|listener| listener.name == "mqtt");
        let Some(Ok(broker)) = broker.map(|listener| listener.address.parse()) else {
            tracing::warn!("MQTT without TLS is not served, so the sample has no devices");
            return;
        };
        let (clock, stop) = (Arc::clone(&self.clock), self.stop.clone());
        self.tasks.spawn(async move {
            let lived = trunkline_sample::fleet::run(target, broker, clock, stop);
            if let Err(error) = lived.await {
                tracing::warn!(%error, "the sample's devices do not live");
            }
        });
    }

    /// Starts the sample's service, puts it behind the gateway and keeps asking it.
    fn open_shop(&mut self, token: String) {
        let Some(edge) = &self.edge else {
            return;
        };
        let gateway = Target {
            base: format!("http://{}", edge.address()),
            token,
        };
        let opened = std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| {
            listener.set_nonblocking(true)?;
            let files = trunkline_sample::Files::write(&self.workspace, listener.local_addr()?)?;
            Ok((TcpListener::from_std(listener)?, files))
        });
        match opened {
            Ok((listener, files)) => {
                self.shop = Some(files);
                self.tasks
                    .spawn(trunkline_sample::serve(listener, self.stop.clone()));
                let ids = Arc::clone(&self.ids);
                self.tasks
                    .spawn(trunkline_sample::ask(gateway, ids, self.stop.clone()));
            }
            Err(error) => tracing::warn!(%error, "the sample's shop was not opened"),
        }
    }

    /// Stops: no new requests, a moment for those under way, then everything is written and closed.
    pub async fn stop(mut self) {
        self.platform.ready.store(false, Ordering::Relaxed);
        self.shop = None;
        // Whoever waits for a device is answered as it is, so that no request holds up the end.
        self.rooms.commands.close();
        if self.rooms.run.services.end_with_platform() {
            self.rooms.run.processes.keep_sockets(Vec::new()).await;
        }
        if let Some(edge) = self.edge.take() {
            // It waits for requests under way, and its last events must still find the log open.
            drop(tokio::task::spawn_blocking(move || edge.stop()).await);
        }
        self.stop.cancel();
        let ended = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(GRACE, ended).await.is_err() {
            // Tails never end by themselves.
            self.tasks.shutdown().await;
        }
        self.rooms.close().await;
    }
}

/// How long requests that are under way may take when the platform stops.
const GRACE: std::time::Duration = std::time::Duration::from_secs(3);
