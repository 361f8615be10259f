//! The forge: what it stands on, and the repositories that it has.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use tokio::sync::{Mutex, Semaphore};
use trunkline_model::{Clock, IdGen};
use trunkline_repository::{Bare, Git};
use trunkline_store::{Connection, Store, StoreError};

use crate::event::Made;
use crate::logs::Logs;
use crate::queue::Queue;
use crate::store::{self, MIGRATIONS};
use crate::{ForgeConfig, ForgeError, RepositoryInfo, Workshop};

/// What the forge stands on.
#[derive(Debug)]
pub struct ForgeParts {
    /// Where what is known is kept.
    pub store: Store,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives ids.
    pub ids: Arc<dyn IdGen>,
    /// Plans and runs tasks.
    pub workshop: Arc<dyn Workshop>,
    /// The folder for repositories and logs.
    pub folder: PathBuf,
    /// Where people reach the platform, such as `https://trunkline.example`.
    pub base: String,
}

/// Git hosting, changes and the landing queue.
#[derive(Debug)]
pub struct Forge {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn IdGen>,
    pub(crate) workshop: Arc<dyn Workshop>,
    pub(crate) config: ForgeConfig,
    pub(crate) logs: Logs,
    pub(crate) base: String,
    pub(crate) fetches: Arc<Semaphore>,
    pub(crate) pushes: Arc<Semaphore>,
    /// Tasks that may run at once, over all repositories.
    pub(crate) slots: Arc<Semaphore>,
    /// Whoever makes or removes a repository holds it.
    pub(crate) turn: Mutex<()>,
    pub(crate) repositories: RwLock<BTreeMap<String, Arc<Hosted>>>,
    folder: PathBuf,
    /// Why there is no git, where there is none.
    disabled: Option<String>,
}

/// One repository.
#[derive(Debug)]
pub(crate) struct Hosted {
    pub(crate) info: RwLock<RepositoryInfo>,
    pub(crate) bare: Bare,
    pub(crate) queue: Queue,
    /// Whoever turns commits into changes holds it.
    pub(crate) intake: Mutex<()>,
    /// The projects of its commits, which are read once.
    pub(crate) projects: std::sync::Mutex<Option<trunkline_project::Repository>>,
}

impl Hosted {
    /// What is known of it now.
    pub(crate) fn info(&self) -> RepositoryInfo {
        let info = self.info.read().unwrap_or_else(PoisonError::into_inner);
        info.clone()
    }
}

impl Forge {
    /// The forge over the tables in `parts.store`, which are brought up to date, and the repositories in the folder. Where git is missing it
    /// opens all the same and says so to whoever asks.
    ///
    /// # Errors
    /// [`ForgeError`] where the tables or the folder cannot be used.
    pub async fn open(config: &ForgeConfig, parts: ForgeParts) -> Result<Arc<Self>, ForgeError> {
        parts.store.migrate("forge", MIGRATIONS).await?;
        let disabled = match Git::find().await {
            Ok(git) => {
                tracing::info!(version = git.version, "git is there");
                None
            }
            Err(error) => {
                tracing::warn!(%error, "git hosting is off");
                Some(error.to_string())
            }
        };
        let repositories = parts.folder.join("repositories");
        let make = std::fs::create_dir_all(&repositories);
        make.map_err(|error| {
            trunkline_repository::RepositoryError::Io(format!(
                "{}: {error}",
                repositories.display()
            ))
        })?;
        let forge = Arc::new(Self {
            logs: Logs::open(parts.folder.join("logs"), config.max_log_bytes)?,
            store: parts.store,
            clock: parts.clock,
            ids: parts.ids,
            workshop: parts.workshop,
            base: parts.base.trim_end_matches('/').to_owned(),
            fetches: Arc::new(Semaphore::new(config.max_transfers)),
            pushes: Arc::new(Semaphore::new(config.max_transfers)),
            slots: Arc::new(Semaphore::new(config.slots.max(1))),
            config: config.clone(),
            turn: Mutex::default(),
            repositories: RwLock::default(),
            folder: parts.folder,
            disabled,
        });
        if forge.disabled.is_none() {
            forge.open_all().await?;
        }
        Ok(forge)
    }

