//! Receiving a large file.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest::{Context, SHA256};
use axum::body::Body;
use futures::StreamExt as _;
use object_store::{ObjectStoreExt as _, WriteMultipart};
use serde::Serialize;
use trunkline_model::{Event, catalogue};
use trunkline_store::outbox;

use crate::objects::LargeFiles;
use crate::{LfsError, store};

/// How long a sender may be silent.
const SILENCE: Duration = Duration::from_secs(60);
/// Bytes of one part of an upload to the object storage, which takes none below 5 MiB.
const PART: usize = 8 << 20;
/// Parts of one upload that are on their way at once.
const PARTS: usize = 2;

/// A file that is announced.
#[derive(Clone, Debug)]
pub(crate) struct Announced {
    pub(crate) repository: String,
    pub(crate) identity: String,
    pub(crate) oid: String,
    pub(crate) bytes: u64,
}

impl LargeFiles {
    /// Refuses a file that there is no room for.
    pub(crate) async fn require_room(&self, bytes: u64) -> Result<(), LfsError> {
        if bytes > self.config.max_object_bytes {
            return Err(LfsError::TooLarge(self.config.max_object_bytes));
        }
        let total = store::total(&mut *self.reader().await?).await?;
        self.require_total(total.saturating_add(bytes))
    }

    fn require_total(&self, total: u64) -> Result<(), LfsError> {
        let most = self.config.max_total_bytes;
        if total > most {
            return Err(LfsError::Full(format!(
                "all large files together have at most {most} bytes"
            )));
        }
        Ok(())
    }

    /// Receives a file. It has its name once all of it came and is what was announced; nothing of it stays where it is not.
    pub(crate) async fn put(
        self: &Arc<Self>,
        announced: Announced,
        content: Body,
        by: &str,
    ) -> Result<(), LfsError> {
        let place = Arc::clone(&self.uploads).try_acquire_owned();
        let place = place.map_err(|_| LfsError::Busy("uploads"))?;
        let there = self.bytes_of(&announced.identity, &announced.oid).await?;
        if there.is_some() {
            return Ok(());
        }
        self.require_room(announced.bytes).await?;
        let path = self.path(&announced.identity, &announced.oid);
        let upload = self.objects.put_multipart(&path).await?;
        let mut upload = WriteMultipart::new_with_chunk_size(upload, PART);
        if let Err(error) = take(&announced, content, &mut upload).await {
            if let Err(error) = upload.abort().await {
                tracing::warn!(%error, "what came of a large file stays in the object storage");
            }
            return Err(error);
        }
        let (own, by) = (Arc::clone(self), by.to_owned());
        // What came whole is kept, also where nobody waits for it any more.
        let kept = tokio::spawn(async move {
            upload.finish().await?;
            let kept = own.keep(&announced, &by).await;
            drop(place);
            kept
        });
        kept.await.map_err(|_| LfsError::Stopped)?
    }

    /// Writes that the file is there.
    async fn keep(&self, announced: &Announced, by: &str) -> Result<(), LfsError> {
        #[derive(Serialize)]
        struct Stored<'a> {
            repository: &'a str,
            oid: &'a str,
            bytes: u64,
            by: &'a str,
        }
        let Announced {
            repository,
            identity,
            oid,
            bytes,
        } = announced;
        let now = self.clock.now();
        let data = Stored {
            repository,
            oid,
            bytes: *bytes,
            by,
        };
        let kind = catalogue::LFS_OBJECT_STORED;
        let event = Event::platform("lfs", kind, repository, now, &*self.ids, &data)?;
        let mut transaction = self.store.begin().await?;
        let total = store::total(transaction.connection()).await?;
        let row = (identity.as_str(), oid.as_str(), *bytes);
        let new = store::insert(transaction.connection(), row, now.as_micros(), by).await?;
        if !new {
            return Ok(());
        }
        // Others may have come meanwhile. It is removed before the transaction ends: until then nobody else writes that it is there.
        if let Err(full) = self.require_total(total.saturating_add(*bytes)) {
            self.objects.delete(&self.path(identity, oid)).await?;
            return Err(full);
        }
        outbox::put(&mut transaction, &event).await?;
        transaction.commit().await?;
        Ok(())
    }
}

/// Takes what comes, up to its end, and refuses what was not announced.
async fn take(
    announced: &Announced,
    content: Body,
    upload: &mut WriteMultipart,
) -> Result<(), LfsError> {
    let mut chunks = content.into_data_stream();
    let mut digest = Context::new(&SHA256);
    let mut bytes = 0;
    loop {
        let chunk = tokio::time::timeout(SILENCE, chunks.next()).await;
        let silence = || LfsError::Broken(format!("nothing came for {} s", SILENCE.as_secs()));
        let Some(chunk) = chunk.map_err(|_| silence())? else {
            break;
        };
        let chunk = chunk.map_err(|error| LfsError::Broken(error.to_string()))?;
        bytes += chunk.len() as u64;
        if bytes > announced.bytes {
            return Err(LfsError::Broken(format!(
                "more than the {} bytes that were announced came",
                announced.bytes
            )));
        }
        digest.update(&chunk);
        upload.wait_for_capacity(PARTS).await?;
        upload.put(chunk);
    }
    let found = hex(digest.finish().as_ref());
    if found != announced.oid || bytes != announced.bytes {
        return Err(LfsError::Digest { found, bytes });
    }
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a string does not fail.
        let _written = write!(text, "{byte:02x}");
    }
    text
}
