//! The folder in which content lies, each under its SHA-256.

use std::collections::HashMap;
use std::fs::DirBuilder;
use std::io::{ErrorKind, Result};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::ArtifactError;

/// How long content is kept that no artifact has.
const KEPT: Duration = Duration::from_secs(30 * 86_400);
/// What the name of a file ends with that is not whole yet.
const PART: &str = ".part";

/// The folder.
#[derive(Clone, Debug)]
pub(crate) struct Folder(PathBuf);

/// A file that is being received. It goes away when this is dropped, unless it was settled.
#[derive(Debug)]
pub(crate) struct Part(PathBuf);

impl Folder {
    /// The folder at `path`, which is made where there is none. What was being received at a crash is removed at once. What is the content
    /// of none of `known`, which are SHA-256 with the bytes of the file, is removed once it is old: it may be that the table is an older
    /// one that was put back. Files with other names are let alone.
    pub(crate) fn open(
        path: PathBuf,
        known: &HashMap<String, u64>,
    ) -> std::result::Result<Self, ArtifactError> {
        let folder = Self(path);
        folder
            .make()
            .and_then(|()| folder.sweep(known))
            .map_err(|error| folder.wrong(&error))?;
        for (sha256, bytes) in known {
            let found = std::fs::metadata(folder.file(sha256)).map(|found| found.len());
            if !found.as_ref().is_ok_and(|found| found == bytes) {
                tracing::error!(sha256, bytes, found = ?found.ok(), "the content of an artifact is lost");
            }
        }
        Ok(folder)
    }

    fn make(&self) -> Result<()> {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&self.0)
    }

    fn sweep(&self, known: &HashMap<String, u64>) -> Result<()> {
        for entry in std::fs::read_dir(&self.0)? {
            let entry = entry?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let unknown = is_sha256(&name) && !known.contains_key(&*name);
            if unknown && !is_old(&entry)? {
                tracing::warn!(
                    file = &*name,
                    "content that no artifact has is kept for 30 days"
                );
            } else if unknown || name.ends_with(PART) {
                tracing::info!(file = &*name, "removed what an upload left behind");
                std::fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    /// Where the content with this SHA-256 lies.
    pub(crate) fn file(&self, sha256: &str) -> PathBuf {
        self.0.join(sha256)
    }

    /// A place for what is being received, under a name that nobody else has.
    pub(crate) fn part(&self, id: &str) -> Part {
        Part(self.0.join(format!("{id}{PART}")))
    }

    /// Puts the whole and durable file of `part` where the content with this SHA-256 and so many bytes lies: whether that was new, and
    /// whether the name is durable. One that was there already may have come just before a sync that failed.
    pub(crate) fn settle(
        &self,
        part: &Part,
        sha256: &str,
        bytes: u64,
    ) -> Result<(bool, Result<()>)> {
        let file = self.file(sha256);
        let there = std::fs::metadata(&file).is_ok_and(|found| found.len() == bytes);
        if !there {
            std::fs::rename(&part.0, &file)?;
        }
        Ok((!there, self.sync()))
    }

    /// Removes content. Who downloads it goes on.
    pub(crate) fn remove(&self, sha256: &str) -> Result<()> {
        match std::fs::remove_file(self.file(sha256)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Makes names durable. A file's own sync does not.
    fn sync(&self) -> Result<()> {
        std::fs::File::open(&self.0)?.sync_all()
    }

    /// The error that `source` is about this folder.
    pub(crate) fn wrong(&self, source: &std::io::Error) -> ArtifactError {
        if matches!(
            source.kind(),
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded
        ) {
            return ArtifactError::Full("the disk is full".into());
        }
        ArtifactError::file(&self.0, source)
    }
}

impl Part {
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // What is not there was settled, and what cannot be removed is swept at the next start.
        drop(std::fs::remove_file(&self.0));
    }
}

/// Whether a file was written so long ago that nobody will miss it.
fn is_old(entry: &std::fs::DirEntry) -> Result<bool> {
    let age = entry.metadata()?.modified()?.elapsed();
    Ok(age.is_ok_and(|age| age > KEPT))
}

fn is_sha256(name: &str) -> bool {
    name.len() == 64
        && name
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