    /// Opens all repositories; their queues go on where they were.
    async fn open_all(self: &Arc<Self>) -> Result<(), ForgeError> {
        let mut connection = self.reader().await?;
        let known = store::repositories(&mut connection).await?;
        let mut landings = store::queued_landings(&mut connection).await?;
        drop(connection);
        let mut transaction = self.store.begin().await?;
        store::end_lost_runs(transaction.connection()).await?;
        transaction.commit().await?;
        for info in known {
            let opened = Bare::open(&self.path(&info.name), &info.trunk, self.config.limits());
            let bare = match opened {
                Ok(bare) => bare,
                Err(error) => {
                    tracing::error!(repository = info.name, %error, "a repository cannot be opened");
                    continue;
                }
            };
            bare.forget_quarantines()?;
            let own: Vec<_> = landings
                .extract_if(.., |one| one.repository == info.name)
                .collect();
            self.host(info, bare, own);
        }
        Ok(())
    }

    /// Takes a repository in and starts its queue.
    pub(crate) fn host(
        self: &Arc<Self>,
        info: RepositoryInfo,
        bare: Bare,
        landings: Vec<store::Landing>,
    ) {
        let name = info.name.clone();
        let (queue, start) = Queue::new(info.paused);
        let hosted = Arc::new(Hosted {
            info: RwLock::new(info),
            bare,
            queue,
            intake: Mutex::default(),
            projects: std::sync::Mutex::default(),
        });
        start.run(Arc::clone(self), Arc::clone(&hosted), landings);
        let mut all = self
            .repositories
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        all.insert(name, hosted);
    }

    /// The folder of a repository.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join("repositories").join(format!("{name}.git"))
    }

    /// One repository.
    pub(crate) fn hosted(&self, name: &str) -> Result<Arc<Hosted>, ForgeError> {
        self.require_git()?;
        let all = self
            .repositories
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        let unknown = || {
            ForgeError::Unknown(format!(
                "repository `{}`",
                name.chars().take(64).collect::<String>()
            ))
        };
        all.get(name).cloned().ok_or_else(unknown)
    }

    pub(crate) fn require_git(&self) -> Result<(), ForgeError> {
        match &self.disabled {
            Some(reason) => Err(ForgeError::Disabled(reason.clone())),
            None => Ok(()),
        }
    }

    /// What events are made with.
    pub(crate) fn made(&self) -> Made<'_> {
        Made {
            clock: &*self.clock,
            ids: &*self.ids,
        }
    }

    pub(crate) async fn reader(
        &self,
    ) -> Result<impl std::ops::DerefMut<Target = Connection> + use<>, ForgeError> {
        let reader = self.store.readers().acquire().await;
        Ok(reader.map_err(StoreError::from)?)
    }

    /// Where people see a change.
    pub(crate) fn change_address(&self, number: i64) -> String {
        format!("{}/changes/{number}", self.base)
    }

    /// Ends all queues; what is in them goes on at the next start.
    pub async fn close(&self) {
        let all: Vec<_> = {
            let all = self
                .repositories
                .read()
                .unwrap_or_else(PoisonError::into_inner);
            all.values().cloned().collect()
        };
        for hosted in all {
            hosted.queue.stop().await;
        }
    }
}

/// Does something to its end, also where whoever asked for it goes away: half of it must not be done.
pub(crate) async fn to_the_end<T: Send + 'static>(
    work: impl Future<Output = Result<T, ForgeError>> + Send + 'static,
) -> Result<T, ForgeError> {
    tokio::spawn(work).await.map_err(|_| ForgeError::Stopped)?
}

/// Reads something of a repository on a thread that may wait for the disk.
pub(crate) async fn reading<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, trunkline_repository::RepositoryError> + Send + 'static,
) -> Result<T, ForgeError> {
    let done = tokio::task::spawn_blocking(work).await;
    Ok(done.map_err(|_| ForgeError::Stopped)??)
}
