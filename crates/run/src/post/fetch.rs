//! Bringing the files of a release.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::time::Instant;
use trunkline_rollout::ReleaseId;
use trunkline_store::outbox;

use super::Post;
use super::book::Files;
use crate::port::Trunk;
use crate::store::{self, ReleaseRow};
use crate::{RunError, Services};

impl Services {
    /// The folder of the files of a release.
    pub(crate) fn files_of(&self, release: ReleaseId) -> PathBuf {
        self.parts.folder.join("releases").join(release.to_string())
    }

    /// Brings the files of a release, beside what goes on.
    pub(super) fn fetch(self: &Arc<Self>, post: &Arc<Post>, release: ReleaseRow) {
        let (services, post) = (Arc::clone(self), Arc::clone(post));
        tokio::spawn(async move {
            let id = release.id;
            let files = match services.bring(&release).await {
                Ok(()) => Files::Here,
                Err(problem) => {
                    tracing::warn!(
                        service = release.service,
                        problem,
                        "the files of a release cannot be brought"
                    );
                    Files::Failed(problem, Instant::now())
                }
            };
            post.book.lock().await.files.insert(id, files);
            post.wake.notify_one();
        });
    }

    async fn bring(&self, release: &ReleaseRow) -> Result<(), String> {
        let place = self.files_of(release.id);
        // It has its name once it is whole.
        let part = place.with_extension("part");
        let plain = |error: std::io::Error| error.to_string();
        remove(&part).await.map_err(plain)?;
        tokio::fs::create_dir_all(&part).await.map_err(plain)?;
        let trunk = Trunk {
            repository: release.repository.clone(),
            commit: release.commit.clone(),
        };
        let fetched = self
            .parts
            .source
            .fetch(&trunk, &release.project, &part)
            .await?;
        if release
            .digest
            .as_ref()
            .is_some_and(|known| *known != fetched.digest)
        {
            return Err("what is built of its commit now is not what was built then".to_owned());
        }
        remove(&place).await.map_err(plain)?;
        let noted = self.note(release, &fetched).await;
        noted.map_err(|error: RunError| error.to_string())?;
        tokio::fs::rename(&part, &place).await.map_err(plain)
    }

    async fn note(&self, release: &ReleaseRow, fetched: &crate::Fetched) -> Result<(), RunError> {
        let mut transaction = self.parts.store.begin().await?;
        if store::set_fetched(transaction.connection(), release.id, fetched).await? {
            let event = self.made().release(release, fetched, "trunk")?;
            outbox::put(&mut transaction, &event).await?;
        }
        Ok(transaction.commit().await?)
    }
}

/// Removes a folder beside what goes on: it may be large.
pub(crate) fn remove_beside(folder: PathBuf) {
    tokio::spawn(async move {
        if let Err(error) = remove(&folder).await {
            let folder = folder.display();
            tracing::warn!(%error, %folder, "a folder that is not needed any more cannot be removed");
        }
    });
}

/// Removes a folder, where it is there.
pub(super) async fn remove(folder: &std::path::Path) -> std::io::Result<()> {
    match tokio::fs::remove_dir_all(folder).await {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
