//! All services.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use tokio::sync::Notify;
use trunkline_model::{Clock, IdGen, TypedId};
use trunkline_store::{Connection, Store, StoreError};

use crate::event::Made;
use crate::port::{Ask, Driver, Routes, Secrets, SeenInstance, Source};
use crate::post::Post;
use crate::store::{self, MIGRATIONS};
use crate::{RunConfig, RunError};

/// What services stand on.
#[derive(Debug)]
pub struct Parts {
    /// Where what is known is kept.
    pub store: Store,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives ids.
    pub ids: Arc<dyn IdGen>,
    /// Where services come from.
    pub source: Arc<dyn Source>,
    /// Where their requests go.
    pub routes: Arc<dyn Routes>,
    /// Answers statements.
    pub ask: Arc<dyn Ask>,
    /// Runs instances.
    pub driver: Arc<dyn Driver>,
    /// Knows secrets.
    pub secrets: Arc<dyn Secrets>,
    /// The folder for files of releases and of instances.
    pub folder: PathBuf,
}

/// The services of all trunks.
#[derive(Debug)]
pub struct Services {
    pub(crate) parts: Parts,
    pub(crate) config: RunConfig,
    pub(crate) posts: RwLock<BTreeMap<String, Arc<Post>>>,
    /// What the driver holds; nothing before it was asked.
    pub(crate) seen: RwLock<Option<BTreeMap<String, SeenInstance>>>,
    /// Told where a post came or went.
    pub(crate) changed: Notify,
}

impl Services {
    /// The services over the tables in `parts.store`, which are brought up to date.
    ///
    /// # Errors
    /// [`RunError`] where the tables or the folder cannot be used.
    pub async fn open(config: &RunConfig, parts: Parts) -> Result<Arc<Self>, RunError> {
        parts.store.migrate("run", MIGRATIONS).await?;
        let services = Arc::new(Self {
            parts,
            config: config.clone(),
            posts: RwLock::default(),
            seen: RwLock::default(),
            changed: Notify::new(),
        });
        let known = store::services(&mut *services.reader().await?).await?;
        for row in known {
            services.take_in(Post::new(row));
        }
        Ok(services)
    }

    pub(crate) async fn reader(
        &self,
    ) -> Result<impl std::ops::DerefMut<Target = Connection> + use<>, RunError> {
        let reader = self.parts.store.readers().acquire().await;
        Ok(reader.map_err(StoreError::from)?)
    }

    pub(crate) fn made(&self) -> Made<'_> {
        Made {
            clock: &*self.parts.clock,
            ids: &*self.parts.ids,
        }
    }

    /// A new id.
    pub(crate) fn id<K>(&self) -> TypedId<K> {
        TypedId::new(self.parts.ids.ulid(self.parts.clock.now()))
    }

    pub(crate) fn take_in(&self, post: Arc<Post>) {
        let mut posts = self.posts.write().unwrap_or_else(PoisonError::into_inner);
        posts.insert(post.name.clone(), post);
        drop(posts);
        self.changed.notify_one();
    }

    pub(crate) fn all(&self) -> Vec<Arc<Post>> {
        let posts = self.posts.read().unwrap_or_else(PoisonError::into_inner);
        posts.values().cloned().collect()
    }

    /// The post of a service.
    pub(crate) fn post(&self, name: &str) -> Result<Arc<Post>, RunError> {
        let posts = self.posts.read().unwrap_or_else(PoisonError::into_inner);
        posts.get(name).cloned().ok_or_else(|| {
            let name: String = name.chars().take(64).collect();
            RunError::Unknown(format!("service `{name}`"))
        })
    }

    /// Takes over what runs already and gives it its routes, so that who asks the gateway first is answered as before.
    ///
    /// # Errors
    /// [`RunError`] where what runs cannot be asked about.
    pub async fn take_over(self: &Arc<Self>) -> Result<(), RunError> {
        if !self.config.enabled {
            return Ok(());
        }
        let is_there = self.parts.driver.is_there().await?;
        if is_there {
            self.ask_driver(&mut 0).await?;
        } else {
            *self.seen.write().unwrap_or_else(PoisonError::into_inner) = Some(BTreeMap::new());
        }
        // Nothing is started and nothing is brought before that.
        self.sweep().await?;
        if !is_there {
            return Ok(());
        }
        for post in self.all() {
            self.turn(&post).await?;
        }
        Ok(())
    }

    /// Whether services end where the platform is stopped in peace.
    #[must_use]
    pub const fn end_with_platform(&self) -> bool {
        self.config.stop_with_platform
    }

    /// Stops looking after services. Where the configuration says so they end, else they go on for the next platform.
    pub async fn close(&self) {
        if self.config.stop_with_platform {
            self.parts.driver.end().await;
        }
    }
}
