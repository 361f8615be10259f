//! The rooms, opened in the order in which they need one another.

use std::collections::HashSet;
use std::sync::Arc;

use anyhow::Context;
use trunkline_access::Access;
use trunkline_artifact::Artifacts;
use trunkline_command::Commands;
use trunkline_edge::{Edge, Lines, Parts as EdgeParts};
use trunkline_fleet::Fleet;
use trunkline_forge::Forge;
use trunkline_hub::{Hub, Parts as HubParts, TwinLog};
use trunkline_ingest::Ingest;
use trunkline_issuer::Issuer;
use trunkline_lake::{Lake, Parts, Storage};
use trunkline_lfs::LargeFiles;
use trunkline_log::{DiskLog, EventLog};
use trunkline_mirror::Mirrors;
use trunkline_model::catalogue;
use trunkline_permit::Permits;
use trunkline_portal::Portal;
use trunkline_present::{Connected, Rebuilder, Residuals, Shadows, Sources, Things, records};
use trunkline_store::Store;
use trunkline_topology::Topology;

use super::Settings;
use super::people::{IntoAudit, KnownPeople};
use super::services;
use super::things::OfFleet;

/// All rooms of one platform.
#[derive(Clone, Debug)]
pub(super) struct Rooms {
    pub(super) log: Arc<DiskLog>,
    pub(super) lake: Arc<Lake>,
    pub(super) store: Store,
    pub(super) access: Arc<Access>,
    pub(super) permits: Arc<Permits>,
    pub(super) issuer: Arc<Issuer>,
    pub(super) portal: Arc<Portal>,
    pub(super) edge: Edge,
    pub(super) fleet: Arc<Fleet>,
    pub(super) artifacts: Arc<Artifacts>,
    pub(super) commands: Arc<Commands>,
    pub(super) topology: Arc<Topology>,
    pub(super) forge: Arc<Forge>,
    pub(super) lfs: Arc<LargeFiles>,
    pub(super) mirrors: Arc<Mirrors>,
    /// The results of tasks.
    pub(super) results: trunkline_task::Store,
    pub(super) run: services::Run,
    pub(super) hub: Arc<Hub>,
    pub(super) residuals: Arc<Residuals>,
    /// What was decided, on its way into the log.
    pub(super) decisions: Arc<Lines>,
    /// Requests that passed the gateway, on their way into the log.
    pub(super) requests: Arc<Lines>,
    pub(super) ingest: Ingest,
}

impl Rooms {
    /// Opens them; people reach the platform at `base`.
    pub(super) async fn open(settings: &Settings, base: &str) -> anyhow::Result<Self> {
        let own = || (Arc::clone(&settings.clock), Arc::clone(&settings.ids));
        let log = open_log(settings).await?;
        let store = Store::open(&settings.data_dir.store(), &settings.config.store).await?;
        let (clock, ids) = own();
        let access = Access::open(store.clone(), clock, ids, &settings.config.access).await?;
        let people = Arc::new(KnownPeople(Arc::clone(&access)));
        let decisions = IntoAudit::lines();
        let permits = Permits::new(
            Arc::clone(&people) as _,
            Arc::clone(&settings.clock),
            Arc::new(IntoAudit(Arc::clone(&decisions))),
        );
        let (clock, ids) = own();
        let config = &settings.config.issuer;
        let issuer = Issuer::open(store.clone(), clock, ids, config, base, people).await?;
        let (clock, ids) = own();
        let portal = Portal::open(store.clone(), clock, ids).await?;
        let requests = Lines::new("gateway", catalogue::GATEWAY_REQUEST);
        let edge = Edge::new(
            &settings.config.admission,
            gateway_config(settings),
            &settings.data_dir.quotas(),
            EdgeParts {
                access: Arc::clone(&access),
                issuer: Arc::clone(&issuer),
                permits: Arc::clone(&permits) as _,
                portal: Arc::clone(&portal),
                requests: Arc::clone(&requests),
                clock: Arc::clone(&settings.clock),
                ids: Arc::clone(&settings.ids),
            },
        )?;
        let (clock, ids) = own();
        let config = &settings.config.ingest;
        let ingest = Ingest::new(Arc::clone(&log) as Arc<dyn EventLog>, clock, ids, config);
        let (clock, ids) = own();
        let twins = TwinLog::new(Arc::clone(&log) as Arc<dyn EventLog>, ingest.clone());
        let fleet = Fleet::open(store.clone(), clock, ids, Arc::new(twins)).await?;
        let artifacts = super::artifacts::open(settings, store.clone(), &fleet, base).await?;
        let things = Arc::new(OfFleet(Arc::clone(&fleet)));
        let (clock, ids) = own();
        let commands = Commands::open(store.clone(), clock, ids, Arc::clone(&things) as _).await?;
        let (clock, ids) = own();
        let topology = Topology::open(store.clone(), clock, ids, things).await?;
        topology.forget_missing().await?;
        let (forge, workbench) = super::forge::open(settings, store.clone(), base).await?;
        let storage = Storage::open(&settings.config.lake, settings.data_dir.path())?;
        let lfs = super::lfs::open(settings, store.clone(), &forge, &storage, base).await?;
        let mirrors = super::mirror::open(settings, store.clone(), &forge, base).await?;
        let hub = HubParts {
            commands: Arc::clone(&commands),
            access: Arc::clone(&access),
            fleet: Arc::clone(&fleet),
            permits: Arc::clone(&permits) as _,
            log: Arc::clone(&log) as Arc<dyn EventLog>,
            store: store.clone(),
            ingest: ingest.clone(),
            clock: Arc::clone(&settings.clock),
            ids: Arc::clone(&settings.ids),
            workspace: settings.workspace(),
        };
        let hub = Arc::new(Hub::new(&settings.config.mqtt, hub));
        let lake = open_lake(settings, &log, storage).await?;
        hub.set_lake(Arc::clone(&lake));
        let results = workbench.store().clone();
        let stands = services::Stands {
            store: store.clone(),
            forge: Arc::clone(&forge),
            workbench,
            lake: Arc::clone(&lake),
        };
        let run = services::open(settings, stands, &edge).await?;
        let residuals = add_present(&lake, (&fleet, &topology), &hub, settings);
        Ok(Self {
            log,
            lake,
            store,
            access,
            permits,
            issuer,
            portal,
            edge,
            fleet,
            artifacts,
            commands,
            topology,
            forge,
            lfs,
            mirrors,
            results,
            run,
            hub,
            residuals,
            decisions,
            requests,
            ingest,
        })
    }

