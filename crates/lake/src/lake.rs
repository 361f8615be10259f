//! The lake: tables that follow the log.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex as StdMutex, PoisonError};

use futures::stream::{self, StreamExt, TryStreamExt};
use tokio::sync::{Mutex, Notify, watch};
use tokio::task::JoinHandle;
use trunkline_log::{EventLog, Offset};
use trunkline_model::{Clock, IdGen};

use crate::registry::Registry;
use crate::sql::{Engine, PlannedView, RunningStatement};
use crate::table::Table;
use crate::{Decode, LakeConfig, LakeError, Storage, TableSchema, View, tables, views};

/// The name of the lake's cursor in the log.
pub const CURSOR: &str = "lake";

/// What the lake is made of.
#[derive(Clone, Debug)]
pub struct Parts {
    /// The log that it follows.
    pub log: Arc<dyn EventLog>,
    /// Turns records into rows.
    pub decode: Arc<dyn Decode>,
    /// Where the tables lie.
    pub storage: Storage,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Names for files.
    pub ids: Arc<dyn IdGen>,
}

/// Counters since the start.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) flushes: AtomicU64,
    pub(crate) flush_failures: AtomicU64,
    pub(crate) compacted_files: AtomicU64,
    pub(crate) vacuumed_files: AtomicU64,
}

impl Counters {
    pub(crate) fn add(counter: &AtomicU64, count: usize) {
        counter.fetch_add(count as u64, Ordering::Relaxed);
    }
}

/// Tables that follow the log, and SQL over them.
#[derive(Debug)]
pub struct Lake {
    parts: Parts,
    config: LakeConfig,
    registry: Arc<Registry>,
    engine: Arc<Engine>,
    pub(crate) counters: Counters,
    pub(crate) visible: watch::Sender<Offset>,
    pub(crate) committed: watch::Sender<Offset>,
    /// Woken when somebody waits for events to be seen.
    pub(crate) wanted: Notify,
    /// Woken when enough rows wait that they should be written before their time.
    pub(crate) pressed: Notify,
    /// Held while records become rows, so that a table never begins in the midst of one.
    pub(crate) gate: Mutex<()>,
    tasks: StdMutex<Vec<JoinHandle<()>>>,
}

impl Lake {
    /// Opens the tables and begins to follow the log; `data_dir` is where statements spill.
    ///
    /// # Errors
    /// [`LakeError`] when storage does not answer or a table cannot be read.
    pub async fn open(
        config: LakeConfig,
        parts: Parts,
        data_dir: &Path,
    ) -> Result<Arc<Self>, LakeError> {
        let registry = Arc::new(Registry::default());
        open_tables(&registry, &parts.storage).await?;
        let engine = Engine::new(&config, &registry, &parts.storage, &data_dir.join("spill"))?;
        let cursors = parts.log.cursors();
        let start = cursors
            .iter()
            .find(|cursor| cursor.name == CURSOR)
            .map_or(Offset(0), |cursor| cursor.offset)
            .max(parts.log.bounds().first);
        if !cursors.iter().any(|cursor| cursor.name == CURSOR) {
            parts.log.commit(CURSOR, start, true).await?;
        }
        let lake = Arc::new(Self {
            parts,
            config,
            registry,
            engine: Arc::new(engine),
            counters: Counters::default(),
            visible: watch::Sender::new(start),
            committed: watch::Sender::new(start),
            wanted: Notify::new(),
            pressed: Notify::new(),
            gate: Mutex::new(()),
            tasks: StdMutex::default(),
        });
        for view in views::built_in() {
            let name = view.name.clone();
            if let Err(error) = lake.add_view(view).await {
                // Somebody's table was there first, or stands where another view should read.
                tracing::warn!(name, %error, "a view is not there");
            }
        }
        lake.spawn(crate::follow::follow(Arc::clone(&lake), start));
        lake.spawn(crate::maintain::flush_in_time(Arc::clone(&lake)));
        lake.spawn(crate::maintain::keep_tidy(Arc::clone(&lake)));
        Ok(lake)
    }

    /// Adds a table of how things are now, which another room holds.
    pub fn add_present(&self, table: Arc<dyn crate::Present>) {
        self.registry.add_present(table);
    }

    /// Adds a view over tables and views that are there already.
    ///
    /// # Errors
    /// [`LakeError::Taken`] when something else has its name; [`LakeError::InvalidSql`] or [`LakeError::ReadOnly`] when its statement is none that
    /// reads; [`LakeError::InvalidColumn`] when the statement gives other columns than are declared.
    pub async fn add_view(&self, view: View) -> Result<(), LakeError> {
        self.registry.check_free(&view.name)?;
        if self.registry.find(&view.name).is_some() {
            return Err(LakeError::Taken(format!("`{}` is a table", view.name)));
        }
        let version = self.registry.version();
        let planned = PlannedView::new(view, version, self.engine.planner()).await?;
        self.registry.add_view(Arc::new(planned));
        Ok(())
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        tasks.push(tokio::spawn(task));
    }

