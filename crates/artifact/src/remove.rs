//! Removing an artifact.

use std::sync::{Arc, PoisonError};

use trunkline_store::{Transaction, outbox};

use crate::artifacts::to_the_end;
use crate::{Artifact, ArtifactError, Artifacts, event, store};

impl Artifacts {
    /// Removes an artifact, with its content where no other artifact has the same.
    ///
    /// # Errors
    /// [`ArtifactError::Unknown`]; [`ArtifactError::InUse`] where a job that is not over uses it.
    pub async fn remove(
        self: &Arc<Self>,
        name: &str,
        version: &str,
        by: &str,
    ) -> Result<(), ArtifactError> {
        let (own, name) = (Arc::clone(self), name.to_owned());
        let (version, by) = (version.to_owned(), by.to_owned());
        to_the_end(async move { own.take_away(&name, &version, &by).await }).await
    }

    async fn take_away(&self, name: &str, version: &str, by: &str) -> Result<(), ArtifactError> {
        let _turn = self.turn.lock().await;
        let artifact = self.artifact(name, version)?;
        let mut transaction = self.store.begin().await?;
        let job = self.in_use.job_with(name, version).await;
        if let Some(job) = job.map_err(ArtifactError::NotKnown)? {
            return Err(ArtifactError::InUse(job));
        }
        let event = event::removed(&artifact, by, &*self.clock, &*self.ids)?;
        store::remove(transaction.connection(), &artifact).await?;
        outbox::put(&mut transaction, &event).await?;
        self.commit_without(transaction, &artifact).await?;
        if !self.knows(&artifact.sha256) {
            self.drop_content(&artifact).await;
        }
        Ok(())
    }

    /// Out of the index first: a job whose own change comes next must not find what is gone.
    async fn commit_without(
        &self,
        transaction: Transaction,
        artifact: &Arc<Artifact>,
    ) -> Result<(), ArtifactError> {
        {
            let mut index = self.index.write().unwrap_or_else(PoisonError::into_inner);
            index.remove(&artifact.subject());
        }
        if let Err(error) = transaction.commit().await {
            self.set(Arc::clone(artifact));
            return Err(error.into());
        }
        Ok(())
    }

    /// A file that cannot be removed goes away at the next start, and counts until then.
    async fn drop_content(&self, artifact: &Artifact) {
        let (folder, sha256) = (self.folder.clone(), artifact.sha256.clone());
        let removing = tokio::task::spawn_blocking(move || folder.remove(&sha256));
        match removing.await {
            Ok(Ok(())) => self.space.give_back(artifact.bytes),
            failed => {
                tracing::warn!(
                    artifact = artifact.subject(),
                    ?failed,
                    "cannot remove the content of an artifact"
                );
            }
        }
    }
}
