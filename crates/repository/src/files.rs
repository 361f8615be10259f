//! Folders and files of a commit.

use gix::ObjectId;
use gix::bstr::ByteSlice as _;
use gix::objs::tree::EntryKind as Kind;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{Bare, RepositoryError, commit};

/// Entries of one folder that are listed.
const MOST: usize = 10_000;

/// What an entry of a folder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// A folder.
    Folder,
    /// A file.
    File,
    /// A file that can be run.
    Program,
    /// A symbolic link.
    Link,
    /// A commit of another repository.
    Submodule,
}

/// One entry of a folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: EntryKind,
    /// Bytes of a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
}

/// A file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// The object that its content is.
    pub id: ObjectId,
    /// Its content.
    pub content: Vec<u8>,
}

impl Bare {
    /// What is in the folder `path` of `revision`, folders before files; the root where `path` is empty.
    ///
    /// # Errors
    /// [`RepositoryError::NotFound`] where there is no such folder.
    pub fn folder(&self, revision: &str, path: &str) -> Result<Vec<Entry>, RepositoryError> {
        let repository = self.local();
        let tree = tree_at(&repository, revision, path)?;
        let mut entries = Vec::new();
        for entry in tree.iter().take(MOST) {
            let entry = entry.map_err(RepositoryError::io)?;
            let kind = match entry.mode().kind() {
                Kind::Tree => EntryKind::Folder,
                Kind::Blob => EntryKind::File,
                Kind::BlobExecutable => EntryKind::Program,
                Kind::Link => EntryKind::Link,
                Kind::Commit => EntryKind::Submodule,
            };
            let bytes = match kind {
                EntryKind::File | EntryKind::Program => {
                    let header = repository.find_header(entry.object_id());
                    header.ok().map(|header| header.size())
                }
                _ => None,
            };
            entries.push(Entry {
                name: entry.filename().to_str_lossy().into_owned(),
                kind,
                bytes,
            });
        }
        entries.sort_by(|one, other| {
            let files_last = |entry: &Entry| entry.kind != EntryKind::Folder;
            (files_last(one), &one.name).cmp(&(files_last(other), &other.name))
        });
        Ok(entries)
    }

    /// The file at `path` of `revision`.
    ///
    /// # Errors
    /// [`RepositoryError::NotFound`] where there is none, [`RepositoryError::Limit`] where it has more than `most` bytes.
    pub fn file(&self, revision: &str, path: &str, most: u64) -> Result<File, RepositoryError> {
        let missing = || RepositoryError::NotFound(format!("file `{path}`"));
        let repository = self.local();
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let tree = tree_at(&repository, revision, folder)?;
        let entry = tree.find_entry(name).ok_or_else(missing)?;
        if !entry.mode().is_blob_or_symlink() {
            return Err(missing());
        }
        let id = entry.object_id();
        let header = repository.find_header(id).map_err(RepositoryError::io)?;
        if header.size() > most {
            return Err(RepositoryError::Limit(format!(
                "`{path}` has {} bytes, {most} are shown at the most",
                header.size()
            )));
        }
        let mut blob = repository.find_object(id).map_err(RepositoryError::io)?;
        Ok(File {
            id,
            content: std::mem::take(&mut blob.data),
        })
    }
}

fn tree_at<'repository>(
    repository: &'repository gix::Repository,
    revision: &str,
    path: &str,
) -> Result<gix::Tree<'repository>, RepositoryError> {
    let missing = || RepositoryError::NotFound(format!("folder `{path}`"));
    let id = commit::resolve(repository, revision)?;
    let tree = repository.find_commit(id).map_err(RepositoryError::io)?;
    let mut tree = tree.tree().map_err(RepositoryError::io)?;
    for part in path.split('/').filter(|part| !part.is_empty()) {
        let id = {
            let entry = tree.find_entry(part).ok_or_else(missing)?;
            if !entry.mode().is_tree() {
                return Err(missing());
            }
            entry.object_id()
        };
        tree = repository.find_tree(id).map_err(RepositoryError::io)?;
    }
    Ok(tree)
}