    /// What makes the documents of twins again.
    pub(super) fn rebuilder(&self, settings: &Settings) -> Rebuilder {
        Rebuilder {
            fleet: Arc::clone(&self.fleet),
            lake: Arc::clone(&self.lake),
            log: Arc::clone(&self.log) as _,
            clock: Arc::clone(&settings.clock),
            ids: Arc::clone(&settings.ids),
        }
    }

    /// Closes the rooms against the order in which they were opened. What cannot be written now is in the log.
    pub(super) async fn close(&self) {
        self.run.services.close().await;
        self.forge.close().await;
        self.fleet.stop().await;
        if let Err(error) = self.lake.close().await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the lake keeps its last rows in the log"
            );
        }
        self.log.close().await;
        self.store.close().await;
    }
}

/// What the gateway is to do; certificates that are ordered lie in the data directory where nothing else is said.
fn gateway_config(settings: &Settings) -> trunkline_gateway::GatewayConfig {
    let mut gateway = settings.config.gateway.clone();
    if let Some(acme) = &mut gateway.acme
        && acme.folder.as_os_str().is_empty()
    {
        acme.folder = settings.data_dir.acme();
    }
    gateway
}

/// Adds the tables of how the fleet is now. That of residuals needs files, and to be kept up to date.
fn add_present(
    lake: &Lake,
    (fleet, topology): (&Arc<Fleet>, &Arc<Topology>),
    hub: &Arc<Hub>,
    settings: &Settings,
) -> Arc<Residuals> {
    let clock = || Arc::clone(&settings.clock);
    lake.add_present(Arc::new(Shadows::new(Arc::clone(fleet), clock())));
    let connected = Arc::new(ByBroker(Arc::clone(hub)));
    lake.add_present(Arc::new(Things::new(Arc::clone(fleet), connected, clock())));
    let residuals = Arc::new(Residuals::new(Arc::clone(fleet), clock()));
    lake.add_present(Arc::clone(&residuals) as _);
    let sources = Sources {
        fleet: Arc::clone(fleet),
        topology: Arc::clone(topology),
    };
    for table in records(&sources, &settings.clock) {
        lake.add_present(Arc::new(table));
    }
    residuals
}

/// Who is connected, as the broker knows it.
#[derive(Debug)]
struct ByBroker(Arc<Hub>);

impl Connected for ByBroker {
    fn connected(&self) -> HashSet<Arc<str>> {
        self.0.connected()
    }
}

async fn open_lake(
    settings: &Settings,
    log: &Arc<DiskLog>,
    storage: Storage,
) -> anyhow::Result<Arc<Lake>> {
    let (config, folder) = (&settings.config.lake, settings.data_dir.path());
    let parts = Parts {
        log: Arc::clone(log) as Arc<dyn EventLog>,
        decode: Arc::new(trunkline_hub::Decoder::default()),
        storage,
        clock: Arc::clone(&settings.clock),
        ids: Arc::clone(&settings.ids),
    };
    Ok(Lake::open(config.clone(), parts, folder).await?)
}

async fn open_log(settings: &Settings) -> anyhow::Result<Arc<DiskLog>> {
    let folder = settings.data_dir.log();
    let (config, clock) = (settings.config.log.clone(), Arc::clone(&settings.clock));
    let (log, recovery) =
        tokio::task::spawn_blocking(move || DiskLog::open(&folder, config, clock))
            .await
            .context("the log's opening was interrupted")??;
    if recovery.is_clean() {
        tracing::info!(%recovery, "the log is open");
    } else {
        tracing::warn!(%recovery, "the log is open, and something was wrong with it");
    }
    Ok(log)
}
