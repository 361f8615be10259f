//! Mirrors of the forge's repositories.

use std::sync::Arc;

use async_trait::async_trait;
use gix::ObjectId;
use trunkline_forge::{Forge, ForgeError};
use trunkline_mirror::{Hosting, MirrorError, MirrorParts, Mirrors, Secrets};
use trunkline_repository::Bare;
use trunkline_store::Store;
use trunkline_workshop::EnvironmentSecrets;

use crate::Settings;

/// Whom the events name that follow from a mirror.
const BY: &str = "mirror";

/// Opens the mirrors; people reach the platform at `base`.
pub(crate) async fn open(
    settings: &Settings,
    store: Store,
    forge: &Arc<Forge>,
    base: &str,
) -> anyhow::Result<Arc<Mirrors>> {
    let parts = MirrorParts {
        store,
        clock: Arc::clone(&settings.clock),
        ids: Arc::clone(&settings.ids),
        hosting: Arc::new(OfForge(Arc::clone(forge))),
        secrets: Arc::new(OfEnvironment),
        base: base.to_owned(),
    };
    Ok(Mirrors::open(&settings.config.mirror, parts).await?)
}

/// The repositories of the forge.
#[derive(Debug)]
struct OfForge(Arc<Forge>);

fn refused(error: ForgeError) -> MirrorError {
    match error {
        ForgeError::Repository(error) => MirrorError::Repository(error),
        ForgeError::Store(error) => MirrorError::Store(error),
        other => MirrorError::Hosting(other.to_string()),
    }
}

#[async_trait]
impl Hosting for OfForge {
    fn identity(&self, repository: &str) -> Option<String> {
        let found = self.0.repository(repository).ok();
        found.map(|info| info.identity())
    }

    fn following(&self) -> Vec<String> {
        let all = self.0.repositories().into_iter();
        all.filter(|info| info.follows.is_some())
            .map(|info| info.name)
            .collect()
    }

    fn bare(&self, repository: &str) -> Option<Bare> {
        self.0.bare(repository).ok()
    }

    async fn set_follows(
        &self,
        repository: &str,
        source: Option<String>,
        by: &str,
    ) -> Result<(), MirrorError> {
        let set = self.0.set_follows(repository, source, by);
        set.await.map_err(refused)
    }

    async fn follow_to(&self, repository: &str, tip: ObjectId) -> Result<(), MirrorError> {
        let moved = self.0.follow_to(repository, tip, BY).await;
        moved.map(|_moved| ()).map_err(refused)
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
