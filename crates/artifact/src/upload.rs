//! Receiving an artifact.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use aws_lc_rs::digest::{Context, Digest};
use axum::body::Body;
use bytes::Bytes;
use futures::StreamExt as _;
use tokio::fs::{File, OpenOptions};
use tokio::io::AsyncWriteExt as _;
use trunkline_store::outbox;

use crate::artifacts::to_the_end;
use crate::folder::Part;
use crate::model::{hex, subject};
use crate::space::Share;
use crate::{Artifact, ArtifactError, Artifacts, NewArtifact, digest, event, store};

/// How long a sender may be silent.
const SILENCE: Duration = Duration::from_secs(60);
/// The most artifacts.
const MOST: usize = 10_000;

/// What came so far.
struct Upload {
    file: File,
    part: Part,
    share: Share,
    digest: Context,
}

/// What came, as a whole and durable file.
struct Received {
    part: Part,
    share: Share,
    digest: Digest,
}

impl Artifacts {
    /// Receives an artifact: its content is written to a file, measured, signed, and kept with its event. True where it is new, false where
    /// the same content is there under this name and version already.
    ///
    /// Nothing of it stays where it ends early. Once all of it came it is kept, also where nobody waits for this any more.
    ///
    /// # Errors
    /// [`ArtifactError`] where there is other content under this name and version, where it is too large or there is no room for it, where
    /// it is empty or not what was expected, where it breaks off, and where it cannot be kept.
    pub async fn put(
        self: &Arc<Self>,
        wanted: NewArtifact,
        content: Body,
        by: &str,
    ) -> Result<(Arc<Artifact>, bool), ArtifactError> {
        let place = Arc::clone(&self.uploads).try_acquire_owned();
        let place = place.map_err(|_| ArtifactError::Busy("uploads"))?;
        if wanted.announced.is_some_and(|bytes| bytes > self.max_bytes) {
            return Err(ArtifactError::TooLarge(self.max_bytes));
        }
        // Where the sender says what comes, nothing has to come to know that other content is there.
        if let (Some(there), Some(expected)) =
            (self.find(&wanted.name, &wanted.version), &wanted.expected)
            && there.sha256 != hex(expected)
        {
            return Err(ArtifactError::Exists {
                subject: there.subject(),
                sha256: there.sha256.clone(),
            });
        }
        let received = self.receive(content).await?;
        if received.share.bytes() == 0 {
            return Err(ArtifactError::Invalid("an artifact is not empty".into()));
        }
        if wanted
            .expected
            .is_some_and(|expected| expected != received.digest.as_ref())
        {
            return Err(ArtifactError::Digest(hex(received.digest.as_ref())));
        }
        let (own, by) = (Arc::clone(self), by.to_owned());
        to_the_end(async move {
            let kept = own.keep(wanted, received, by).await;
            drop(place);
            kept
        })
        .await
    }

    async fn receive(&self, content: Body) -> Result<Received, ArtifactError> {
        let mut upload = self.begin().await?;
        let mut chunks = content.into_data_stream();
        loop {
            let chunk = tokio::time::timeout(SILENCE, chunks.next()).await;
            let silence =
                || ArtifactError::Broken(format!("nothing came for {} s", SILENCE.as_secs()));
            match chunk.map_err(|_| silence())? {
                None => break,
                Some(Err(error)) => return Err(ArtifactError::Broken(error.to_string())),
                Some(Ok(chunk)) => self.take(&mut upload, &chunk).await?,
            }
        }
        let Upload {
            mut file,
            part,
            share,
            digest,
        } = upload;
        file.flush()
            .await
            .map_err(|error| self.folder.wrong(&error))?;
        file.sync_all()
            .await
            .map_err(|error| self.folder.wrong(&error))?;
        Ok(Received {
            part,
            share,
            digest: digest.finish(),
        })
    }

