//! Contents that other tools keep here under names of their own: what they mean is theirs.

use std::io::Read;

use serde::{Deserialize, Serialize};

use super::folder::{Namespace, Store, put, spread};
use super::objects::note_use_of;
use crate::{Key, TaskError};

/// Bytes of what a tool says beside a content.
const TAG: usize = 4_096;

/// A content that a tool kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blob {
    /// Its hash, as 64 hexadecimal digits.
    pub hash: String,
    /// Its bytes.
    pub bytes: u64,
    /// What the tool said beside it, such as a signature or a time.
    pub tag: String,
}

impl Store {
    /// Keeps the content that `from` gives under `name`.
    ///
    /// # Errors
    /// [`TaskError::Store`] where the disk refuses, or it is too large.
    pub fn put_blob(
        &self,
        of: &Namespace,
        name: &str,
        tag: &str,
        from: impl Read,
    ) -> Result<Blob, TaskError> {
        if tag.len() > TAG {
            return Err(TaskError::Store(format!("a tag has at most {TAG} bytes")));
        }
        let (hash, bytes) = self.put_object(from)?;
        let blob = Blob {
            hash: hash.to_string(),
            bytes,
            tag: tag.to_owned(),
        };
        let text = serde_json::to_vec(&blob).map_err(TaskError::store)?;
        put(&self.part(), &self.blob_place(of, name), &text).map_err(TaskError::store)?;
        self.evict();
        Ok(blob)
    }

    /// What is kept under `name` and `reader` may see: a person the own and the trusted ones.
    ///
    /// # Errors
    /// [`TaskError::Store`] where the disk cannot be read.
    pub fn blob(&self, reader: &Namespace, name: &str) -> Result<Option<Blob>, TaskError> {
        for of in [&Namespace::Trusted, reader] {
            let place = self.blob_place(of, name);
            let Ok(text) = std::fs::read(&place) else {
                continue;
            };
            let blob: Option<Blob> = serde_json::from_slice(&text).ok();
            let kept = |blob: &Blob| {
                blob.hash
                    .parse()
                    .is_ok_and(|hash: Key| self.has_object(&hash))
            };
            if let Some(blob) = blob.filter(kept) {
                if let Ok(found) = std::fs::metadata(&place) {
                    note_use_of(&place, &found);
                }
                return Ok(Some(blob));
            }
        }
        Ok(None)
    }

    /// The content of a blob, verified; nothing where it is not what was kept.
    #[must_use]
    pub fn blob_bytes(&self, blob: &Blob) -> Option<Vec<u8>> {
        self.object_bytes(&blob.hash.parse().ok()?, blob.bytes)
    }

    fn blob_place(&self, of: &Namespace, name: &str) -> std::path::PathBuf {
        // A name of somebody else's may have any letters.
        let name = crate::key::hash(name.as_bytes()).to_string();
        spread(&self.root.join("blobs").join(of.folder()), &name)
    }
}
