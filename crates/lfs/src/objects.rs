//! The large files of all repositories.

use std::sync::Arc;
use std::time::Duration;

use futures::{StreamExt as _, TryStreamExt as _};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _};
use tokio::sync::Semaphore;
use trunkline_model::{Clock, IdGen};
use trunkline_store::{Connection, Store, StoreError};

use crate::store::{self, MIGRATIONS};
use crate::{LfsConfig, LfsError, Repositories};

/// How often files of repositories that are gone are removed.
const RHYTHM: Duration = Duration::from_secs(3_600);

/// What large files stand on.
#[derive(Debug)]
pub struct LfsParts {
    /// Where what is known is kept.
    pub store: Store,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives ids.
    pub ids: Arc<dyn IdGen>,
    /// Which repositories there are.
    pub repositories: Arc<dyn Repositories>,
    /// Where the files lie.
    pub objects: Arc<dyn ObjectStore>,
    /// Below which path.
    pub prefix: Path,
    /// Where people reach the platform, such as `https://trunkline.example`.
    pub base: String,
}

/// The large files.
#[derive(Debug)]
pub struct LargeFiles {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn IdGen>,
    pub(crate) config: LfsConfig,
    pub(crate) base: String,
    pub(crate) uploads: Arc<Semaphore>,
    pub(crate) downloads: Arc<Semaphore>,
    pub(crate) objects: Arc<dyn ObjectStore>,
    repositories: Arc<dyn Repositories>,
    prefix: Path,
}

impl LargeFiles {
    /// The large files over the table in `parts.store`, which is brought up to date.
    ///
    /// # Errors
    /// [`LfsError`] where the table cannot be used.
    pub async fn open(config: &LfsConfig, parts: LfsParts) -> Result<Arc<Self>, LfsError> {
        parts.store.migrate("lfs", MIGRATIONS).await?;
        Ok(Arc::new(Self {
            store: parts.store,
            clock: parts.clock,
            ids: parts.ids,
            config: config.clone(),
            base: parts.base.trim_end_matches('/').to_owned(),
            uploads: Arc::new(Semaphore::new(config.max_transfers)),
            downloads: Arc::new(Semaphore::new(config.max_transfers)),
            objects: parts.objects,
            repositories: parts.repositories,
            prefix: parts.prefix,
        }))
    }

    /// What tells the repository from others.
    pub(crate) fn identity(&self, repository: &str) -> Result<String, LfsError> {
        let known = self.repositories.identity(repository);
        known.ok_or_else(|| {
            let name: String = repository.chars().take(64).collect();
            LfsError::Unknown(format!("repository `{name}`"))
        })
    }

    /// Where a file lies.
    pub(crate) fn path(&self, identity: &str, oid: &str) -> Path {
        let (folder, _) = oid.split_at_checked(2).unwrap_or((oid, ""));
        self.prefix.clone().join(identity).join(folder).join(oid)
    }

    /// Bytes of a file; nothing where the repository does not have it.
    pub(crate) async fn bytes_of(
        &self,
        identity: &str,
        oid: &str,
    ) -> Result<Option<u64>, LfsError> {
        Ok(store::bytes_of(&mut *self.reader().await?, identity, oid).await?)
    }

    pub(crate) async fn reader(
        &self,
    ) -> Result<impl std::ops::DerefMut<Target = Connection> + use<>, LfsError> {
        let reader = self.store.readers().acquire().await;
        Ok(reader.map_err(StoreError::from)?)
    }

    /// Removes the files of repositories that are gone.
    ///
    /// # Errors
    /// [`LfsError`] where the table or the object storage fails; what is left goes away the next time.
    pub async fn forget_removed(&self) -> Result<(), LfsError> {
        let known = self.repositories.identities();
        let there = store::repositories(&mut *self.reader().await?).await?;
        for gone in there.iter().filter(|one| !known.contains(one)) {
            let folder = self.prefix.clone().join(gone.as_str());
            let listed = self
                .objects
                .list(Some(&folder))
                .map_ok(|file| file.location);
            let mut removed = self.objects.delete_stream(listed.boxed());
            while let Some(one) = removed.next().await {
                one?;
            }
            // The rows last: a crash before leaves what is looked for again.
            let mut transaction = self.store.begin().await?;
            store::forget(transaction.connection(), gone).await?;
            transaction.commit().await?;
            tracing::info!(
                repository = gone,
                "removed the large files of a repository that is gone"
            );
        }
        Ok(())
    }

    /// Does so again and again, until it is dropped.
    pub async fn keep_tidy(self: Arc<Self>) {
        loop {
            if let Err(error) = self.forget_removed().await {
                tracing::warn!(%error, "large files of removed repositories stay");
            }
            tokio::time::sleep(RHYTHM).await;
        }
    }

    /// Reads a file from the byte `from` on.
    pub(crate) async fn read(
        &self,
        identity: &str,
        oid: &str,
        from: u64,
    ) -> Result<object_store::GetResult, LfsError> {
        let path = self.path(identity, oid);
        let found = if from == 0 {
            self.objects.get(&path).await
        } else {
            let options = object_store::GetOptions {
                range: Some(object_store::GetRange::Offset(from)),
                ..object_store::GetOptions::default()
            };
            self.objects.get_opts(&path, options).await
        };
        match found {
            Err(object_store::Error::NotFound { .. }) => {
                tracing::error!(oid, "a large file is lost from the object storage");
                Err(LfsError::Unknown(format!("large file `{oid}`")))
            }
            found => Ok(found?),
        }
    }
}

/// Whether this is a SHA-256 as LFS writes it.
pub(crate) fn is_oid(text: &str) -> bool {
    text.len() == 64
        && text
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