    async fn begin(&self) -> Result<Upload, ArtifactError> {
        let part = self
            .folder
            .part(&self.ids.ulid(self.clock.now()).to_string());
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        options.mode(0o600);
        let file = options
            .open(part.path())
            .await
            .map_err(|error| self.folder.wrong(&error))?;
        Ok(Upload {
            file,
            part,
            share: self.space.share(),
            digest: digest::context(),
        })
    }

    async fn take(&self, upload: &mut Upload, chunk: &Bytes) -> Result<(), ArtifactError> {
        let more = chunk.len() as u64;
        if upload.share.bytes() + more > self.max_bytes {
            return Err(ArtifactError::TooLarge(self.max_bytes));
        }
        if !upload.share.grow(more) {
            let full = format!(
                "all artifacts together have at most {} bytes",
                self.space.limit()
            );
            return Err(ArtifactError::Full(full));
        }
        upload.digest.update(chunk);
        upload
            .file
            .write_all(chunk)
            .await
            .map_err(|error| self.folder.wrong(&error))
    }

    /// Puts what came where it belongs, and then into the table.
    async fn keep(
        self: Arc<Self>,
        wanted: NewArtifact,
        received: Received,
        by: String,
    ) -> Result<(Arc<Artifact>, bool), ArtifactError> {
        let _turn = self.turn.lock().await;
        let sha256 = hex(received.digest.as_ref());
        let there = self.find(&wanted.name, &wanted.version);
        if let Some(there) = &there
            && there.sha256 != sha256
        {
            let subject = subject(&wanted.name, &wanted.version);
            return Err(ArtifactError::Exists {
                subject,
                sha256: there.sha256.clone(),
            });
        }
        if there.is_none() && self.count() >= MOST {
            return Err(ArtifactError::Full(format!(
                "there are at most {MOST} artifacts"
            )));
        }
        let bytes = received.share.bytes();
        // Before there is a row that says so. Where it was lost it is back from here on.
        self.settle(received.part, received.share, &sha256).await?;
        if let Some(there) = there {
            return Ok((there, false));
        }
        let artifact = Artifact {
            bytes,
            signature: self.signer.sign(&received.digest)?,
            key: self.signer.key().to_owned(),
            name: wanted.name,
            version: wanted.version,
            sha256,
            content_type: wanted.content_type,
            created: self.clock.now(),
            by,
        };
        let mut transaction = self.store.begin().await?;
        store::insert(transaction.connection(), &artifact).await?;
        let event = event::added(&artifact, &*self.clock, &*self.ids)?;
        outbox::put(&mut transaction, &event).await?;
        transaction.commit().await?;
        let artifact = Arc::new(artifact);
        self.set(Arc::clone(&artifact));
        Ok((artifact, true))
    }

    /// What follows may fail, and the file is then there until the next start: it is counted as long as it is there.
    async fn settle(
        &self,
        part: Part,
        mut share: Share,
        sha256: &str,
    ) -> Result<(), ArtifactError> {
        let (folder, name, bytes) = (self.folder.clone(), sha256.to_owned(), share.bytes());
        let known = self.knows(sha256);
        let settling = tokio::task::spawn_blocking(move || folder.settle(&part, &name, bytes));
        let settled = settling.await.map_err(|_| ArtifactError::Stopped)?;
        let (new, durable) = settled.map_err(|error| self.folder.wrong(&error))?;
        // One that is known was counted when it came first.
        if new && !known {
            share.keep();
        }
        durable.map_err(|error| self.folder.wrong(&error))
    }

    fn count(&self) -> usize {
        self.index
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .len()
    }

    /// Whether some artifact has this content.
    pub(crate) fn knows(&self, sha256: &str) -> bool {
        let index = self.index.read().unwrap_or_else(PoisonError::into_inner);
        index.values().any(|one| one.sha256 == sha256)
    }

    pub(crate) fn set(&self, artifact: Arc<Artifact>) {
        let mut index = self.index.write().unwrap_or_else(PoisonError::into_inner);
        index.insert(artifact.subject(), artifact);
    }
}