    /// Stops following the log and writes what waits in memory, so that the next start has nothing to read again.
    ///
    /// # Errors
    /// [`LakeError`] when the waiting rows could not be written; the log still has them.
    pub async fn close(&self) -> Result<(), LakeError> {
        let tasks = std::mem::take(&mut *self.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        for task in tasks {
            task.abort();
            drop(task.await);
        }
        self.flush().await
    }

    /// Writes what waits in memory to files and moves the lake's cursor in the log.
    ///
    /// # Errors
    /// [`LakeError`] when storage does not take it; the rows then go on waiting.
    pub async fn flush(&self) -> Result<(), LakeError> {
        self.flush_without_cursor().await?;
        self.commit_cursor().await
    }

    /// Stops at once, as a crash would: nothing that waits is written.
    pub fn abandon(&self) {
        for task in self
            .tasks
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .drain(..)
        {
            task.abort();
        }
    }

    /// Writes what waits in memory and leaves the lake's cursor in the log where it is, as a crash between the two would.
    ///
    /// # Errors
    /// As [`Self::flush`].
    pub async fn flush_without_cursor(&self) -> Result<(), LakeError> {
        for table in self.registry.all() {
            self.flush_table(&table).await?;
        }
        Ok(())
    }

    pub(crate) async fn flush_table(&self, table: &Table) -> Result<(), LakeError> {
        let flushed = table
            .flush(&self.parts.storage, self.clock(), self.ids())
            .await;
        match &flushed {
            Ok(0) => {}
            Ok(_) => Counters::add(&self.counters.flushes, 1),
            Err(_) => Counters::add(&self.counters.flush_failures, 1),
        }
        flushed.map(drop)
    }

    /// Tells the log how far every table is on storage.
    pub(crate) async fn commit_cursor(&self) -> Result<(), LakeError> {
        // Taken before the tables are looked at: what becomes visible later is still in memory.
        let visible = self.visible();
        let waiting = self.registry.all();
        let first = waiting
            .iter()
            .filter_map(|table| table.view().hot.first())
            .min();
        let offset = first.map_or(visible, |first| first.min(visible));
        if offset > *self.committed.borrow() {
            self.parts.log.commit(CURSOR, offset, true).await?;
            self.committed.send_replace(offset);
        }
        Ok(())
    }

    /// Every event before this offset is seen by a statement that begins now.
    #[must_use]
    pub fn visible(&self) -> Offset {
        *self.visible.borrow()
    }

    /// Every event before this offset is in a Delta table.
    #[must_use]
    pub fn committed(&self) -> Offset {
        *self.committed.borrow()
    }

    /// Returns once every event before `offset` is seen by statements; never, where the lake has been closed first.
    pub async fn wait_visible(&self, offset: Offset) {
        let mut visible = self.visible.subscribe();
        if *visible.borrow() < offset {
            self.wanted.notify_one();
        }
        drop(visible.wait_for(|visible| *visible >= offset).await);
    }

    /// The statements that run now.
    #[must_use]
    pub fn running(&self) -> Vec<RunningStatement> {
        self.engine.running()
    }

    /// Stops the statement called `id`.
    ///
    /// # Errors
    /// [`LakeError::UnknownStatement`] when no such statement runs.
    pub fn cancel(&self, id: &str) -> Result<(), LakeError> {
        self.engine.cancel(id)
    }

    /// The names of all SQL functions.
    #[must_use]
    pub fn function_names(&self) -> Vec<String> {
        self.engine.function_names()
    }

    /// The session that statements share, for a protocol adapter that plans by itself.
    #[must_use]
    pub fn session(&self) -> datafusion::execution::context::SessionContext {
        self.engine.context().clone()
    }

    /// What turns records into rows.
    #[must_use]
    pub fn decoder(&self) -> Arc<dyn Decode> {
        Arc::clone(&self.parts.decode)
    }

    pub(crate) const fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    pub(crate) const fn registry(&self) -> &Arc<Registry> {
        &self.registry
    }

    pub(crate) const fn parts(&self) -> &Parts {
        &self.parts
    }

    pub(crate) const fn storage(&self) -> &Storage {
        &self.parts.storage
    }

    pub(crate) const fn config(&self) -> &LakeConfig {
        &self.config
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.parts.clock
    }

    pub(crate) fn ids(&self) -> &dyn IdGen {
        &*self.parts.ids
    }
}

/// How many tables are opened at once.
const OPENED_AT_ONCE: usize = 8;

async fn open_tables(registry: &Registry, storage: &Storage) -> Result<(), LakeError> {
    let built_in = tables::built_in();
    let mut names: BTreeSet<String> = storage.table_names().await?.into_iter().collect();
    names.extend(built_in.iter().map(|schema| schema.name.clone()));
    let shapes: Vec<(String, Option<TableSchema>)> = names
        .into_iter()
        .map(|name| {
            let shape = built_in.iter().find(|schema| schema.name == name).cloned();
            (name, shape)
        })
        .collect();
    let opened = stream::iter(shapes)
        .map(|(name, shape)| async move {
            let otherwise = shape.as_ref().map(|shape| (shape, Offset(0)));
            let opened = Table::open(storage, &name, otherwise).await;
            match opened {
                // A folder of the lake that is not a table, such as one that a crash left half made.
                Err(LakeError::UnknownTable(_)) if shape.is_none() => Ok(None),
                other => other.map(Some),
            }
        })
        .buffer_unordered(OPENED_AT_ONCE)
        .try_collect::<Vec<_>>()
        .await?;
    for table in opened.into_iter().flatten() {
        registry.insert(Arc::new(table));
    }
    Ok(())
}
