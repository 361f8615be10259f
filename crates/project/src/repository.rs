//! Reading manifests and changes straight from a git repository, a bare one too; nothing is checked out.

use std::fmt;
use std::ops::ControlFlow;
use std::path::Path;

use gix::ObjectId;
use gix::bstr::ByteSlice as _;
use gix::objs::tree::EntryKind;
use gix::prelude::ObjectIdExt as _;

use crate::affected::Change;
use crate::error::ProjectError;
use crate::graph::Graph;
use crate::manifest::{Manifest, is_manifest};
use crate::model::Finding;

/// Bytes of a manifest above which it is not read.
const LARGE: u64 = 1 << 20;
/// Memory for objects that are read again, in bytes.
const OBJECT_CACHE: usize = 16 << 20;
/// Folders deeper than this are not looked into.
const DEPTH: usize = 64;

/// A git repository.
pub struct Repository(gix::Repository);

impl fmt::Debug for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Repository")
            .field(&self.0.git_dir())
            .finish()
    }
}

/// A state of all files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revision {
    /// The commit.
    pub commit: ObjectId,
    tree: ObjectId,
}

impl Repository {
    /// The repository at `path`, or that `path` lies in.
    ///
    /// # Errors
    /// [`ProjectError::NoRepository`] where there is none.
    pub fn discover(path: &Path) -> Result<Self, ProjectError> {
        let no_repository = |source| ProjectError::NoRepository {
            path: path.to_owned(),
            source: Box::new(source),
        };
        let mut repository = gix::discover(path).map_err(no_repository)?;
        repository.object_cache_size_if_unset(OBJECT_CACHE);
        Ok(Self(repository))
    }

    /// The commit that `revision` names, as git reads it: a branch, a tag, an id, `HEAD~3`.
    ///
    /// # Errors
    /// [`ProjectError::NoCommit`] where it names none.
    pub fn revision(&self, revision: &str) -> Result<Revision, ProjectError> {
        let no_commit = || ProjectError::NoCommit(revision.to_owned());
        let id = self.0.rev_parse_single(revision).map_err(|_| no_commit())?;
        let object = id.object().map_err(|_| no_commit())?;
        let commit = object.peel_to_commit().map_err(|_| no_commit())?;
        Ok(Revision {
            commit: commit.id,
            tree: commit.tree_id().map_err(unreadable)?.detach(),
        })
    }

    /// The best common ancestor of two commits: where the one left the way of the other.
    ///
    /// # Errors
    /// [`ProjectError::NoCommit`] where they have none.
    pub fn merge_base(&self, one: Revision, other: Revision) -> Result<Revision, ProjectError> {
        let none = || ProjectError::NoCommit(format!("{}...{}", one.commit, other.commit));
        let base = self.0.merge_base(one.commit, other.commit);
        let base = base.map_err(unreadable)?.ok_or_else(none)?;
        self.revision(&base.to_string())
    }

    /// The projects of `revision`.
    ///
    /// # Errors
    /// [`ProjectError::Unreadable`] where an object is missing or broken.
    pub fn graph(&self, revision: Revision) -> Result<Graph, ProjectError> {
        let mut found = Vec::new();
        self.look_into(revision.tree, "", 0, &mut found)?;
        let mut manifests = Vec::with_capacity(found.len());
        for (path, id) in found {
            manifests.push(self.manifest(&path, id)?);
        }
        Ok(Graph::new(manifests))
    }

    /// Finds manifests in the folder `prefix`, which ends in `/`.
    fn look_into(
        &self,
        tree: ObjectId,
        prefix: &str,
        depth: usize,
        found: &mut Vec<(String, ObjectId)>,
    ) -> Result<(), ProjectError> {
        let tree = tree.attach(&self.0).object().map_err(unreadable)?;
        let tree = tree.try_into_tree().map_err(unreadable)?;
        for entry in tree.iter() {
            let entry = entry.map_err(unreadable)?;
            // A name that is no text is no manifest, and nothing that tools take below it.
            let Ok(name) = entry.filename().to_str() else {
                continue;
            };
            match entry.mode().kind() {
                EntryKind::Tree if depth < DEPTH => {
                    let folder = format!("{prefix}{name}/");
                    self.look_into(entry.object_id(), &folder, depth + 1, found)?;
                }
                EntryKind::Blob | EntryKind::BlobExecutable if is_manifest(name) => {
                    let path = format!("{prefix}{name}");
                    if is_manifest(&path) {
                        found.push((path, entry.object_id()));
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn manifest(
        &self,
        path: &str,
        id: ObjectId,
    ) -> Result<Result<Manifest, Finding>, ProjectError> {
        let header = self.0.find_header(id).map_err(unreadable)?;
        if header.size() > LARGE {
            return Ok(Err(Finding {
                path: path.to_owned(),
                line: None,
                problem: format!("it has more than {LARGE} bytes"),
            }));
        }
        let blob = self.0.find_object(id).map_err(unreadable)?;
        Ok(Manifest::read(path, &blob.data))
    }

    /// The files that differ between two states, in the order of their paths. One that moved is in it under both paths.
    ///
    /// # Errors
    /// [`ProjectError::Unreadable`] where an object is missing or broken.
    pub fn changes(&self, from: Revision, to: Revision) -> Result<Vec<Change>, ProjectError> {
        let tree = |id: ObjectId| {
            let object = id.attach(&self.0).object().map_err(unreadable)?;
            object.try_into_tree().map_err(unreadable)
        };
        let (old, new) = (tree(from.tree)?, tree(to.tree)?);
        let mut changes = Vec::new();
        let mut platform = old.changes().map_err(unreadable)?;
        platform.options(|options| {
            options.track_path().track_rewrites(None);
        });
        let all = platform.for_each_to_obtain_tree(&new, |change| {
            if !change.entry_mode().is_tree() {
                changes.push(Change(change.location().to_string()));
            }
            Ok(ControlFlow::Continue(()))
        });
        all.map_err(unreadable)?;
        changes.sort_unstable();
        Ok(changes)
    }
}

fn unreadable(error: impl fmt::Display) -> ProjectError {
    ProjectError::Unreadable(error.to_string())
}
