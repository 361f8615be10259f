//! Contents that other tools keep here under names of their own: what they mean is theirs.

use std::io::Read;
use std::sync::atomic::Ordering;

use serde::{Deserialize, Serialize};

use super::folder::{Namespace, Store, put, spread};
use super::objects::note_use_of;
use crate::TaskError;

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
        // Many names of one content fill a disk too.
        self.taken().fetch_add(text.len() as u64, Ordering::Relaxed);
        self.evict();
        Ok(blob)
    }

    /// What is kept under `name` and `reader` may see: a person the own and the trusted ones.
    ///
    /// # Errors
    /// [`TaskError::Store`] where the disk cannot be read.
    pub fn blob(&self, reader: &Namespace, name: &str) -> Result<Option<Blob>, TaskError> {
        let mut namespaces = [&Namespace::Trusted, reader].into_iter();
        Ok(namespaces.find_map(|of| self.blob_in(of, name)))
    }

    /// What is kept under `name` in this namespace alone.
    #[must_use]
    pub fn blob_in(&self, of: &Namespace, name: &str) -> Option<Blob> {
        let place = self.blob_place(of, name);
        let blob: Blob = serde_json::from_slice(&std::fs::read(&place).ok()?).ok()?;
        if !self.has_object(&blob.hash.parse().ok()?) {
            return None;
        }
        if let Ok(found) = std::fs::metadata(&place) {
            note_use_of(&place, &found);
        }
        Some(blob)
    }

    /// The content of a blob, verified; nothing where it is not what was kept.
    #[must_use]
    pub fn blob_bytes(&self, blob: &Blob) -> Option<Vec<u8>> {
        self.object_bytes(&blob.hash.parse().ok()?, blob.bytes)
    }

    /// The content of a blob as it lies there: whoever reads it verifies it.
    #[must_use]
    pub fn blob_content(&self, blob: &Blob) -> Option<Box<dyn Read + Send>> {
        self.read_object(&blob.hash.parse().ok()?)
    }

    /// Removes a content that is not what was kept.
    pub fn remove_blob_content(&self, blob: &Blob) {
        if let Ok(hash) = blob.hash.parse() {
            self.remove_broken(&hash);
        }
    }

    fn blob_place(&self, of: &Namespace, name: &str) -> std::path::PathBuf {
        // A name of somebody else's may have any letters.
        let name = crate::key::hash(name.as_bytes()).to_string();
        spread(&self.root.join("blobs").join(of.folder()), &name)
    }
}
