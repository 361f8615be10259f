//! The SQL engine: one session, its memory, its threads.

use std::path::Path;
use std::sync::Arc;

use datafusion::execution::cache::cache_manager::FileMetadataCache;
use datafusion::execution::context::SessionContext;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::{FairSpillPool, TrackConsumersPool};
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::execution::session_state::SessionStateBuilder;
use datafusion::prelude::SessionConfig;
use tokio::runtime::{Handle, Runtime};
use tokio::sync::Semaphore;

use super::catalog::{CATALOG, LakeCatalog, Reach, SCHEMA};
use super::plan::PlanCache;
use super::running::Statements;
use super::view::Planner;
use super::{functions, past};
use crate::registry::Registry;
use crate::{LakeConfig, LakeError, Storage};

/// Rows that one step of a statement takes at a time.
const BATCH_ROWS: usize = 8_192;

/// Plans and runs statements on threads of its own, so that a heavy one does not hold up intake.
pub(crate) struct Engine {
    context: SessionContext,
    planner: Planner,
    pub(super) reach: Reach,
    pub(super) plans: PlanCache,
    pub(super) statements: Statements,
    pub(super) permits: Arc<Semaphore>,
    pub(super) config: LakeConfig,
    threads: Option<Runtime>,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The session has no short form of its own.
        f.debug_struct("Engine")
            .field("config", &self.config)
            .field("statements", &self.statements)
            .finish_non_exhaustive()
    }
}

impl Engine {
    /// An engine over the tables of `registry` that spills to `spill_dir`.
    pub(crate) fn new(
        config: &LakeConfig,
        registry: &Arc<Registry>,
        storage: &Storage,
        spill_dir: &Path,
    ) -> Result<Self, LakeError> {
        let threads = match config.query_threads {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            threads => threads,
        };
        let runtime = runtime(config, spill_dir)?;
        let url = Storage::statement_url()?;
        runtime.register_object_store(url.as_ref(), Arc::clone(storage.root()));
        let footers: Arc<FileMetadataCache> = runtime.cache_manager.get_file_metadata_cache();
        let reach = Reach {
            storage: storage.clone(),
            footers,
        };
        let state = SessionStateBuilder::new()
            .with_config(session_config(threads))
            .with_runtime_env(Arc::new(runtime))
            .with_default_features();
        let state = trunkline_operators::rules()
            .into_iter()
            .fold(state, SessionStateBuilder::with_physical_optimizer_rule)
            .build();
        let mut context = SessionContext::new_with_state(state);
        functions::register(&mut context)?;
        past::register(&context, registry, &reach);
        let planner = Planner::of(&context);
        let catalog = LakeCatalog::new(Arc::clone(registry), reach.clone(), planner.clone());
        context.register_catalog(CATALOG, Arc::new(catalog));
        let pool = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(threads)
            .thread_name("sql")
            .enable_all()
            .build()
            .map_err(|error| {
                LakeError::Internal(format!("cannot start threads for SQL: {error}"))
            })?;
        Ok(Self {
            context,
            planner,
            reach,
            plans: PlanCache::default(),
            statements: Statements::default(),
            permits: Arc::new(Semaphore::new(config.query_concurrency.max(1))),
            config: config.clone(),
            threads: Some(pool),
        })
    }

    /// The session that all statements share.
    pub(crate) const fn context(&self) -> &SessionContext {
        &self.context
    }

    /// What plans the statements of views.
    pub(crate) const fn planner(&self) -> &Planner {
        &self.planner
    }

    /// The threads that statements run on.
    pub(super) fn threads(&self) -> Result<&Handle, LakeError> {
        self.threads
            .as_ref()
            .map(Runtime::handle)
            .ok_or_else(|| LakeError::Internal("the SQL threads have ended".into()))
    }

    /// The names of all SQL functions.
    pub(crate) fn function_names(&self) -> Vec<String> {
        functions::names(&self.context)
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // A runtime may not be dropped where it would block, which is where an engine usually ends.
        if let Some(threads) = self.threads.take() {
            threads.shutdown_background();
        }
    }
}

fn runtime(config: &LakeConfig, spill_dir: &Path) -> Result<RuntimeEnv, LakeError> {
    // What a statement spilled is worthless after a crash.
    drop(std::fs::remove_dir_all(spill_dir));
    std::fs::create_dir_all(spill_dir)
        .map_err(LakeError::storage("make the folder for spilled rows"))?;
    let pool = FairSpillPool::new(config.query_memory_bytes);
    let consumers = std::num::NonZeroUsize::new(5).unwrap_or(std::num::NonZeroUsize::MIN);
    let disk = DiskManagerBuilder::default()
        .with_mode(DiskManagerMode::Directories(vec![spill_dir.to_path_buf()]))
        .with_max_temp_directory_size(config.query_spill_bytes);
    Ok(RuntimeEnvBuilder::new()
        .with_memory_pool(Arc::new(TrackConsumersPool::new(pool, consumers)))
        .with_disk_manager_builder(disk)
        .build()?)
}

fn session_config(threads: usize) -> SessionConfig {
    let mut config = SessionConfig::new()
        .with_target_partitions(threads)
        .with_batch_size(BATCH_ROWS)
        .with_default_catalog_and_schema(CATALOG, SCHEMA)
        .with_create_default_catalog_and_schema(false)
        .with_information_schema(true)
        .with_collect_statistics(true);
    let options = config.options_mut();
    options.execution.time_zone = Some("UTC".into());
    options.execution.parquet.pushdown_filters = true;
    options.execution.parquet.reorder_filters = true;
    options.execution.parquet.skip_metadata = true;
    options.sql_parser.dialect = datafusion::config::Dialect::PostgreSQL;
    config
}
