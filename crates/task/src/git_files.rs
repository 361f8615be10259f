//! The files of a commit, straight from a repository.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use gix::ObjectId;
use gix::objs::tree::EntryKind;

use crate::files::{LARGE, text_of};
use crate::{FileEntry, FileMode, Files, TaskError};

/// Files of one commit.
const MOST: usize = 1_000_000;
/// Folders deeper than this are refused.
const DEPTH: usize = 128;

/// The files of a commit.
pub struct CommitFiles {
    repository: gix::Repository,
    all: BTreeMap<String, FileEntry>,
}

impl fmt::Debug for CommitFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CommitFiles")
            .field("files", &self.all.len())
            .finish_non_exhaustive()
    }
}

impl CommitFiles {
    /// The files of the commit `revision` of the repository at `path`, a bare one too.
    ///
    /// # Errors
    /// [`TaskError::Files`] where there is no such commit, or it has more than a million files.
    pub fn open(path: &Path, revision: &str) -> Result<Self, TaskError> {
        let repository = gix::open_opts(path, gix::open::Options::isolated())
            .or_else(|_| gix::discover(path))
            .map_err(TaskError::files)?;
        let id = repository
            .rev_parse_single(revision)
            .map_err(TaskError::files)?
            .detach();
        let object = repository.find_object(id).map_err(TaskError::files)?;
        let commit = object.peel_to_commit().map_err(TaskError::files)?;
        let tree = commit.tree_id().map_err(TaskError::files)?.detach();
        drop(commit);
        let mut files = Self {
            repository,
            all: BTreeMap::new(),
        };
        files.walk(tree, "", 0)?;
        Ok(files)
    }

    fn walk(&mut self, tree: ObjectId, prefix: &str, depth: usize) -> Result<(), TaskError> {
        let mut folders = Vec::new();
        {
            let tree = self.repository.find_tree(tree).map_err(TaskError::files)?;
            for entry in tree.iter() {
                let entry = entry.map_err(TaskError::files)?;
                let path = format!("{prefix}{}", text_of(entry.filename()));
                let mode = match entry.mode().kind() {
                    EntryKind::Tree => {
                        folders.push((entry.object_id(), path));
                        continue;
                    }
                    EntryKind::Blob => FileMode::Plain,
                    EntryKind::BlobExecutable => FileMode::Program,
                    EntryKind::Link => FileMode::Link,
                    EntryKind::Commit => FileMode::Submodule,
                };
                let id = entry.object_id();
                self.all.insert(path, FileEntry { mode, id });
            }
        }
        if self.all.len() > MOST || depth > DEPTH {
            return Err(TaskError::Files(format!(
                "more than {MOST} files, or folders deeper than {DEPTH}"
            )));
        }
        for (tree, path) in folders {
            self.walk(tree, &format!("{path}/"), depth + 1)?;
        }
        Ok(())
    }
}

impl Files for CommitFiles {
    fn all(&self) -> &BTreeMap<String, FileEntry> {
        &self.all
    }

    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, TaskError> {
        let Some(entry) = self.all.get(path).filter(|entry| entry.mode.is_file()) else {
            return Ok(None);
        };
        let header = self.repository.find_header(entry.id);
        let header = header.map_err(TaskError::files)?;
        if header.size() > LARGE {
            return Err(TaskError::Files(format!(
                "`{path}` has more than {LARGE} bytes"
            )));
        }
        let object = self.repository.find_object(entry.id);
        let mut object = object.map_err(TaskError::files)?;
        Ok(Some(std::mem::take(&mut object.data)))
    }
}
