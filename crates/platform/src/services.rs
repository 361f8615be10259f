//! What services need of the other rooms.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use async_trait::async_trait;
use futures::TryStreamExt as _;
use gix::ObjectId;
use trunkline_edge::{Edge, RouteFiles};
use trunkline_forge::{Forge, ForgeError};
use trunkline_lake::{Lake, LakeError, Query, Sight, Statement, Visible};
use trunkline_model::{Clock, IdGen, TypedId, kind};
use trunkline_repository::Bare;
use trunkline_run::{
    Ask, Fetched, FoundService, FoundServices, Parts, Processes, Secrets, Services, Source,
    SourceError, Trunk,
};
use trunkline_store::Store;
use trunkline_workshop::{EnvironmentSecrets, Workbench};

use crate::Settings;

/// How long a statement of the judge may run.
const PATIENCE: Duration = Duration::from_secs(20);

/// The rooms that services meet.
pub(crate) struct Stands {
    pub(crate) store: Store,
    pub(crate) forge: Arc<Forge>,
    pub(crate) workbench: Arc<Workbench>,
    pub(crate) lake: Arc<Lake>,
}

/// Services and what they run by.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) services: Arc<Services>,
    /// Their routes, and those of the team's files.
    pub(crate) routes: Arc<RouteFiles>,
    /// What runs them.
    pub(crate) processes: Arc<Processes>,
}

/// Opens the services.
pub(crate) async fn open(settings: &Settings, stands: Stands, edge: &Edge) -> anyhow::Result<Run> {
    let routes = Arc::new(RouteFiles::new(Arc::clone(&edge.gateway)));
    let folder = settings.data_dir.run();
    let program = program()?;
    let path = std::env::var("PATH").unwrap_or_else(|_| "/usr/local/bin:/usr/bin:/bin".to_owned());
    let config = &settings.config.run;
    let processes = Arc::new(Processes::new(config, &folder, program, path));
    let parts = Parts {
        store: stands.store,
        clock: Arc::clone(&settings.clock),
        ids: Arc::clone(&settings.ids),
        source: Arc::new(OfForge {
            forge: stands.forge,
            workbench: stands.workbench,
        }),
        routes: Arc::clone(&routes) as _,
        ask: Arc::new(OfLake {
            lake: stands.lake,
            clock: Arc::clone(&settings.clock),
            ids: Arc::clone(&settings.ids),
        }),
        driver: Arc::clone(&processes) as _,
        secrets: Arc::new(OfEnvironment),
        folder,
    };
    Ok(Run {
        services: Services::open(config, parts).await?,
        routes,
        processes,
    })
}

/// The platform's own program is the keeper.
fn program() -> anyhow::Result<PathBuf> {
    std::env::current_exe().context("the platform's own program is not known")
}

/// The trunks of the forge.
#[derive(Debug)]
struct OfForge {
    forge: Arc<Forge>,
    workbench: Arc<Workbench>,
}

impl OfForge {
    fn at(&self, trunk: &Trunk) -> Result<(Bare, ObjectId), String> {
        let bare = self.forge.bare(&trunk.repository);
        let bare = bare.map_err(|error| error.to_string())?;
        let commit = ObjectId::from_hex(trunk.commit.as_bytes());
        Ok((bare, commit.map_err(|error| error.to_string())?))
    }
}

#[async_trait]
impl Source for OfForge {
    fn trunks(&self) -> Vec<Trunk> {
        let tip = |name: String| {
            let bare = self.forge.bare(&name).ok()?;
            let commit = bare.trunk_tip().ok().flatten()?;
            Some(Trunk {
                repository: name,
                commit: commit.to_string(),
            })
        };
        let all = self.forge.repositories().into_iter();
        all.filter_map(|info| tip(info.name)).collect()
    }

    fn is_gone(&self, repository: &str) -> bool {
        self.forge.is_gone(repository)
    }

    async fn services(&self, trunk: &Trunk) -> Result<FoundServices, SourceError> {
        let (bare, commit) = self.at(trunk).map_err(SourceError::Unreachable)?;
        let found = self.workbench.runnable(&bare, commit).await;
        let found = found.map_err(|error| match error {
            ForgeError::Invalid(problem) => SourceError::Wrong(problem),
            other => SourceError::Unreachable(other.to_string()),
        })?;
        let services = found.services.into_iter().map(|one| FoundService {
            service: one.service,
            folder: one.folder,
            project: one.project,
            fingerprint: one.fingerprint,
        });
        Ok(FoundServices {
            services: services.collect(),
            problems: found.problems,
        })
    }

    async fn fetch(&self, trunk: &Trunk, project: &str, into: &Path) -> Result<Fetched, String> {
        let (bare, commit) = self.at(trunk)?;
        let assembled = self.workbench.assemble(&bare, commit, project, into).await;
        let assembled = assembled.map_err(|error| error.to_string())?;
        Ok(Fetched {
            digest: assembled.digest,
            files: assembled.files,
            bytes: assembled.bytes,
            tasks: assembled.tasks,
        })
    }
}

/// The tables of the lake.
#[derive(Debug)]
struct OfLake {
    lake: Arc<Lake>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGen>,
}

/// The judge asks about requests and nothing else.
#[derive(Debug)]
struct Requests;

/// The table of requests.
const REQUESTS: &str = "requests";

impl Visible for Requests {
    fn sight(&self, table: &str, _: bool) -> Sight {
        if table == REQUESTS {
            Sight::Whole
        } else {
            Sight::Nothing("the judge of releases does not read it".into())
        }
    }
}

#[async_trait]
impl Ask for OfLake {
    async fn rows(&self, statement: &str) -> Result<Vec<Vec<String>>, String> {
        let plain = |error: LakeError| error.to_string();
        let asked = Statement {
            query: Query::Text(statement.to_owned()),
            text: statement.to_owned(),
            id: TypedId::<kind::Query>::new(self.ids.ulid(self.clock.now())).to_string(),
            principal: "run".into(),
            visible: Arc::new(Requests),
            limit: None,
            timeout: Some(PATIENCE),
        };
        let mut batches = self.lake.query(asked).await.map_err(plain)?;
        let mut rows = Vec::new();
        while let Some(batch) = batches.try_next().await.map_err(plain)? {
            let columns: Result<Vec<_>, _> =
                batch.columns().iter().map(trunkline_lake::texts).collect();
            let columns = columns.map_err(plain)?;
            for row in 0..batch.num_rows() {
                rows.push(columns.iter().map(|column| column[row].clone()).collect());
            }
        }
        Ok(rows)
    }
}

/// The secrets that tasks have too.
#[derive(Debug)]
struct OfEnvironment;

impl Secrets for OfEnvironment {
    fn secret(&self, name: &str) -> Option<String> {
        trunkline_task::Secrets::secret(&EnvironmentSecrets, name)
    }
}
